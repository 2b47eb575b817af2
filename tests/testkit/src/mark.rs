//! The comment on a test database that says whose it is, so that leftovers can be told from databases in use.

use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{self, Command};
use std::sync::LazyLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const WORD: &str = "threadline-testkit";

/// How long the database of a failed test is kept.
const KEPT_FOR: Duration = Duration::from_hours(24);

static MACHINE: LazyLock<String> = LazyLock::new(machine);

/// Whose a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    machine: String,
    process: u32,
    /// When it was kept, in seconds since 1970, if its test failed.
    kept: Option<u64>,
}

impl Mark {
    /// That of this process.
    pub(crate) fn ours() -> Self {
        Self { machine: MACHINE.clone(), process: process::id(), kept: None }
    }

    /// The same for a database that is to stay for a while.
    pub(crate) fn kept(mut self) -> Self {
        self.kept = Some(now().as_secs());
        self
    }

    /// Reads a comment; `None` if it is not one of ours.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        (words.next() == Some(WORD)).then_some(())?;
        let machine = words.next()?.to_owned();
        let process = words.next()?.parse().ok()?;
        let kept = words.next().map(str::parse).transpose().ok()?;
        words.next().is_none().then_some(Self { machine, process, kept })
    }

    /// Whether nobody can be using the database any more. About other machines nothing is known, so
    /// theirs are never stale.
    pub(crate) fn is_stale(&self) -> bool {
        self.machine == *MACHINE && self.is_stale_at(now(), is_running(self.process))
    }

    fn is_stale_at(&self, now: Duration, running: bool) -> bool {
        match self.kept {
            Some(since) => now.saturating_sub(Duration::from_secs(since)) > KEPT_FOR,
            None => !running,
        }
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{WORD} {} {}", self.machine, self.process)?;
        self.kept.map_or(Ok(()), |since| write!(out, " {since}"))
    }
}

fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// A word for this machine, and for the part of it in which process numbers have one meaning: two
/// containers may share a host's name.
fn machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok().or_else(|| {
        let output = Command::new("hostname").output().ok()?;
        String::from_utf8(output.stdout).ok()
    });
    let processes = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let word = format!("{}/{}", name.unwrap_or_default().trim(), processes.display());
    word.replace(char::is_whitespace, "_")
}

fn is_running(process: u32) -> bool {
    if Path::new("/proc/self").exists() {
        return Path::new("/proc").join(process.to_string()).exists();
    }
    let output = Command::new("ps").arg("-p").arg(process.to_string()).output();
    // In doubt it runs, and its databases stay.
    output.map_or(true, |it| it.status.success())
}

#[cfg(test)]
mod tests {
    use super::{Duration, Mark, is_running};

    #[test]
    fn a_mark_is_read_back() {
        for mark in [Mark::ours(), Mark::ours().kept()] {
            assert_eq!(Mark::parse(&mark.to_string()), Some(mark));
        }
        for other in ["", "my database", "threadline-testkit", "threadline-testkit host x"] {
            assert_eq!(Mark::parse(other), None, "{other:?}");
        }
    }

    #[test]
    fn only_a_dead_process_of_this_machine_leaves_stale_databases() {
        assert!(!Mark::ours().is_stale());
        let dead = Mark { process: u32::MAX, ..Mark::ours() };
        assert!(!is_running(u32::MAX) && dead.is_stale());
        assert!(!Mark { machine: "elsewhere/".into(), ..dead }.is_stale());
    }

    #[test]
    fn the_database_of_a_failed_test_stays_for_a_day() {
        let kept = Mark { kept: Some(1_000), ..Mark::ours() };
        assert!(!kept.is_stale_at(Duration::from_secs(1_000 + 86_400), false));
        assert!(kept.is_stale_at(Duration::from_secs(1_001 + 86_400), true));
    }
}
