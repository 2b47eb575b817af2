//! One of the sessions that write at the same time.

use std::sync::Arc;

use fastrand::Rng;
use sea_orm::sqlx::postgres::PgPoolCopyExt;
use sea_orm::{DatabaseConnection, IsolationLevel};
use threadline::{Action, ActorRef, AuditContext, AuditExt};

use crate::body::{Runner, Step, steps};
use crate::journal::{Journal, Outcome, Unit};
use crate::parts::with_parts;
use crate::statement::{self, Generator};
use crate::world::World;

/// What the server can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Abilities {
    pub(crate) merges: bool,
    pub(crate) prepares: bool,
}

pub(crate) struct Session {
    pub(crate) number: usize,
    /// A pool of one, so that every statement runs in the same session.
    pub(crate) db: DatabaseConnection,
    pub(crate) rng: Rng,
    pub(crate) world: World,
    pub(crate) journal: Arc<Journal>,
    pub(crate) can: Abilities,
    pub(crate) units: usize,
}

impl Session {
    /// Runs `count` transactions.
    pub(crate) async fn run(mut self, count: usize) -> Self {
        for _ in 0..count {
            self.units += 1;
            let unit = self.unit().await;
            self.journal.unit(unit);
        }
        self
    }

    async fn unit(&mut self) -> Unit {
        let unit = Unit {
            name: format!("s{} u{}", self.number, self.units),
            actor: None,
            is_audited: false,
            keeps_snapshot: false,
            has_written: false,
            outcome: Outcome::Open,
        };
        self.runner("").run(&format!("SET application_name = '{}'", unit.name)).await;
        match self.rng.u8(..20) {
            0..4 => self.alone(unit).await,
            4 => self.batch(unit).await,
            5 => self.copy(unit).await,
            6 if self.can.prepares => self.prepared(unit).await,
            6..13 => self.audited(unit).await,
            _ => self.plain(unit).await,
        }
    }

    fn runner<'a>(&'a self, unit: &'a str) -> Runner<'a, DatabaseConnection> {
        Runner { db: &self.db, unit, journal: &self.journal }
    }

    fn steps(&mut self) -> Vec<Step> {
        let world = self.world.read().expect("no panic before");
        steps(&mut self.rng, Generator { tables: &with_parts(&world), merges: self.can.merges })
    }

    fn write(&mut self) -> statement::Statement {
        let world = self.world.read().expect("no panic before");
        Generator { tables: &with_parts(&world), merges: self.can.merges }.write(&mut self.rng)
    }

    /// A statement without a transaction around it.
    async fn alone(&mut self, mut unit: Unit) -> Unit {
        let statement = self.write();
        let rows = self.runner(&unit.name).run(&statement.sql).await;
        unit.has_written = statement.is_telling && rows.is_some_and(|rows| rows > 0);
        unit.outcome = outcome(rows.is_some());
        unit
    }

    /// Several statements sent at once, which are one transaction.
    async fn batch(&mut self, mut unit: Unit) -> Unit {
        let statements = [self.write().sql, self.write().sql];
        let mut sql = statements.join("; ");
        // An odd length would send it by the protocol that takes one statement.
        if !sql.len().is_multiple_of(2) {
            sql.push(' ');
        }
        unit.outcome = outcome(self.runner(&unit.name).run(&sql).await.is_some());
        unit
    }

    async fn copy(&mut self, mut unit: Unit) -> Unit {
        let made = {
            let world = self.world.read().expect("no panic before");
            let tables = with_parts(&world);
            let generator = Generator { tables: &tables, merges: self.can.merges };
            statement::copy(&mut self.rng, generator)
        };
        let Some((sql, data)) = made else { return self.alone(unit).await };
        let pool = self.db.get_postgres_connection_pool();
        let copied = match pool.copy_in_raw(&sql).await {
            Err(error) => Err(error),
            Ok(mut copy) => match copy.send(data.as_bytes()).await {
                Err(error) => Err(error),
                Ok(_) => copy.finish().await,
            },
        };
        match &copied {
            Ok(rows) => self.journal.line(&unit.name, &sql, format_args!("{rows} rows")),
            Err(error) => self.journal.line(&unit.name, &sql, format_args!("error: {error}")),
        }
        unit.outcome = outcome(copied.is_ok());
        unit.has_written = copied.is_ok_and(|rows| rows > 0);
        unit
    }

    /// A transaction as psql would run it.
    async fn plain(&mut self, mut unit: Unit) -> Unit {
        self.begin(&mut unit).await;
        let (steps, commits) = (self.steps(), self.rng.u8(..8) > 0);
        let runner = self.runner(&unit.name);
        let done = runner.steps(steps).await;
        // The commit of a transaction that has failed is a rollback, and no error.
        let ended = runner.run(if commits { "COMMIT" } else { "ROLLBACK" }).await;
        unit.outcome = outcome(ended.is_some() && done.is_alive && commits);
        unit.has_written = done.has_written;
        unit
    }

    async fn begin(&mut self, unit: &mut Unit) {
        let level = isolation(&mut self.rng);
        unit.keeps_snapshot = level.is_some();
        let level = level.map_or(String::new(), |level| format!(" ISOLATION LEVEL {level}"));
        let runner = self.runner(&unit.name);
        runner.run(&format!("BEGIN{level}")).await;
        if self.rng.bool() {
            let id = self.rng.u16(1..99).to_string();
            let runner = self.runner(&unit.name);
            let said = format!(r#"{{"actor": {{"type": "user", "id": "{id}"}}}}"#);
            runner.run(&format!("SELECT set_config('threadline.context', '{said}', true)")).await;
            unit.actor = Some(id);
        }
    }

    /// Prepared for two-phase commit, and ended after that.
    async fn prepared(&mut self, mut unit: Unit) -> Unit {
        self.begin(&mut unit).await;
        let (steps, commits) = (self.steps(), self.rng.u8(..4) > 0);
        let runner = self.runner(&unit.name);
        let done = runner.steps(steps).await;
        let name = unit.name.replace(' ', "");
        let prepared = runner.run(&format!("PREPARE TRANSACTION '{name}'")).await.is_some();
        let mut committed = false;
        if done.is_alive && prepared {
            let word = if commits { "COMMIT" } else { "ROLLBACK" };
            let ended = runner.run(&format!("{word} PREPARED '{name}'")).await;
            committed = commits && ended.is_some();
        } else {
            runner.run("ROLLBACK").await;
        }
        unit.outcome = outcome(committed);
        unit.has_written = done.has_written;
        unit
    }

    /// A transaction by Threadline's own wrapper.
    async fn audited(&mut self, mut unit: Unit) -> Unit {
        let level = isolation(&mut self.rng);
        let id = self.rng.u16(100..999).to_string();
        let context = AuditContext::new(ActorRef::user(&id));
        unit.is_audited = true;
        unit.keeps_snapshot = level.is_some();
        unit.actor = Some(id);
        let (steps, inner) = (self.steps(), self.rng.bool().then(|| self.steps()));
        let [commits, inner_commits] = [0; 2].map(|_| self.rng.u8(..8) > 0);
        let begun = self.db.audit_begin_with(&context, Action::new("outer"), level, None).await;
        let txn = begun.expect("an audited transaction can be begun");
        let runner = Runner { db: &txn, unit: &unit.name, journal: &self.journal };
        let done = runner.steps(steps).await;
        unit.has_written = done.has_written;
        if let Some(inner) = inner.filter(|_| done.is_alive)
            && let Ok(nested) = txn.audit_begin(&context, Action::new("inner")).await
        {
            let runner = Runner { db: &nested, unit: &unit.name, journal: &self.journal };
            let done = runner.steps(inner).await;
            let kept = if inner_commits {
                nested.commit().await.is_ok()
            } else {
                nested.rollback().await.expect("a savepoint can be rolled back");
                false
            };
            self.journal.line(&unit.name, "(the inner action)", format_args!("kept: {kept}"));
            unit.has_written |= kept && done.has_written;
        }
        let committed = if commits {
            txn.commit().await.map(drop).map_err(|error| error.to_string())
        } else {
            let _ = txn.rollback().await;
            Err("rolled back".to_owned())
        };
        self.journal.line(&unit.name, "(the commit)", format_args!("{committed:?}"));
        unit.outcome = outcome(committed.is_ok());
        unit
    }
}

fn outcome(is_committed: bool) -> Outcome {
    if is_committed { Outcome::Committed } else { Outcome::RolledBack }
}

/// `None` is the usual one, in which every statement sees what is committed.
fn isolation(rng: &mut Rng) -> Option<IsolationLevel> {
    match rng.u8(..6) {
        0 => Some(IsolationLevel::RepeatableRead),
        1 => Some(IsolationLevel::Serializable),
        _ => None,
    }
}
