//! What to tell somebody whose machine has no PostgreSQL.

use std::fmt::Write as _;
use std::fs;

use super::{OLDEST, Search};

/// The version to recommend unless one was asked for.
const USUAL: u32 = 17;

/// The kind of system, as far as it decides how PostgreSQL is installed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum System {
    Debian,
    Fedora,
    Alpine,
    Arch,
    Suse,
    Nix,
    MacOs,
    Other,
}

impl System {
    /// This system.
    pub(crate) fn here() -> Self {
        if cfg!(target_os = "macos") {
            return Self::MacOs;
        }
        Self::from_release(&fs::read_to_string("/etc/os-release").unwrap_or_default())
    }

    /// The system that describes itself so in `/etc/os-release`.
    pub(crate) fn from_release(text: &str) -> Self {
        let value = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='));
            line.unwrap_or_default().trim_matches(['"', '\'']).to_owned()
        };
        let names = format!("{} {}", value("ID"), value("ID_LIKE"));
        names.split_whitespace().find_map(Self::named).unwrap_or(Self::Other)
    }

    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "debian" | "ubuntu" => Self::Debian,
            "fedora" | "rhel" | "centos" | "amzn" => Self::Fedora,
            "alpine" => Self::Alpine,
            "arch" | "archlinux" => Self::Arch,
            "suse" | "opensuse" | "opensuse-leap" | "opensuse-tumbleweed" | "sles" => Self::Suse,
            "nixos" => Self::Nix,
            _ => return None,
        })
    }

    /// The command that installs the server's programs.
    pub(crate) fn install_command(self) -> &'static str {
        match self {
            Self::Debian => "sudo apt-get install postgresql",
            Self::Fedora => "sudo dnf install postgresql-server",
            Self::Alpine => "sudo apk add postgresql",
            Self::Arch => "sudo pacman -S postgresql",
            Self::Suse => "sudo zypper install postgresql-server",
            Self::Nix => "nix-shell -p postgresql",
            Self::MacOs => "brew install postgresql@17",
            Self::Other => "see https://www.postgresql.org/download/",
        }
    }
}

/// The one message for a machine without PostgreSQL: what was tried, what was wrong with it, and
/// three ways out. `download` says how the download went.
pub(crate) fn nothing_found(
    system: System,
    search: &Search,
    wanted: Option<u32>,
    download: &str,
) -> String {
    let version = wanted.map_or_else(|| format!("{OLDEST} or newer"), |major| major.to_string());
    let mut text = format!("no PostgreSQL {version} for the tests.\n\nTried, in this order:\n");
    let mut line = |it: &str| writeln!(text, "  - {it}").expect("a String takes any text");
    line("DATABASE_URL (not set)");
    search.looked.iter().for_each(|it| line(it));
    line(&format!("download: {download}"));
    let others = search
        .installations
        .iter()
        .map(|it| (it.bin_dir.display(), format!("is PostgreSQL {}, not {version}", it.major)));
    let rejected =
        search.rejected.iter().map(|it| (it.place.directory.display(), it.reason.clone()));
    let mut unusable = others.chain(rejected).peekable();
    if unusable.peek().is_some() {
        text.push_str("\nFound, but not usable:\n");
    }
    for (directory, reason) in unusable {
        writeln!(text, "  - {directory}: {reason}").expect("a String takes any text");
    }
    text + &ways_out(system, wanted.unwrap_or(USUAL))
}

fn ways_out(system: System, major: u32) -> String {
    format!(
        "\nDo one of these:\n  \
         - install it: {}\n  \
         - name the directory of its programs: THREADLINE_PG_BIN=/path/to/bin\n  \
         - name a running server on which the role may create databases:\n    \
         DATABASE_URL=postgres://user:password@host:5432/database\n    \
         for example one of: docker run --rm -d -p 5432:5432 -e POSTGRES_PASSWORD=test postgres:{major}\n    \
         with DATABASE_URL=postgres://postgres:test@127.0.0.1:5432/postgres\n",
        system.install_command()
    )
}
