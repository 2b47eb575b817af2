//! Which PostgreSQL programs this machine has: a list, best first, with what was rejected and why.

mod advice;
mod places;
mod probe;

use std::path::{Path, PathBuf};

pub(crate) use advice::{System, nothing_found};
#[cfg(feature = "download")]
pub(crate) use places::matching;
pub(crate) use places::{Place, Surroundings};
pub(crate) use probe::{Prober, Programs};

/// The oldest PostgreSQL that Threadline supports.
pub(crate) const OLDEST: u32 = 14;

/// The newest PostgreSQL that Threadline is tested on.
pub(crate) const NEWEST: u32 = 18;

/// A directory whose `initdb` and `postgres` run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installation {
    pub(crate) bin_dir: PathBuf,
    pub(crate) major: u32,
    /// How it was found, for messages: "PATH", "pg_config --bindir", …
    pub(crate) place: String,
}

/// A directory that looked like one and is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    pub(crate) place: Place,
    pub(crate) reason: String,
}

/// The result of looking everywhere.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pub(crate) installations: Vec<Installation>,
    pub(crate) rejected: Vec<Rejected>,
    /// Every place that was looked at, in order, whether or not there was anything.
    pub(crate) looked: Vec<String>,
}

impl Search {
    /// Looks at every place of `surroundings` and asks `programs` what is there.
    pub(crate) fn run(surroundings: &Surroundings, programs: &dyn Programs) -> Self {
        let mut search = Self { looked: surroundings.described(), ..Self::default() };
        for place in surroundings.places() {
            search.judge(place, programs);
        }
        search
    }

    /// The best installation: the first in order, or the first of the version asked for.
    pub(crate) fn best(&self, wanted: Option<u32>) -> Option<&Installation> {
        self.installations.iter().find(|it| wanted.is_none_or(|major| it.major == major))
    }

    fn judge(&mut self, place: Place, programs: &dyn Programs) {
        match programs.version(&place.directory) {
            Ok(None) => {
                if place.is_explicit() {
                    let reason = "it has no initdb and postgres".to_owned();
                    self.rejected.push(Rejected { place, reason });
                }
            }
            Ok(Some((bin_dir, major))) if major >= OLDEST => {
                if !self.knows(&bin_dir) {
                    let place = place.origin.to_owned();
                    self.installations.push(Installation { bin_dir, major, place });
                }
            }
            Ok(Some((_, major))) => {
                let reason = format!("PostgreSQL {major} is too old, {OLDEST} is the oldest");
                self.rejected.push(Rejected { place, reason });
            }
            Err(reason) => self.rejected.push(Rejected { place, reason }),
        }
    }

    fn knows(&self, bin_dir: &Path) -> bool {
        self.installations.iter().any(|it| it.bin_dir == bin_dir)
    }
}

#[cfg(test)]
mod tests;
