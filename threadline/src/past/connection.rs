//! What makes the past a connection like any other.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::{Stream, StreamExt, TryFutureExt};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait};

use super::{Past, error, rewrite};
use crate::Error;

impl<C: ConnectionTrait> Past<'_, C> {
    fn rewritten(&self, statement: Statement) -> Result<Statement, DbErr> {
        Ok(rewrite::rewritten(statement, self.at, self.registry, self.mode)?)
    }
}

fn read_only() -> DbErr {
    let what = "`execute` was called, and only queries can be asked of it".to_owned();
    Error::ReadOnly { what }.into()
}

/// Whether a column's type was changed since the statement was prepared.
fn is_stale(error: &DbErr) -> bool {
    error.to_string().contains("cached plan must not change result type")
}

/// The same statement in another text, which the driver prepares anew.
fn prepared_anew(statement: &Statement) -> Statement {
    static REPLANNED: AtomicU64 = AtomicU64::new(0);
    let number = REPLANNED.fetch_add(1, Ordering::Relaxed);
    Statement { sql: format!("{}\n-- {number}", statement.sql), ..statement.clone() }
}

#[async_trait]
impl<C: ConnectionTrait> ConnectionTrait for Past<'_, C> {
    fn get_database_backend(&self) -> DbBackend {
        self.db.get_database_backend()
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(read_only())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(read_only())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let statement = self.rewritten(statement)?;
        match self.db.query_one_raw(statement.clone()).await {
            Err(error) if is_stale(&error) => {
                self.db.query_one_raw(prepared_anew(&statement)).await.map_err(error::told)
            }
            row => row.map_err(error::told),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = self.rewritten(statement)?;
        match self.db.query_all_raw(statement.clone()).await {
            Err(error) if is_stale(&error) => {
                self.db.query_all_raw(prepared_anew(&statement)).await.map_err(error::told)
            }
            rows => rows.map_err(error::told),
        }
    }

    fn support_returning(&self) -> bool {
        self.db.support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.db.is_mock_connection()
    }
}

/// What a query in a stream gives.
type Rows<'a> = Pin<Box<dyn Stream<Item = Result<QueryResult, DbErr>> + Send + 'a>>;

impl<C: ConnectionTrait + StreamTrait> StreamTrait for Past<'_, C> {
    type Stream<'a>
        = Rows<'a>
    where
        Self: 'a;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self.db)
    }

    fn stream_raw<'a>(
        &'a self,
        statement: Statement,
    ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
        match self.rewritten(statement) {
            Ok(statement) => Box::pin(
                (self.db.stream_raw(statement))
                    .map_ok(|rows| Box::pin(rows.map(|row| row.map_err(error::told))) as Rows<'a>)
                    .map_err(error::told),
            ),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }
}
