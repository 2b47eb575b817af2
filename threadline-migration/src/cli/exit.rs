//! What the exit codes mean.

use std::process::ExitCode;

use clap::error::ErrorKind;

use super::failure::Failure;
use super::output::{Output, answer_was_lost};
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
        Ok(_) if answer_was_lost() => {
            out.failure(&Failure::new("write", "the answer could not be written".to_owned()));
            ExitCode::from(2)
        }
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(failure) => {
            out.failure(&failure.without(secrets));
            ExitCode::from(2)
        }
    }
}

/// Prints help and version as asked for, and anything else as an error, without what may be secret.
pub(crate) fn refused(error: &clap::Error, secrets: &Secrets) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // The reader may have hung up.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    // The arguments could not be read, so it is not known from them whether JSON is wanted.
    let json = std::env::args_os().any(|argument| argument == "--json");
    if json {
        let text = error.to_string();
        let text = text.strip_prefix("error: ").unwrap_or(&text).trim_end().to_owned();
        return code(Err(Failure::usage(text)), Output::new(json), secrets);
    }
    anstream::eprint!("{}", secrets.hide(&error.render().ansi().to_string()));
    ExitCode::from(2)
}
