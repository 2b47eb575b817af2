//! The queries of a page, to be run by themselves.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use threadline::BoundedRead;

/// More time than any page gives one of its queries.
const LIMIT: Duration = Duration::from_secs(60);

/// The statements that a connection is asked, from now on.
#[derive(Clone, Default)]
pub(super) struct Recorded(Arc<Mutex<Queries>>);

/// What was asked, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Queries {
    pub(super) statements: Vec<Statement>,
    /// How many did not come to their end.
    pub(super) failed: usize,
}

impl Recorded {
    pub(super) fn of(db: &mut DatabaseConnection) -> Self {
        let recorded = Self::default();
        let these = recorded.clone();
        db.set_metric_callback(move |info| {
            let mut queries = these.0.lock().unwrap_or_else(PoisonError::into_inner);
            queries.failed += usize::from(info.failed);
            queries.statements.push(info.statement.clone());
        });
        recorded
    }

    /// What was asked since the last time.
    pub(super) fn take(&self) -> Queries {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Queries {
    /// Runs them one after another, in one read as a page has it.
    pub(super) async fn run(&self, db: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
        let read = BoundedRead::begin(db, LIMIT).await?;
        for statement in &self.statements {
            read.query_all_raw(statement.clone()).await?;
        }
        Ok(read.end().await?)
    }

    /// How the server runs each of them.
    pub(super) async fn explained(
        &self,
        db: &DatabaseConnection,
    ) -> Result<Vec<Value>, Box<dyn Error>> {
        let read = BoundedRead::begin(db, LIMIT).await?;
        let mut plans = Vec::new();
        for statement in &self.statements {
            let sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", statement.sql);
            let values = statement.values.clone().map(|values| values.0).unwrap_or_default();
            let explain = Statement::from_sql_and_values(DbBackend::Postgres, &sql, values);
            if let Some(row) = read.query_one_raw(explain).await? {
                plans.push(row.try_get_by_index::<Value>(0)?);
            }
        }
        read.end().await?;
        Ok(plans)
    }
}
