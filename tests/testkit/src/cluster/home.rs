//! The directory of a throw-away server.

use std::env;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::account::Account;

/// The variable that names the directory in which servers are made.
const EXPLICIT: &str = "THREADLINE_TEST_DIR";

/// A file system in memory, where a copy of a database takes an eighth of the time.
const MEMORY: &str = "/dev/shm";

/// What must be free there, in kibibytes. Containers usually give it 64 MiB, less than one server.
const ROOM: u64 = 2 * 1024 * 1024;

/// Makes the directory of everything that belongs to a program, for its account alone, with those
/// files: their names and their texts.
pub(crate) fn make_home(
    program: &str,
    files: &[(&str, &str)],
    account: Option<Account>,
) -> io::Result<PathBuf> {
    let name = format!("threadline-{program}-{}-{}", std::process::id(), &random_text()?[..8]);
    let home = base_directory(account).join(name);
    fs::DirBuilder::new()
        .mode(0o700)
        .create(&home)
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", home.display())))?;
    for (file, text) in files {
        let path = home.join(file);
        let mut open = fs::OpenOptions::new();
        open.write(true).create_new(true).mode(0o600).open(&path)?.write_all(text.as_bytes())?;
        give_to(account, &path)?;
    }
    give_to(account, &home)?;
    Ok(home)
}

fn give_to(account: Option<Account>, path: &Path) -> io::Result<()> {
    account.map_or(Ok(()), |it| chown(path, Some(it.uid), Some(it.gid)))
}

/// Where servers are made: where somebody said, else in memory if there is room, else where other
/// temporary files are.
fn base_directory(account: Option<Account>) -> PathBuf {
    if let Some(directory) = env::var_os(EXPLICIT).filter(|value| !value.is_empty()) {
        return std::path::absolute(&directory).unwrap_or_else(|_| directory.into());
    }
    if anybody_may_write(Path::new(MEMORY)) && free_room(MEMORY).is_some_and(|it| it >= ROOM) {
        return MEMORY.into();
    }
    let usual = env::temp_dir();
    // The directory for temporary files may be root's own, where the account cannot get in.
    if account.is_none() || anybody_may_write(&usual) { usual } else { "/tmp".into() }
}

fn anybody_may_write(directory: &Path) -> bool {
    let allows = |path: &Path, bits: u32| {
        fs::metadata(path).is_ok_and(|found| found.permissions().mode() & bits == bits)
    };
    allows(directory, 0o003) && directory.ancestors().all(|it| allows(it, 0o001))
}

/// The room left in a file system, in kibibytes.
fn free_room(directory: &str) -> Option<u64> {
    let output = Command::new("df").args(["-Pk", directory]).output().ok()?;
    available(&String::from_utf8(output.stdout).ok()?)
}

/// The fourth field of the second line, which POSIX fixes.
fn available(df: &str) -> Option<u64> {
    df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

/// Forty-eight characters that nobody can guess.
pub(crate) fn random_text() -> io::Result<String> {
    let mut bytes = [0_u8; 24];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::{available, random_text};

    #[test]
    fn the_room_is_read_from_df() {
        let df = "Filesystem     1024-blocks  Used Available Capacity Mounted on\n\
                  tmpfs             24689172  1076  24688096       1% /dev/shm\n";
        assert_eq!(available(df), Some(24_688_096));
        assert_eq!(available("df: /dev/shm: No such file or directory\n"), None);
    }

    #[test]
    fn random_texts_differ() {
        let (one, other) = (random_text().unwrap(), random_text().unwrap());
        assert_eq!(one.len(), 48);
        assert_ne!(one, other);
    }
}
