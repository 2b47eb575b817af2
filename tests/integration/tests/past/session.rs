//! One of the sessions whose transactions are interleaved.
//!
//! One statement runs at a time, so that a seed tells all that happens; who waits for another one's
//! lock gives up after a moment.

use fastrand::Rng;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::statement;

pub(crate) struct Session {
    pub(crate) number: usize,
    /// A pool of one.
    pub(crate) db: DatabaseConnection,
    state: State,
    pub(crate) failed: usize,
    pub(crate) done: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Open { is_alive: bool, has_savepoint: bool },
}

impl Session {
    pub(crate) fn new(number: usize, db: DatabaseConnection) -> Self {
        Self { number, db, state: State::Idle, failed: 0, done: 0 }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.state != State::Idle
    }

    /// Whatever the session does next.
    pub(crate) async fn step(&mut self, rng: &mut Rng, log: &mut Vec<String>) {
        match self.state {
            State::Idle if rng.u8(..3) == 0 => {
                let sql = statement::write(rng);
                self.run(&sql, log).await;
            }
            State::Idle => self.begin(rng, log).await,
            State::Open { is_alive: false, has_savepoint: true } => self.back(log).await,
            State::Open { is_alive: false, .. } => self.end("ROLLBACK", log).await,
            State::Open { has_savepoint, .. } => match rng.u8(..12) {
                0 => self.end("ROLLBACK", log).await,
                1 | 2 => self.end("COMMIT", log).await,
                3 if has_savepoint => self.back(log).await,
                3..6 => {
                    self.run("SAVEPOINT s", log).await;
                    self.state = State::Open { is_alive: true, has_savepoint: true };
                }
                _ => self.write(rng, log).await,
            },
        }
    }

    /// Something of which nobody else may see anything.
    pub(crate) async fn unseen_step(&mut self, rng: &mut Rng, log: &mut Vec<String>) {
        match self.state {
            State::Idle => self.begin(rng, log).await,
            State::Open { is_alive: true, .. } => self.write(rng, log).await,
            State::Open { .. } => {}
        }
    }

    /// A truncate of which nobody else may see anything: of the first table that nobody has locked.
    pub(crate) async fn unseen_truncate(&mut self, rng: &mut Rng, log: &mut Vec<String>) {
        if self.state == State::Idle {
            self.begin(rng, log).await;
        }
        if !matches!(self.state, State::Open { is_alive: true, .. }) {
            return;
        }
        for _ in 0..8 {
            self.run("SAVEPOINT s", log).await;
            self.state = State::Open { is_alive: true, has_savepoint: true };
            if self.run(&statement::truncate(rng), log).await {
                return;
            }
            self.back(log).await;
        }
    }

    /// Ends the transaction, if there is one.
    pub(crate) async fn finish(&mut self, rng: &mut Rng, log: &mut Vec<String>) {
        match self.state {
            State::Idle => {}
            State::Open { is_alive: true, .. } if rng.u8(..4) > 0 => self.end("COMMIT", log).await,
            State::Open { .. } => self.end("ROLLBACK", log).await,
        }
    }

    async fn begin(&mut self, rng: &mut Rng, log: &mut Vec<String>) {
        let level = ["", "", "", " ISOLATION LEVEL REPEATABLE READ"][rng.usize(..4)];
        self.run(&format!("BEGIN{level}"), log).await;
        self.state = State::Open { is_alive: true, has_savepoint: false };
    }

    async fn write(&mut self, rng: &mut Rng, log: &mut Vec<String>) {
        let sql = statement::write(rng);
        self.within(&sql, log).await;
    }

    async fn within(&mut self, sql: &str, log: &mut Vec<String>) {
        let is_alive = self.run(sql, log).await;
        if let State::Open { has_savepoint, .. } = self.state {
            self.state = State::Open { is_alive, has_savepoint };
        }
    }

    async fn back(&mut self, log: &mut Vec<String>) {
        self.run("ROLLBACK TO SAVEPOINT s", log).await;
        self.state = State::Open { is_alive: true, has_savepoint: true };
    }

    async fn end(&mut self, how: &str, log: &mut Vec<String>) {
        self.run(how, log).await;
        self.state = State::Idle;
    }

    async fn run(&mut self, sql: &str, log: &mut Vec<String>) -> bool {
        let done = self.db.execute_unprepared(sql).await;
        let how = match &done {
            Ok(done) => {
                self.done += 1;
                format!("{} rows", done.rows_affected())
            }
            Err(error) => {
                self.failed += 1;
                error.to_string()
            }
        };
        log.push(format!("s{}: {sql} -- {how}", self.number));
        done.is_ok()
    }
}
