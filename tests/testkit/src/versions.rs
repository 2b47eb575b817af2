//! Which versions of PostgreSQL the tests run on.

use std::env;
use std::io::{self, Write as _};
use std::process::{self, Command};

use crate::TestkitError;
use crate::cluster::account::Account;
use crate::search::{NEWEST, OLDEST};
use crate::server::programs;

/// The variable that asks for one major version, or for all.
pub(crate) const WANTED: &str = "THREADLINE_TEST_PG";

/// The exit code of a test program in which a test failed.
const FAILED: i32 = 101;

/// The versions that somebody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Any,
    Major(u32),
    All,
}

impl Wanted {
    /// Reads the variable's value.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, TestkitError> {
        match text.filter(|text| !text.is_empty()) {
            None => Ok(Self::Any),
            Some("all") => Ok(Self::All),
            Some(text) => match text.parse() {
                Ok(major) if major >= OLDEST => Ok(Self::Major(major)),
                _ => Err(setting(format!(
                    "{text:?} is no major version from {OLDEST} on; write for example 17, or all"
                ))),
            },
        }
    }
}

/// Runs this program once more for each version, one after the other, and ends the process with
/// their result. It returns only if that cannot be: a version that is missing is an error before
/// anything has run, for a run that leaves one out would look like a good one.
pub(crate) async fn run_on_all() -> TestkitError {
    if let Err(error) = have_all().await {
        return error;
    }
    let mut failed = Vec::new();
    for major in OLDEST..=NEWEST {
        say(&format!("\n== PostgreSQL {major}\n"));
        match run_on(major) {
            Ok(true) => {}
            Ok(false) => failed.push(major.to_string()),
            Err(error) => return setting(format!("the program cannot run itself: {error}")),
        }
    }
    if failed.is_empty() {
        say(&format!("\n== passed on PostgreSQL {OLDEST} to {NEWEST}\n"));
        process::exit(0);
    }
    say(&format!("\n== failed on PostgreSQL {}\n", failed.join(", ")));
    process::exit(FAILED)
}

async fn have_all() -> Result<(), TestkitError> {
    let account = Account::instead_of_root().map_err(TestkitError::NothingFound)?;
    for major in OLDEST..=NEWEST {
        programs(Some(major), account).await?;
    }
    Ok(())
}

fn run_on(major: u32) -> io::Result<bool> {
    let mut command = Command::new(env::current_exe()?);
    command.args(env::args_os().skip(1)).env(WANTED, major.to_string());
    Ok(command.status()?.success())
}

/// Past the test harness, which would keep what is printed to itself.
fn say(text: &str) {
    // Without a place to write to, the runs still tell how they went by how they end.
    let _ = writeln!(io::stderr(), "{text}");
}

fn setting(reason: String) -> TestkitError {
    TestkitError::Setting { variable: WANTED, reason }
}

#[cfg(test)]
mod tests {
    use super::Wanted;

    #[test]
    fn a_supported_number_or_all_may_be_wanted() {
        assert_eq!(Wanted::parse(None).unwrap(), Wanted::Any);
        assert_eq!(Wanted::parse(Some("")).unwrap(), Wanted::Any);
        assert_eq!(Wanted::parse(Some("17")).unwrap(), Wanted::Major(17));
        assert_eq!(Wanted::parse(Some("all")).unwrap(), Wanted::All);
        for wrong in ["every", "13", "17.2", "-1"] {
            let text = Wanted::parse(Some(wrong)).unwrap_err().to_string();
            assert!(text.contains("THREADLINE_TEST_PG") && text.contains(wrong), "{text}");
        }
    }
}
