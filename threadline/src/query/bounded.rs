use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, TransactionTrait};

use crate::Error;

/// Between two statements a read waits no longer than this: whoever holds it may have stopped.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// A read that cannot cost more than it may: one read-only transaction, in which each statement has a time
/// limit. It is for pages and panels, which would rather say that something took too long than take long.
///
/// It is a connection for every reader of this crate, also below a [`Reader`](crate::Reader) with a scope.
/// All statements see the database as it was at the first of them.
///
/// # What it sets
///
/// All of it ends with the transaction, so a connection comes back to the pool as it was, and a pooler in
/// transaction mode is no obstacle.
///
/// - `statement_timeout`: the time limit. A statement that reaches it is an [`Error::TimedOut`].
/// - `lock_timeout`: half of it. Waiting for a table that a migration has locked is an error of which
///   [`Error::is_unavailable`] is true.
/// - `idle_in_transaction_session_timeout`: ten seconds, in case that whoever reads has stopped.
/// - Repeatable read and read only, whatever the session's defaults are; a write is an error.
/// - `search_path` without schemas of the host, times in UTC and in ISO format, and no JIT compilation,
///   which takes longer than what it could save.
///
/// ```no_run
/// use std::time::Duration;
/// use threadline::{BoundedRead, Filter, Predicate, Reader};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let read = BoundedRead::begin(&db, Duration::from_millis(1_500)).await?;
/// let reader = Reader::new(read.connection()).scoped(7, |id| Predicate::column("org_id", *id));
/// match threadline::facets(&reader, &"from=-24h".parse::<Filter>()?).await {
///     Ok(facets) => println!("{} changes", facets.counted),
///     Err(error) if error.is_timeout() => println!("this took too long; narrow it"),
///     Err(error) => return Err(error),
/// }
/// read.end().await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "it holds a connection of the pool until it is dropped"]
pub struct BoundedRead {
    txn: DatabaseTransaction,
}

impl fmt::Debug for BoundedRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoundedRead")
    }
}

impl BoundedRead {
    /// Takes a connection of the pool and begins. `timeout` is the time limit of each statement, in whole
    /// milliseconds; it is at least one, and there is none without a limit. How long to wait for a connection
    /// is a setting of the pool.
    ///
    /// # Errors
    ///
    /// [`Error::Db`]; [`Error::is_unavailable`] is true of it if there is no connection to be had.
    pub async fn begin(db: &DatabaseConnection, timeout: Duration) -> Result<Self, Error> {
        let txn = db.begin().await.map_err(Error::from_read)?;
        let limit = milliseconds(timeout);
        // Times and names that are written below are numbers and constants, so no value is quoted.
        txn.execute_unprepared(&format!(
            "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY;
            SET LOCAL statement_timeout = {limit};
            SET LOCAL lock_timeout = {};
            SET LOCAL idle_in_transaction_session_timeout = {};
            SET LOCAL search_path = pg_catalog, pg_temp;
            SET LOCAL timezone = 'UTC';
            SET LOCAL datestyle = 'ISO, YMD';
            SET LOCAL intervalstyle = 'postgres';
            SET LOCAL jit = off",
            (limit / 2).max(1),
            milliseconds(LONGEST_PAUSE),
        ))
        .await
        .map_err(Error::from_read)?;
        Ok(Self { txn })
    }

    /// What readers take.
    pub fn connection(&self) -> &DatabaseTransaction {
        &self.txn
    }

    /// Ends the read, and gives the connection back to the pool. A read that is dropped is ended as well, a
    /// moment later.
    ///
    /// # Errors
    ///
    /// [`Error::Db`] if the connection was lost.
    pub async fn end(self) -> Result<(), Error> {
        self.txn.commit().await.map_err(Error::from_read)
    }
}

impl Deref for BoundedRead {
    type Target = DatabaseTransaction;

    fn deref(&self) -> &DatabaseTransaction {
        &self.txn
    }
}

/// As PostgreSQL takes it: none would be no limit.
fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_limit_at_all_cannot_be_asked_for() {
        for (duration, told) in [
            (Duration::ZERO, 1),
            (Duration::from_micros(1_500), 1),
            (Duration::from_millis(1_500), 1_500),
            (Duration::MAX, i32::MAX),
        ] {
            assert_eq!(milliseconds(duration), told, "{duration:?}");
        }
    }
}
