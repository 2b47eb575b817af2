//! What is done within one transaction.

use fastrand::Rng;
use sea_orm::{ConnectionTrait, DbBackend};

use crate::journal::Journal;
use crate::statement::{Generator, Statement, forgery, setting};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// The flag is whether it is put into a savepoint of its own.
    Write(Statement, bool),
    Aside(String),
    Savepoint,
    RollbackTo,
    Release,
}

pub(crate) fn steps(rng: &mut Rng, generator: Generator<'_>) -> Vec<Step> {
    let count = rng.usize(1..8);
    (0..count).map(|_| step(rng, generator)).collect()
}

fn step(rng: &mut Rng, generator: Generator<'_>) -> Step {
    match rng.u8(..40) {
        0..3 => Step::Savepoint,
        3..5 => Step::RollbackTo,
        5 => Step::Release,
        6 | 7 => Step::Aside(setting(rng)),
        8 => Step::Aside(forgery(rng).to_owned()),
        _ => Step::Write(generator.write(rng), rng.u8(..3) > 0),
    }
}

/// How it ended.
pub(crate) struct Done {
    /// Whether there is something left to commit.
    pub(crate) is_alive: bool,
    pub(crate) has_written: bool,
}

/// Runs statements on a connection, and writes down how that went.
pub(crate) struct Runner<'a, C> {
    pub(crate) db: &'a C,
    pub(crate) unit: &'a str,
    pub(crate) journal: &'a Journal,
}

impl<C: ConnectionTrait> Runner<'_, C> {
    /// The number of rows, or `None` if the statement failed.
    pub(crate) async fn run(&self, sql: &str) -> Option<u64> {
        // By one protocol or the other, the same for the same statement.
        let result = if sql.len().is_multiple_of(2) {
            self.db.execute_unprepared(sql).await
        } else {
            self.db.execute_raw(sea_orm::Statement::from_string(DbBackend::Postgres, sql)).await
        };
        match result {
            Ok(done) => {
                self.journal.line(self.unit, sql, format_args!("{} rows", done.rows_affected()));
                Some(done.rows_affected())
            }
            Err(error) => {
                self.journal.line(self.unit, sql, format_args!("error: {error}"));
                None
            }
        }
    }

    pub(crate) async fn steps(&self, steps: Vec<Step>) -> Done {
        let mut has_written = false;
        // Of each open savepoint, whether something was written before it.
        let mut savepoints: Vec<bool> = Vec::new();
        for step in steps {
            let fine = match step {
                Step::Write(statement, apart) => match self.write(&statement, apart).await {
                    Some(rows) => {
                        has_written |= statement.is_telling && rows > 0;
                        true
                    }
                    None => apart,
                },
                Step::Aside(sql) => self.apart(&sql).await,
                Step::Savepoint => {
                    savepoints.push(has_written);
                    self.run(&format!("SAVEPOINT s{}", savepoints.len())).await.is_some()
                }
                Step::RollbackTo => match savepoints.last() {
                    None => true,
                    Some(before) => {
                        has_written = *before;
                        let sql = format!("ROLLBACK TO SAVEPOINT s{}", savepoints.len());
                        self.run(&sql).await.is_some()
                    }
                },
                Step::Release => match savepoints.pop() {
                    None => true,
                    Some(_) => {
                        let sql = format!("RELEASE SAVEPOINT s{}", savepoints.len() + 1);
                        self.run(&sql).await.is_some()
                    }
                },
            };
            let recovered = fine || self.recover(&savepoints, &mut has_written).await;
            if !recovered {
                return Done { is_alive: false, has_written };
            }
        }
        Done { is_alive: true, has_written }
    }

    /// After an error: back to the last savepoint, if there is one.
    async fn recover(&self, savepoints: &[bool], has_written: &mut bool) -> bool {
        let Some(before) = savepoints.last() else { return false };
        *has_written = *before;
        self.run(&format!("ROLLBACK TO SAVEPOINT s{}", savepoints.len())).await.is_some()
    }

    async fn write(&self, statement: &Statement, apart: bool) -> Option<u64> {
        if !apart {
            return self.run(&statement.sql).await;
        }
        self.run("SAVEPOINT apart").await?;
        let rows = self.run(&statement.sql).await;
        let end = if rows.is_some() { "RELEASE SAVEPOINT apart" } else { "ROLLBACK TO apart" };
        self.run(end).await?;
        rows
    }

    /// Something that may fail and that nothing depends on.
    async fn apart(&self, sql: &str) -> bool {
        self.write(&Statement { sql: sql.to_owned(), is_telling: false }, true).await;
        true
    }
}
