//! The shapes in which hosts use audited transactions: that they compile, and that their futures can
//! move between threads. Nothing here is run.

#![allow(dead_code, missing_docs)]

use std::collections::HashMap;
use std::fmt::Display;
use std::pin::Pin;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
use threadline::{
    Action, AuditContext, AuditExt, AuditedTransaction, Error, Recorded, record_action,
};

#[derive(Debug)]
enum AppError {
    Db(DbErr),
    NotFound,
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        Self::Db(error)
    }
}

fn send<T>(future: impl Future<Output = T> + Send) -> impl Future<Output = T> + Send {
    future
}

async fn on_a_transaction(txn: &DatabaseTransaction) -> Result<u64, DbErr> {
    Ok(txn.execute_unprepared("SELECT 1").await?.rows_affected())
}

async fn on_any_connection<C: ConnectionTrait>(db: &C) -> Result<u64, DbErr> {
    Ok(db.execute_unprepared("SELECT 1").await?.rows_affected())
}

async fn guard(db: &DatabaseConnection, ctx: &AuditContext) -> Result<Recorded<u64>, Error> {
    let txn = db.audit_begin(ctx, "a").await?;
    let n = on_any_connection(&txn).await? + on_a_transaction(&txn).await?;
    txn.commit_with(n).await
}

async fn closure(db: &DatabaseConnection, ctx: &AuditContext) -> Result<u64, AppError> {
    let made = db
        .audited(ctx, "a", async |txn| {
            let n = on_any_connection(txn).await? + on_a_transaction(txn).await?;
            if n == 0 {
                return Err(AppError::NotFound);
            }
            Ok(n)
        })
        .await?;
    let _: (i64, Option<i64>) = (made.transaction_id, made.action_id);
    Ok(*made)
}

async fn nested(db: &DatabaseConnection, ctx: &AuditContext) -> Result<u64, DbErr> {
    db.audited(ctx, "outer", async |txn| {
        on_any_connection(txn).await?;
        let inner = txn.audited(ctx, "inner", async |t| on_any_connection(t).await).await?;
        let deeper = txn.audit_begin(ctx, String::from("deeper")).await?;
        deeper.rollback().await?;
        Ok::<_, DbErr>(inner.into_value())
    })
    .await
    .map(Recorded::into_value)
}

async fn generic<C>(db: &C, ctx: &AuditContext) -> Result<Recorded<u64>, DbErr>
where
    C: TransactionTrait<Transaction = DatabaseTransaction>,
{
    db.audited(ctx, Action::capture_only(), async |txn| on_any_connection(txn).await).await
}

async fn generic_guard<C: AuditExt>(db: &C, ctx: &AuditContext) -> Result<(), Error> {
    db.audit_begin(ctx, "a").await?.commit().await?;
    Ok(())
}

async fn captures(
    db: &DatabaseConnection,
    ctx: &AuditContext,
    names: &[String],
    counts: &mut HashMap<String, u64>,
    label: impl Display + Send + Sync,
) -> Result<(), DbErr> {
    db.audited(ctx, Action::new("a").reason(label.to_string()), async |txn| {
        for (place, name) in names.iter().enumerate().filter(|(place, _)| place % 2 == 0) {
            let n = on_any_connection(txn).await?;
            counts.insert(format!("{place} {name} {label}"), n);
        }
        Ok::<_, DbErr>(())
    })
    .await?;
    Ok(())
}

async fn higher_order<F>(db: &DatabaseConnection, ctx: &AuditContext, work: F) -> Result<u64, DbErr>
where
    F: AsyncFnOnce(&AuditedTransaction) -> Result<u64, DbErr>,
{
    Ok(db.audited(ctx, "a", work).await?.into_value())
}

#[async_trait]
trait Service {
    async fn run(&self, ctx: AuditContext) -> Result<u64, AppError>;
}

struct Live(DatabaseConnection);

#[async_trait]
impl Service for Live {
    async fn run(&self, ctx: AuditContext) -> Result<u64, AppError> {
        let first = closure(&self.0, &ctx).await?;
        let second = self
            .0
            .audited(&ctx, "a", async |txn| {
                Ok::<_, AppError>(
                    txn.audited(&ctx, "b", async |t| on_any_connection(t).await).await?,
                )
            })
            .await?;
        Ok(first + **second)
    }
}

fn boxed<'a>(
    db: &'a DatabaseConnection,
    ctx: &'a AuditContext,
) -> Pin<Box<dyn Future<Output = Result<u64, DbErr>> + Send + 'a>> {
    Box::pin(async move {
        Ok(db.audited(ctx, "a", async |txn| on_any_connection(txn).await).await?.into_value())
    })
}

/// Every future above can move between threads.
fn all_are_send(db: &DatabaseConnection, txn: &DatabaseTransaction, ctx: &AuditContext) {
    let mut counts = HashMap::new();
    drop(send(guard(db, ctx)));
    drop(send(closure(db, ctx)));
    drop(send(nested(db, ctx)));
    drop(send(generic(db, ctx)));
    drop(send(generic(txn, ctx)));
    drop(send(generic_guard(db, ctx)));
    drop(send(captures(db, ctx, &[], &mut counts, "x")));
    drop(send(higher_order(db, ctx, async |txn| on_any_connection(txn).await)));
    drop(send(record_action(db, ctx, "login")));
    drop(send(record_action(txn, ctx, "login")));
}

/// And be spawned, with what they own.
fn all_can_be_spawned(db: DatabaseConnection, ctx: AuditContext) {
    tokio::spawn({
        let (db, ctx) = (db.clone(), ctx.clone());
        async move { closure(&db, &ctx).await.map(drop).map_err(drop) }
    });
    tokio::spawn({
        let (db, ctx) = (db.clone(), ctx.clone());
        async move { generic(&db, &ctx).await.map(drop) }
    });
    tokio::spawn({
        let (db, ctx) = (db.clone(), ctx.clone());
        let mut seen = Vec::new();
        async move {
            db.audited(&ctx, "outer", async |txn| {
                seen.push(on_any_connection(txn).await?);
                txn.audited(&ctx, "inner", async |t| on_any_connection(t).await).await?;
                Ok::<_, DbErr>(())
            })
            .await
            .map(drop)
        }
    });
    tokio::spawn(async move {
        let txn = db.audit_begin(&ctx, "a").await?;
        let inner = txn.audit_begin(&ctx, "b").await?;
        inner.commit().await?;
        txn.commit().await
    });
}
