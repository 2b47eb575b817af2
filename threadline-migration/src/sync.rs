//! Makes the database audit what the registry says: for development and tests.

use std::collections::BTreeMap;
use std::fmt;

use sea_orm::{TransactionSession, TransactionTrait};
use threadline::{Registry, TableName};

use crate::error::Error;
use crate::install::up_v1;
use crate::plan::{Plan, Verb, plan};
use crate::search_path;

/// What [`sync`] did to one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It was not audited before.
    Created,
    /// Its function, triggers or policy differed and were replaced, without a gap in capture.
    Updated,
    /// It was as it should be, but not all of its rows were in the trail, and now they are.
    Recorded,
    /// It was as it should be.
    Unchanged,
    /// It is audited, but the registry does not know it. It is left alone: the crate of its entity
    /// may just not be linked in.
    Orphan,
}

/// What [`sync`] did, a line a table, sorted by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The tables and what became of each.
    pub tables: Vec<(TableName, Outcome)>,
}

impl Report {
    /// Whether nothing had to be done.
    pub fn is_unchanged(&self) -> bool {
        self.tables.iter().all(|(_, outcome)| *outcome == Outcome::Unchanged)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, outcome) in &self.tables {
            let word = match outcome {
                Outcome::Created => "created",
                Outcome::Updated => "updated",
                Outcome::Recorded => "recorded",
                Outcome::Unchanged => "unchanged",
                Outcome::Orphan => "orphan",
            };
            writeln!(f, "{word:<9} {table}")?;
        }
        Ok(())
    }
}

/// Installs the schema if need be, and puts every table of the registry under audit.
///
/// It converges: a second run changes nothing, and it may run in several processes at once. It never
/// weakens redaction (see [`Sync::allow_weaker_redaction`]) and never stops auditing a table. Use it
/// in development and tests. The rows that tables have already are recorded, unless
/// [`Sync::without_baseline`] says otherwise: 10 to 20 µs for each, while writers wait. In production let a migration carry the SQL, written by
/// [`generate`](crate::generate()).
///
/// # Errors
///
/// [`Error::MissingTable`], [`Error::Refused`], [`Error::UnknownColumn`], [`Error::WeakerRedaction`]
/// or [`Error::Db`]; [`Error::Several`] if there are more of them; nothing is changed then, not even a table that came before.
pub async fn sync<C: TransactionTrait>(db: &C, registry: &Registry) -> Result<Report, Error> {
    Sync::new(registry).run(db).await
}

/// [`sync`] with choices.
#[derive(Debug)]
#[must_use = "a sync does nothing until it is run"]
pub struct Sync<'a> {
    registry: &'a Registry,
    weaker_redaction: bool,
    leaves_rows: bool,
}

impl<'a> Sync<'a> {
    /// A sync to what `registry` says.
    pub fn new(registry: &'a Registry) -> Self {
        Self { registry, weaker_redaction: false, leaves_rows: false }
    }

    /// Permits that of columns which the installed policy redacts more is stored from now on than
    /// before: see [`Redaction::is_weaker_than`](threadline::Redaction::is_weaker_than).
    pub fn allow_weaker_redaction(mut self) -> Self {
        self.weaker_redaction = true;
        self
    }

    /// Leaves the rows that tables have already for later: see
    /// [`Plan::without_baseline`](crate::Plan::without_baseline).
    pub fn without_baseline(mut self) -> Self {
        self.leaves_rows = true;
        self
    }

    /// Runs it, in one transaction.
    ///
    /// # Errors
    ///
    /// As [`sync`].
    pub async fn run<C: TransactionTrait>(self, db: &C) -> Result<Report, Error> {
        let txn = db.begin().await?;
        let path = search_path::built_in_only(&txn).await?;
        up_v1(&txn).await?;
        let mut plan = plan(&txn, self.registry).await?;
        if self.weaker_redaction {
            plan = plan.allow_weaker_redaction();
        }
        if self.leaves_rows {
            plan = plan.without_baseline();
        }
        plan.refuse()?;
        // Nobody has looked at the plan, so what changed while writers were waited for may go into it.
        if !plan.is_empty() {
            plan.lock_tables(&txn).await?;
            plan = plan.again(&txn).await?;
            plan.run(&txn).await?;
        }
        path.give_back(&txn).await?;
        txn.commit().await?;
        Ok(self.report(&plan))
    }

    fn report(&self, plan: &Plan) -> Report {
        let orphans = plan.orphans().into_iter().map(|orphan| (orphan.table, Outcome::Orphan));
        let mut tables: BTreeMap<TableName, Outcome> = orphans.collect();
        let registered = self.registry.tables().map(|spec| spec.table().clone());
        tables.extend(registered.map(|table| (table, Outcome::Unchanged)));
        for step in plan.steps() {
            let before = tables.get(&step.table).copied();
            let outcome = match (step.verb, before) {
                (Verb::Attach, _) => Outcome::Created,
                (Verb::Baseline, Some(done)) if done != Outcome::Unchanged => done,
                (Verb::Baseline, _) => Outcome::Recorded,
                (Verb::Replace | Verb::Detach, _) => Outcome::Updated,
            };
            tables.insert(step.table.clone(), outcome);
        }
        Report { tables: tables.into_iter().collect() }
    }
}
