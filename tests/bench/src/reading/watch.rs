//! A connection that remembers what was asked of it, so that the very same statement can be explained.

use std::sync::{Mutex, PoisonError};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};
use serde_json::Value;

/// A connection that remembers its queries.
pub(crate) struct Watched<'c> {
    db: &'c DatabaseConnection,
    asked: Mutex<Vec<Statement>>,
}

impl<'c> Watched<'c> {
    pub(crate) fn new(db: &'c DatabaseConnection) -> Self {
        Self { db, asked: Mutex::new(Vec::new()) }
    }

    /// The queries since the last time.
    fn take(&self) -> Vec<Statement> {
        std::mem::take(&mut *self.asked.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs each query since the last time once more, and gives how the server has run it.
    pub(crate) async fn explain(&self) -> Result<Vec<Value>, DbErr> {
        let mut plans = Vec::new();
        for statement in self.take() {
            let sql = format!("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {}", statement.sql);
            let values = statement.values.map(|values| values.0).unwrap_or_default();
            let explained = Statement::from_sql_and_values(DbBackend::Postgres, &sql, values);
            if let Some(row) = self.db.query_one_raw(explained).await? {
                plans.push(row.try_get_by_index::<Value>(0)?);
            }
        }
        Ok(plans)
    }

    fn remember(&self, statement: &Statement) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Watched<'_> {
    fn get_database_backend(&self) -> DbBackend {
        DbBackend::Postgres
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.db.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.db.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.remember(&statement);
        self.db.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.remember(&statement);
        self.db.query_all_raw(statement).await
    }
}
