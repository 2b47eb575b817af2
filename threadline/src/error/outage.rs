//! Errors that say nothing of what was asked, only that the database does not answer it now.

use std::time::{Duration, Instant};

use sea_orm::{DbErr, RuntimeErr, SqlxError};

use super::{Error, sqlstate};

/// SQLSTATEs after which the same question may be answered later: the server stops or starts, has no room
/// for another connection, has ended this one, waits for a lock, or is a replica that had to go on.
const LATER: [&str; 8] = ["57P01", "57P02", "57P03", "57P05", "53300", "25P03", "55P03", "40001"];
/// Those of a broken connection begin like this; poolers use them, too.
const CONNECTION: &str = "08";

impl Error {
    /// Whether the database could not be reached or had no room for the question: no connection of the pool
    /// was free in time, the server is down, restarting or full, or what is read was locked, as by a
    /// migration. Nothing is wrong with the question then, so that the same one may be answered later: a
    /// page says so with status 503.
    ///
    /// ```
    /// use threadline::{Error, sea_orm::{ConnAcquireErr, DbErr}};
    ///
    /// let exhausted = Error::from(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout));
    /// assert!(exhausted.is_unavailable());
    /// assert!(!Error::EmptyRegistry.is_unavailable());
    /// ```
    pub fn is_unavailable(&self) -> bool {
        let Self::Db(error) = self else { return false };
        match error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
            DbErr::Query(RuntimeErr::SqlxError(driver))
            | DbErr::Exec(RuntimeErr::SqlxError(driver)) => match sqlstate(error) {
                Some(state) => LATER.contains(&&*state) || state.starts_with(CONNECTION),
                None => is_lost(driver),
            },
            _ => false,
        }
    }

    /// Whether the database stopped a read before its end: [`Error::TimedOut`].
    pub fn is_timeout(&self) -> bool {
        matches!(self, Self::TimedOut { .. })
    }

    /// The same error; one of a read that was stopped tells how long it had run since `begun`.
    pub(crate) fn since(self, begun: Instant) -> Self {
        match self {
            Self::TimedOut { source, .. } => {
                Self::TimedOut { after: Some(begun.elapsed()), source }
            }
            other => other,
        }
    }
}

/// Whether the driver has lost its connection.
fn is_lost(driver: &SqlxError) -> bool {
    matches!(
        driver,
        SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed
    )
}

/// For the text of [`Error::TimedOut`].
pub(super) fn after(duration: Option<&Duration>) -> String {
    duration.map(|after| format!(" after {} ms", after.as_millis())).unwrap_or_default()
}
