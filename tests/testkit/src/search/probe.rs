//! Whether the programs in a directory really run, and which version they are.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::cluster::account::Account;

/// Says what a directory holds. A trait, so that the search can be tried without any PostgreSQL.
pub(crate) trait Programs {
    /// The real directory of the programs and their major version; `None` if there are none.
    /// The error says why programs that are there cannot be used.
    fn version(&self, directory: &Path) -> Result<Option<(PathBuf, u32)>, String>;
}

/// Runs `initdb --version` and `postgres --version`, as the account that will run the server: a
/// directory that only root can enter is of no use to it.
#[derive(Debug)]
pub(crate) struct Prober {
    pub(crate) account: Option<Account>,
}

impl Programs for Prober {
    fn version(&self, directory: &Path) -> Result<Option<(PathBuf, u32)>, String> {
        let programs = ["initdb", "postgres"].map(|name| directory.join(name));
        let missing = programs.iter().filter(|program| !program.is_file()).count();
        match missing {
            0 => {}
            1 if programs[1].is_file() => return Err("it has postgres but no initdb".to_owned()),
            _ => return Ok(None),
        }
        let [initdb, server] = programs;
        let (initdb, major) = (self.major(&initdb)?, self.major(&server)?);
        if initdb != major {
            return Err(format!("initdb is version {initdb}, but postgres is version {major}"));
        }
        Ok(Some((real_directory(directory), major)))
    }
}

impl Prober {
    fn major(&self, program: &Path) -> Result<u32, String> {
        let mut command = Command::new(program);
        command.arg("--version").stdin(Stdio::null()).current_dir("/");
        if let Some(Account { uid, gid }) = self.account {
            command.uid(uid).gid(gid);
        }
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let output = command.output().map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied if self.account.is_some() => {
                format!(
                    "{name} may not be run by the user that stands in for root; put it where \
                     everybody may enter every directory above it"
                )
            }
            _ => format!("{name} cannot be run: {error}"),
        })?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.lines().next().unwrap_or("no message");
            return Err(format!("{name} --version failed ({}): {said}", output.status));
        }
        let said = String::from_utf8_lossy(&output.stdout);
        major_version(&said)
            .ok_or_else(|| format!("{name} --version says {:?}, no version", said.trim()))
    }
}

/// Where the programs are once links are followed, so that `psql` and `pg_dump` are found beside
/// them and one installation is not listed twice.
fn real_directory(directory: &Path) -> PathBuf {
    let real = fs::canonicalize(directory.join("postgres"));
    real.ok()
        .and_then(|server| Some(server.parent()?.to_path_buf()))
        .filter(|found| found.join("initdb").is_file() && found.join("postgres").is_file())
        .or_else(|| fs::canonicalize(directory).ok())
        .unwrap_or_else(|| directory.to_path_buf())
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian …)`, `initdb (PostgreSQL) 18beta1`.
pub(crate) fn major_version(text: &str) -> Option<u32> {
    let after = text.split_once("(PostgreSQL) ")?.1;
    let end = after.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(after.len());
    after[..end].parse().ok()
}
