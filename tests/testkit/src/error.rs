//! What can go wrong before a test has its database.

use std::path::PathBuf;

/// Why there is no PostgreSQL, or no database on it.
///
/// The text is meant to be read by the person who started the tests: it says what was tried
/// and what to do. It can be cloned, because every test of a process gets the same answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestkitError {
    /// No server was given, none is installed and none could be downloaded.
    #[error("{0}")]
    NothingFound(String),
    /// An environment variable has a value that cannot be used.
    #[error("{variable} cannot be used: {reason}")]
    Setting {
        /// The variable.
        variable: &'static str,
        /// What is wrong with its value and what to write instead.
        reason: String,
    },
    /// PostgreSQL was found, but a throw-away server did not start.
    #[error("PostgreSQL from {bin_dir} did not start: {reason}")]
    Start {
        /// The directory of `initdb` and `postgres`.
        bin_dir: PathBuf,
        /// What happened, with the end of the server's log.
        reason: String,
    },
    /// There is no PgBouncer, or it did not start.
    #[error("PgBouncer cannot be used: {0}")]
    PgBouncer(String),
    /// The server refused something that the test kit asked of it.
    #[error("{doing} failed: {reason}")]
    Database {
        /// What was being done.
        doing: String,
        /// The server's answer, and what to do about it where that is known.
        reason: String,
    },
}

impl TestkitError {
    pub(crate) fn database(doing: impl Into<String>, error: &sea_orm::DbErr) -> Self {
        Self::Database { doing: doing.into(), reason: error.to_string() }
    }
}

/// The error and what caused it, on one line, unless the text of the error says it already.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        let more = next.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = next.source();
    }
    text
}
