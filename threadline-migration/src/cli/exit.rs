//! What the exit codes mean.

use std::process::ExitCode;

use super::failure::Failure;
use super::output::Output;
use super::secrets::Secrets;

/// How a command that could run has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It did or showed what it was to.
    Fine,
    /// A check has found something.
    Findings,
}

/// The exit code of a command: 0, 1 if a check has found something, and 2 if it could not run, which
/// is told then.
pub(crate) fn code(result: Result<Verdict, Failure>, out: Output, secrets: &Secrets) -> ExitCode {
    match result {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(failure) => {
            out.failure(&failure.without(secrets));
            ExitCode::from(2)
        }
    }
}
