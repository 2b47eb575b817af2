//! What a commit gives back.

use std::ops::Deref;

/// A value, and where to find in the trail how it came about. It derefs to the value.
///
/// ```no_run
/// # use threadline::{AuditContext, AuditExt, Error, sea_orm::DatabaseConnection};
/// # async fn example(db: DatabaseConnection, ctx: AuditContext) -> Result<(), Error> {
/// let txn = db.audit_begin(&ctx, "post.publish").await?;
/// let done = txn.commit_with(String::from("a post")).await?;
/// println!("{}: see /audit/transactions/{}", done.len(), done.transaction_id);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded<T> {
    /// What the transaction was for.
    pub value: T,
    /// The transaction's number in the trail.
    pub transaction_id: i64,
    /// The action's number in the trail; `None` if there was none.
    pub action_id: Option<i64>,
}

impl<T> Recorded<T> {
    /// The value alone.
    pub fn into_value(self) -> T {
        self.value
    }
}

impl<T> Deref for Recorded<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
