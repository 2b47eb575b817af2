//! What makes the past a connection like any other.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, StreamTrait};

use super::{Past, error, rewrite};
use crate::Error;

impl<C: ConnectionTrait> Past<'_, C> {
    fn rewritten(&self, statement: Statement) -> Result<Statement, DbErr> {
        Ok(rewrite::rewritten(statement, self.at, self.registry, self.mode)?)
    }

    /// The error of a statement, and of which row it is if a value of the past does not fit. That
    /// cannot be found out in a transaction, which has failed by then.
    async fn explained(&self, asked: &str, error: DbErr) -> DbErr {
        if let Some(why) = error::refusal(&error) {
            let tables = rewrite::tables(asked, self.registry);
            if let Some(drift) = self.misfit(&tables, why).await {
                return drift.into();
            }
        }
        error::told(error)
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
        let asked = statement.sql.clone();
        let statement = self.rewritten(statement)?;
        let row = match self.db.query_one_raw(statement.clone()).await {
            Err(error) if is_stale(&error) => {
                self.db.query_one_raw(prepared_anew(&statement)).await
            }
            row => row,
        };
        match row {
            Ok(row) => Ok(row),
            Err(error) => Err(self.explained(&asked, error).await),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let asked = statement.sql.clone();
        let statement = self.rewritten(statement)?;
        let rows = match self.db.query_all_raw(statement.clone()).await {
            Err(error) if is_stale(&error) => {
                self.db.query_all_raw(prepared_anew(&statement)).await
            }
            rows => rows,
        };
        match rows {
            Ok(rows) => Ok(rows),
            Err(error) => Err(self.explained(&asked, error).await),
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
        Box::pin(async move {
            let statement = self.rewritten(statement)?;
            match begun(self.db, statement.clone()).await {
                Err(error) if is_stale(&error) => begun(self.db, prepared_anew(&statement)).await,
                rows => rows,
            }
            .map_err(error::told)
        })
    }
}

/// A stream of which the first row has come: only then it is known whether the statement can be run.
async fn begun<C: StreamTrait>(db: &C, statement: Statement) -> Result<Rows<'_>, DbErr> {
    let mut rows = Box::pin(db.stream_raw(statement).await?);
    let first = rows.try_next().await?;
    let rows = stream::iter(first.map(Ok)).chain(rows);
    Ok(Box::pin(rows.map_err(error::told)))
}
