//! A PgBouncer in transaction mode, in which every transaction may run on another connection.

use std::env;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::cluster::account::Account;
use crate::cluster::free_ports;
use crate::cluster::home::make_home;
use crate::{TestDb, TestkitError};

/// The variable that names the program.
const EXPLICIT: &str = "THREADLINE_PGBOUNCER";

/// Where packages put it, which the `PATH` of a usual account lacks.
const PLACES: [&str; 4] =
    ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin"];

const HOLDER: &str = include_str!("pgbouncer.sh");
const SETTINGS: &str = "pool_mode = transaction
listen_addr = 127.0.0.1
unix_socket_dir =
auth_type = md5
auth_file = users.txt
ignore_startup_parameters = extra_float_digits
";
const PATIENCE: Duration = Duration::from_secs(20);

/// A running PgBouncer before the server of a test database. It stops when it is dropped.
#[derive(Debug)]
pub struct PgBouncer {
    holder: Child,
    home: PathBuf,
    url: String,
}

impl PgBouncer {
    /// Starts one that shares that many connections to the server among its clients, transaction by
    /// transaction. The settings are further lines of the section `[pgbouncer]`.
    ///
    /// ```no_run
    /// use threadline_testkit::{PgBouncer, TestDb};
    ///
    /// # async fn example() -> Result<(), threadline_testkit::TestkitError> {
    /// let test = TestDb::empty().await;
    /// let pooler = PgBouncer::before(&test, 1, "server_reset_query_always = 1")?;
    /// println!("psql {}", pooler.url());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When there is no PgBouncer (the text says how to install it), when it does not start, or when
    /// `DATABASE_URL` names no host and password that it could log in with.
    pub fn before(db: &TestDb, connections: u32, settings: &str) -> Result<Self, TestkitError> {
        Self::start(db, connections, settings).map_err(TestkitError::PgBouncer)
    }

    /// The URL of the test database through it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The version of the one on this machine, as `(1, 24)`.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub fn version() -> Result<(u32, u32), TestkitError> {
        program().and_then(|program| version_of(&program)).map_err(TestkitError::PgBouncer)
    }

    fn start(db: &TestDb, connections: u32, settings: &str) -> Result<Self, String> {
        let account = Account::instead_of_root()?;
        let program = program()?;
        let address = db.server().address();
        let ((host, port), (role, password)) = (address.place().zip(address.login()))
            .ok_or("DATABASE_URL must name a host and a password for it to log in with")?;
        let ports = free_ports().map_err(|error| format!("no free port: {error}"))?;
        let own = ports[0];
        let ini = format!(
            "[databases]\n* = host={host} port={port}\n\
             [pgbouncer]\nlisten_port = {own}\ndefault_pool_size = {connections}\n\
             {SETTINGS}{settings}\n"
        );
        let quoted = |text: String| format!("\"{}\"", text.replace('"', "\"\""));
        let users = format!("{} {}\n", quoted(role), quoted(password));
        let files = [("pgbouncer.ini", ini.as_str()), ("users.txt", &users)];
        let home = make_home("pgbouncer", &files, account)
            .map_err(|error| format!("no directory for its files: {error}"))?;
        let holder = hold(&program, &home, account).map_err(|error| {
            // Nobody else knows of the directory yet; the error that counts is the other one.
            let _ = fs::remove_dir_all(&home);
            format!("/bin/sh could not be run: {error}")
        })?;
        let url = address.at_port(db.name(), own).ok_or("its URL takes no port")?;
        let pooler = Self { holder, home, url };
        pooler.wait_until_ready(own)?;
        Ok(pooler)
    }

    fn wait_until_ready(&self, port: u16) -> Result<(), String> {
        let started = Instant::now();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        while TcpStream::connect_timeout(&address, PATIENCE).is_err() {
            if started.elapsed() > PATIENCE {
                let log = fs::read_to_string(self.home.join("log")).unwrap_or_default();
                return Err(format!(
                    "no answer within {} seconds. Its log:\n{log}",
                    PATIENCE.as_secs()
                ));
            }
            sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        // The script has been told to clean up and ends by itself.
        let _ = self.holder.wait();
    }
}

fn program() -> Result<PathBuf, String> {
    if let Some(named) = env::var_os(EXPLICIT).filter(|value| !value.is_empty()) {
        return Ok(named.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).chain(PLACES.map(PathBuf::from));
    places.map(|place| place.join("pgbouncer")).find(|it| it.is_file()).ok_or_else(|| {
        format!(
            "there is none in PATH or {}; install it (sudo apt-get install pgbouncer, sudo dnf install \
             pgbouncer, brew install pgbouncer) or name the program with {EXPLICIT}",
            PLACES.join(", ")
        )
    })
}

fn version_of(program: &Path) -> Result<(u32, u32), String> {
    let unusable = |said: &str| format!("{} --version: {said}", program.display());
    let output = Command::new(program)
        .arg("--version")
        .output()
        .map_err(|error| unusable(&error.to_string()))?;
    let said = String::from_utf8_lossy(&output.stdout);
    parse_version(&said).ok_or_else(|| unusable(&said))
}

/// Reads `PgBouncer 1.24.1`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut numbers = text.lines().next()?.strip_prefix("PgBouncer ")?.split('.');
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

fn hold(program: &Path, home: &Path, account: Option<Account>) -> std::io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(HOLDER).arg("threadline-pgbouncer").arg(program).arg(home);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Out of the terminal's foreground group, so that Ctrl-C does not reach it.
    command.process_group(0).current_dir("/");
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command.spawn()
}

#[cfg(test)]
mod tests {
    use super::parse_version;

    #[test]
    fn the_version_is_read_from_what_the_program_says() {
        assert_eq!(parse_version("PgBouncer 1.18.0\nlibevent 2.1.12-stable\n"), Some((1, 18)));
        assert_eq!(parse_version("PgBouncer 1.24.1"), Some((1, 24)));
        assert_eq!(parse_version("pgcat 1.2"), None);
    }
}
