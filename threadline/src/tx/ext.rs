//! The ways into an audited transaction.

use std::any::type_name;

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel,
    TransactionTrait,
};

use super::{Action, AuditedTransaction, Recorded, event, statement};
use crate::{AuditContext, Error};

/// Audited transactions on everything that can begin a SeaORM transaction: a `DatabaseConnection`, a
/// `DatabaseTransaction`, and an [`AuditedTransaction`], in which they are nested.
///
/// A nested transaction is a savepoint with an action of its own, whose parent is the action around
/// it. If it is rolled back, its action and its changes are gone and the outer one goes on; once it is
/// committed, what follows belongs to the outer action again. The trail has one transaction, under
/// the context of the outermost. Nesting takes a few statements more: one to make the outer action
/// current again, and one before the outermost commit to see that nothing was lost on the way.
///
/// ```no_run
/// use threadline::{AuditContext, AuditExt, Error};
/// use threadline::sea_orm::{ConnectionTrait, DatabaseConnection};
///
/// async fn publish(db: &DatabaseConnection, ctx: &AuditContext) -> Result<i64, Error> {
///     let txn = db.audit_begin(ctx, "post.publish").await?;
///     txn.execute_unprepared("UPDATE posts SET published = true WHERE id = 1").await?;
///     let done = txn.commit().await?; // an early return above rolls back
///     Ok(done.transaction_id)
/// }
/// ```
pub trait AuditExt: TransactionTrait<Transaction = DatabaseTransaction> {
    /// Begins an audited transaction, and gives a guard that rolls back unless it is committed.
    ///
    /// It takes one statement more than a plain transaction. Within an open transaction begin on that,
    /// not on the `DatabaseConnection`: that takes a second connection from the pool, and with a pool
    /// of one it waits until it times out.
    ///
    /// # Errors
    ///
    /// [`Error::MissingActor`], [`Error::InvalidActor`], [`Error::InvalidContext`] and
    /// [`Error::InvalidAction`] come before anything is begun; [`Error::NotInstalled`] if the database
    /// has no trail; else [`Error::Db`].
    fn audit_begin(
        &self,
        context: &AuditContext,
        action: impl Into<Action>,
    ) -> impl Future<Output = Result<AuditedTransaction, Error>> + Send;

    /// As [`audit_begin`](Self::audit_begin), with the isolation level and the access mode of
    /// SeaORM's `begin_with_config`.
    ///
    /// An audited transaction writes from its first statement on, so it cannot be read-only; and
    /// PostgreSQL does not let a nested transaction change the isolation level.
    ///
    /// # Errors
    ///
    /// As [`audit_begin`](Self::audit_begin).
    fn audit_begin_with(
        &self,
        context: &AuditContext,
        action: impl Into<Action>,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> impl Future<Output = Result<AuditedTransaction, Error>> + Send;

    /// Runs `work` in an audited transaction: commits if it gives `Ok`, rolls back and waits for
    /// that if it gives `Err`.
    ///
    /// The error of `work` comes out as it is; an error of this crate comes out by way of
    /// [`DbErr`], as `DbErr::Custom` with its text: to tell one from another, use
    /// [`audit_begin`](Self::audit_begin). If the compiler asks for type annotations, end the closure with
    /// `Ok::<_, YourError>(value)`.
    ///
    /// ```no_run
    /// use threadline::{Action, AuditContext, AuditExt};
    /// use threadline::sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
    ///
    /// # async fn example(db: &DatabaseConnection, ctx: &AuditContext) -> Result<(), DbErr> {
    /// let action = Action::new("posts.sweep").reason("older than a year").require_capture();
    /// let done = db
    ///     .audited(ctx, action, async |txn| {
    ///         let sql = "DELETE FROM posts WHERE created_at < now() - interval '1 year'";
    ///         Ok::<_, DbErr>(txn.execute_unprepared(sql).await?.rows_affected())
    ///     })
    ///     .await?;
    /// println!("{} posts in transaction {}", done.value, done.transaction_id);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// What `work` gives, and what [`audit_begin`](Self::audit_begin) and
    /// [`commit`](AuditedTransaction::commit) give.
    fn audited<T, E, F>(
        &self,
        context: &AuditContext,
        action: impl Into<Action>,
        work: F,
    ) -> impl Future<Output = Result<Recorded<T>, E>>
    where
        F: AsyncFnOnce(&AuditedTransaction) -> Result<T, E>,
        E: From<DbErr>;
}

// `audited` promises no `Send`: nothing can, for any closure. But as this is the only impl, the
// compiler looks through it at every call and finds the future as `Send` as the closure's is.
impl<C: TransactionTrait<Transaction = DatabaseTransaction>> AuditExt for C {
    fn audit_begin(
        &self,
        context: &AuditContext,
        action: impl Into<Action>,
    ) -> impl Future<Output = Result<AuditedTransaction, Error>> + Send {
        let action = action.into();
        async move {
            action.check(context)?;
            let txn = self.begin().await?;
            AuditedTransaction::open(txn, may_be_nested::<C>(), context, action).await
        }
    }

    fn audit_begin_with(
        &self,
        context: &AuditContext,
        action: impl Into<Action>,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> impl Future<Output = Result<AuditedTransaction, Error>> + Send {
        let action = action.into();
        async move {
            action.check(context)?;
            let txn = self.begin_with_config(isolation_level, access_mode).await?;
            AuditedTransaction::open(txn, may_be_nested::<C>(), context, action).await
        }
    }

    fn audited<T, E, F>(
        &self,
        context: &AuditContext,
        action: impl Into<Action>,
        work: F,
    ) -> impl Future<Output = Result<Recorded<T>, E>>
    where
        F: AsyncFnOnce(&AuditedTransaction) -> Result<T, E>,
        E: From<DbErr>,
    {
        let action = action.into();
        async move {
            let txn = self.audit_begin(context, action).await.map_err(DbErr::from)?;
            match work(&txn).await {
                Ok(value) => Ok(txn.commit_with(value).await.map_err(DbErr::from)?),
                Err(error) => {
                    txn.abandon().await;
                    Err(error)
                }
            }
        }
    }
}

/// Whether a transaction begun on `C` may be a savepoint. SeaORM does not tell, and a transaction
/// that is wrongly taken for nested costs one statement and does no harm.
fn may_be_nested<C>() -> bool {
    type_name::<C>() != type_name::<DatabaseConnection>()
}

/// Records an action by itself: one that changes no audited row, or an attempt that failed.
///
/// On a connection that is in an audited transaction the action belongs to that transaction and
/// shares its fate. To record an attempt that failed, record it on another connection or after the
/// rollback. Gives the action's number in the trail.
///
/// ```no_run
/// use threadline::{Action, AuditContext, Error, record_action};
/// # async fn example(db: threadline::sea_orm::DatabaseConnection) -> Result<(), Error> {
/// let ctx = AuditContext::anonymous();
/// record_action(&db, &ctx, Action::new("login").failed().reason("wrong password")).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::MissingActor`], [`Error::InvalidActor`], [`Error::InvalidContext`] and
/// [`Error::InvalidAction`] before anything is sent; [`Error::NotInstalled`] if the database has no
/// trail; else [`Error::Db`].
pub async fn record_action<C: ConnectionTrait>(
    db: &C,
    context: &AuditContext,
    action: impl Into<Action>,
) -> Result<i64, Error> {
    let action = action.into();
    action.check(context)?;
    let failed = action.is_failed();
    let document = action.document().ok_or_else(|| {
        Error::InvalidAction("there is none to record: capture_only() names no action".to_owned())
    })?;
    let id = statement::record_action(db, context, document).await?;
    event::action_recorded(failed);
    Ok(id)
}
