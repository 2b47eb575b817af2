//! Doing what a plan says.

use sea_orm::{ConnectionTrait, TransactionSession, TransactionTrait};
use threadline::TableName;

use super::{Goal, Plan};
use crate::catalog::all;
use crate::desired::{Desired, against};
use crate::detach;
use crate::diff::Compared;
use crate::error::Error;
use crate::install::{LOCK, up_v1};

impl Plan {
    /// Does it, in one transaction: all of it or nothing.
    ///
    /// First it takes the lock of all installations, waits for writers on the tables it is about, and
    /// looks whether the database still is what the plan was made from. A `lock_timeout` of the
    /// connection bounds the waiting.
    ///
    /// # Errors
    ///
    /// The error of a [`Refusal`](super::Refusal), or [`Error::Several`] if there is more than one;
    /// [`Error::PlanOutdated`] if a new plan would be another one; [`Error::Db`].
    pub async fn apply<C: TransactionTrait>(&self, db: &C) -> Result<(), Error> {
        self.refuse()?;
        let txn = db.begin().await?;
        txn.execute_unprepared(LOCK).await?;
        self.lock_tables(&txn).await?;
        let now = self.again(&txn).await?;
        let tables = self.differing(&now);
        if !tables.is_empty() || now.version != self.version {
            return Err(Error::PlanOutdated { tables });
        }
        now.run(&txn).await?;
        txn.commit().await?;
        Ok(())
    }

    /// Makes it anew from what the database holds now.
    pub(crate) async fn again<C: ConnectionTrait>(&self, db: &C) -> Result<Self, Error> {
        let comparison = match &self.goal {
            Goal::Registry(registry) => against(db, &Desired::Registry(registry)).await?,
            Goal::Installed => against(db, &Desired::Installed).await?,
            Goal::Detach(tables) => detach::compare(db, tables).await?,
        };
        let plan = Self::of(self.goal.clone(), comparison);
        let Self { weaker_redaction, leaves_rows, .. } = *self;
        Ok(Self { weaker_redaction, leaves_rows, ..plan })
    }

    /// Runs the steps on a connection that is in a transaction.
    pub(crate) async fn run<C: ConnectionTrait>(&self, txn: &C) -> Result<(), Error> {
        self.refuse()?;
        up_v1(txn).await?;
        for step in self.steps() {
            txn.execute_unprepared(&step.sql).await?;
        }
        Ok(())
    }

    /// Waits for writers and keeps others from altering the tables, so that what was looked at is what
    /// is worked on. A table that is gone is found by looking again.
    pub(crate) async fn lock_tables<C: ConnectionTrait>(&self, txn: &C) -> Result<(), Error> {
        let steps = self.steps();
        let (schemas, names): (Vec<String>, Vec<String>) =
            steps.map(|s| (s.table.schema().to_owned(), s.table.name().to_owned())).unzip();
        let query = "
            SELECT string_agg(format('%I.%I', n.nspname, c.relname), ', ') AS tables
            FROM unnest($1::text[], $2::text[]) AS w(schema_name, table_name)
            JOIN pg_namespace n ON n.nspname = w.schema_name
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
            WHERE c.relkind IN ('r', 'p')";
        let rows = all(txn, query, [schemas.into(), names.into()]).await?;
        let tables = rows.first().map(|row| row.try_get::<Option<String>>("", "tables"));
        if let Some(tables) = tables.transpose()?.flatten() {
            let detaches = matches!(self.goal, Goal::Detach(_));
            // Dropping a trigger takes the stronger lock; to take the weaker first invites a deadlock.
            let mode = if detaches { "ACCESS EXCLUSIVE" } else { "SHARE ROW EXCLUSIVE" };
            txn.execute_unprepared(&format!("LOCK TABLE {tables} IN {mode} MODE")).await?;
        }
        Ok(())
    }

    /// The tables about which the two plans do not say the same.
    fn differing(&self, other: &Self) -> Vec<TableName> {
        let only = |ours: &[Compared], theirs: &[Compared]| {
            let same = |ours: &Compared| theirs.iter().any(|theirs| ours.is_the_same(theirs));
            let differing = ours.iter().filter(|compared| !same(compared));
            differing.map(|compared| compared.table.clone()).collect::<Vec<_>>()
        };
        let mut tables = only(&self.tables, &other.tables);
        tables.extend(only(&other.tables, &self.tables));
        tables.sort();
        tables.dedup();
        tables
    }

    /// The error of what stands in the way, if anything does.
    pub(crate) fn refuse(&self) -> Result<(), Error> {
        let of_one = |compared| {
            let problems = self.problems(compared).into_iter();
            problems.map(|problem| problem.to_error(&compared.table))
        };
        let mut errors: Vec<Error> = self.tables.iter().flat_map(of_one).collect();
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Error::Several(errors)),
        }
    }
}
