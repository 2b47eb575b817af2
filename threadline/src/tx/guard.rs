//! An open transaction whose writes are put down to somebody.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use sea_orm::{DatabaseTransaction, DbErr};

use super::statement::{self, Opened};
use super::{Action, Recorded, event};
use crate::{AuditContext, Error};

/// An open transaction in which everything that is written is put down to a context and an action.
///
/// It is made by [`AuditExt::audit_begin`](crate::AuditExt::audit_begin), and `&txn` goes wherever
/// SeaORM takes a connection. It derefs to [`DatabaseTransaction`], for functions that want just that.
/// Committed is only what [`commit`](Self::commit) or [`commit_with`](Self::commit_with) is called on;
/// dropped, it rolls back.
///
/// If a statement in it fails, PostgreSQL refuses everything that follows and turns the commit into
/// a rollback. The guard notices, and the commit is [`Error::RolledBack`]. It gives the whole
/// transaction up as well if a nested one could not be begun, or was dropped just then. (It cannot
/// notice what is executed on the transaction it derefs to; pass the guard itself where you can.)
pub struct AuditedTransaction {
    txn: DatabaseTransaction,
    opened: Opened,
    nested: bool,
    /// What to call the action in messages.
    label: String,
    require_capture: bool,
    /// Statements that were begun and did not succeed: failed, or dropped in the middle.
    unsettled: AtomicU32,
    /// Whether there were nested transactions. One that is dropped while it is being released leaves
    /// this one failed, and nothing tells.
    nested_in: AtomicBool,
    /// Whether a nested transaction was not begun. sqlx rolls the outer one back then, and what is
    /// executed after that would be committed at once, by itself.
    lost: AtomicBool,
}

impl AuditedTransaction {
    /// Makes `txn` an audited one. What is checked without the database has been checked.
    pub(crate) async fn open(
        txn: DatabaseTransaction,
        nested: bool,
        context: &AuditContext,
        action: Action,
    ) -> Result<Self, Error> {
        let label = action.label();
        let require_capture = action.requires_capture();
        match statement::begin_action(&txn, context, action.document()).await {
            Ok(opened) => {
                event::begun(nested, opened.action_id.is_some());
                Ok(Self {
                    txn,
                    opened,
                    nested,
                    label,
                    require_capture,
                    unsettled: AtomicU32::new(0),
                    nested_in: AtomicBool::new(false),
                    lost: AtomicBool::new(false),
                })
            }
            Err(error) => {
                roll_back(txn).await;
                Err(error)
            }
        }
    }

    /// The transaction's number in the trail.
    pub fn transaction_id(&self) -> i64 {
        self.opened.transaction_id
    }

    /// The action's number in the trail; `None` if there is none.
    pub fn action_id(&self) -> Option<i64> {
        self.opened.action_id
    }

    /// Commits. A nested transaction is released into the outer one, whose action is current again.
    ///
    /// # Errors
    ///
    /// [`Error::NothingCaptured`] if the action requires a change and there was none,
    /// [`Error::RolledBack`] if an earlier statement failed, [`Error::Db`] if the database does not
    /// commit. Nothing is committed then.
    pub async fn commit(self) -> Result<Recorded<()>, Error> {
        self.commit_with(()).await
    }

    /// Commits, and gives the value back with its place in the trail.
    ///
    /// # Errors
    ///
    /// As [`commit`](Self::commit).
    pub async fn commit_with<T>(self, value: T) -> Result<Recorded<T>, Error> {
        if let Err(error) = self.settle().await {
            roll_back(self.txn).await;
            return Err(error);
        }
        let Opened { transaction_id, action_id, .. } = self.opened;
        self.txn.commit().await?;
        event::committed(self.nested, action_id.is_some());
        Ok(Recorded { value, transaction_id, action_id })
    }

    /// Rolls back, and waits until that is done. Dropping the guard rolls back as well, but only
    /// when its connection is used next.
    ///
    /// # Errors
    ///
    /// [`Error::Db`] if the connection is lost.
    pub async fn rollback(self) -> Result<(), Error> {
        self.txn.rollback().await?;
        event::rolled_back(self.nested);
        Ok(())
    }

    /// Rolls back because something else failed, which is the error to report.
    pub(crate) async fn abandon(self) {
        let nested = self.nested;
        roll_back(self.txn).await;
        event::rolled_back(nested);
    }

    /// What has to be asked and said before a commit.
    async fn settle(&self) -> Result<(), Error> {
        self.check_not_lost()?;
        if self.is_unsettled() || self.nested_in.load(Ordering::Acquire) {
            self.check_alive().await?;
        }
        if self.require_capture && !statement::captured(&self.txn).await? {
            return Err(Error::NothingCaptured { action: self.label.clone() });
        }
        // A change of current action outlives the savepoint it was made in, unless it is rolled back.
        if self.nested && self.opened.action_id.is_some() {
            statement::end_action(&self.txn, self.opened.outer_action_id).await?;
        }
        Ok(())
    }

    /// Asks the database whether the transaction is still good.
    async fn check_alive(&self) -> Result<(), Error> {
        if statement::is_alive(&self.txn).await? { Ok(()) } else { Err(Error::RolledBack) }
    }

    fn is_unsettled(&self) -> bool {
        self.unsettled.load(Ordering::Acquire) > 0
    }

    pub(crate) fn check_not_lost(&self) -> Result<(), Error> {
        if self.lost.load(Ordering::Acquire) { Err(Error::RolledBack) } else { Ok(()) }
    }

    /// Makes the commit ask whether there is still something to commit.
    pub(crate) fn unsettle(&self) {
        self.unsettled.fetch_add(1, Ordering::AcqRel);
    }

    /// Runs a statement and remembers if it did not succeed.
    pub(crate) async fn watched<T>(
        &self,
        statement: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        self.check_not_lost()?;
        self.unsettle();
        let done = statement.await?;
        self.unsettled.fetch_sub(1, Ordering::AcqRel);
        Ok(done)
    }

    /// Begins a nested transaction, and gives this one up if that does not succeed.
    pub(crate) async fn nest(
        &self,
        begin: impl Future<Output = Result<DatabaseTransaction, DbErr>>,
    ) -> Result<DatabaseTransaction, DbErr> {
        self.check_not_lost()?;
        if self.is_unsettled() {
            self.check_alive().await?;
        }
        self.nested_in.store(true, Ordering::Release);
        let giving_up = GiveUp(&self.lost);
        let savepoint = begin.await?;
        std::mem::forget(giving_up);
        Ok(savepoint)
    }
}

/// Marks a transaction as lost when it is dropped.
struct GiveUp<'a>(&'a AtomicBool);

impl Drop for GiveUp<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

async fn roll_back(txn: DatabaseTransaction) {
    if txn.rollback().await.is_err() {
        event::rollback_failed();
    }
}

impl Deref for AuditedTransaction {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.txn
    }
}

impl fmt::Debug for AuditedTransaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditedTransaction")
            .field("transaction_id", &self.opened.transaction_id)
            .field("action_id", &self.opened.action_id)
            .field("nested", &self.nested)
            .finish_non_exhaustive()
    }
}
