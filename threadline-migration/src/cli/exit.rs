//! What the exit codes mean.

/// A check has found something.
pub(crate) const FINDINGS: u8 = 1;

/// The command could not run: wrong flags, no connection, a table that is refused.
pub(crate) const COULD_NOT_RUN: u8 = 2;
