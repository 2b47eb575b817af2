//! Which account runs the server: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::MetadataExt;

/// The accounts that stand in for root, best first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// A user and group of this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
}

impl Account {
    /// The account to run PostgreSQL as: none when this process is not root and simply stays
    /// itself. The error says which accounts are missing.
    pub(crate) fn instead_of_root() -> Result<Option<Self>, String> {
        if !is_root() {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        Self::unprivileged(&passwd).map(Some).ok_or_else(|| {
            format!(
                "PostgreSQL refuses to run as root, and /etc/passwd has none of the users {}; \
                 run the tests as another user or create one of these",
                UNPRIVILEGED.join(", ")
            )
        })
    }

    fn unprivileged(passwd: &str) -> Option<Self> {
        UNPRIVILEGED.iter().find_map(|name| {
            passwd.lines().find_map(|line| {
                let mut fields = line.split(':');
                (fields.next() == Some(name)).then_some(())?;
                let uid = number(fields.nth(1)?)?;
                let gid = number(fields.next()?)?;
                (uid != 0).then_some(Self { uid, gid })
            })
        })
    }
}

/// An id of `/etc/passwd`; macOS writes `nobody` as -2.
fn number(text: &str) -> Option<u32> {
    text.parse().ok().or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned))
}

/// Whether this process is root, without asking the C library: on Linux the owner of its own entry
/// under `/proc`, elsewhere the owner of a file that it makes.
fn is_root() -> bool {
    if let Ok(itself) = fs::metadata("/proc/self") {
        return itself.uid() == 0;
    }
    let probe = std::env::temp_dir().join(format!("threadline-who-{}", std::process::id()));
    let owner = fs::File::create(&probe).and_then(|file| file.metadata()).map(|it| it.uid());
    // Left behind it would only be an empty file.
    let _ = fs::remove_file(&probe);
    owner.is_ok_and(|uid| uid == 0)
}

#[cfg(test)]
mod tests {
    use super::Account;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\n\
        nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false\n";

    #[test]
    fn postgres_comes_before_nobody() {
        let both = format!("{PASSWD}postgres:x:101:104:PostgreSQL:/var/lib/postgresql:/bin/bash\n");
        assert_eq!(Account::unprivileged(&both), Some(Account { uid: 101, gid: 104 }));
    }

    #[test]
    fn nobody_may_have_a_negative_number() {
        let id = u32::MAX - 1;
        assert_eq!(Account::unprivileged(PASSWD), Some(Account { uid: id, gid: id }));
    }

    #[test]
    fn a_postgres_that_is_root_does_not_count() {
        assert_eq!(
            Account::unprivileged("postgres:x:0:0::/:/bin/sh\npostgresql:x:7:7::/:\n"),
            None
        );
        assert_eq!(Account::unprivileged("garbage\nnobody:x\n"), None);
    }
}
