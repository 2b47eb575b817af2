//! A throw-away PostgreSQL: made for this process, gone with it.
//!
//! The server runs under a small shell script which waits on a pipe held by this process. However
//! the process ends, the pipe closes, and the script stops the server and removes its files.

pub(crate) mod account;
pub(crate) mod home;

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use account::Account;
use home::{make_home, random_text};

const SUPERVISOR: &str = include_str!("supervisor.sh");
const SETTINGS: &str = include_str!("settings.conf");

/// How many ports the supervisor may try: another process can take one between the moment it was
/// found free and the moment the server asks for it.
const PORTS: usize = 5;

/// Longer than a loaded machine needs, shorter than a person waits.
const PATIENCE: Duration = Duration::from_secs(60);

/// A running throw-away server.
#[derive(Debug)]
pub(crate) struct Cluster {
    supervisor: Child,
    home: PathBuf,
    password: String,
    port: u16,
}

impl Cluster {
    /// Makes and starts a server with the programs of `bin_dir`. Blocks for about a second. The
    /// settings are lines of `postgresql.conf` that overrule the usual ones.
    pub(crate) fn start(
        bin_dir: &Path,
        account: Option<Account>,
        settings: &str,
    ) -> Result<Self, String> {
        let password = random_text().map_err(|error| format!("no random password: {error}"))?;
        let settings = format!("{SETTINGS}{settings}\n");
        let files = [("password", password.as_str()), ("settings.conf", &settings)];
        let home = make_home("pg", &files, account)
            .map_err(|error| format!("no directory for its files: {error}"))?;
        let supervisor = free_ports()
            .and_then(|ports| supervise(bin_dir, &home, account, &ports))
            .map_err(|error| format!("/bin/sh could not be run: {error}"))
            .inspect_err(|_| {
                // Nobody else knows of the directory yet; the error that counts is the other one.
                let _ = fs::remove_dir_all(&home);
            })?;
        let mut cluster = Self { supervisor, home, password, port: 0 };
        cluster.port = cluster.wait_until_ready()?;
        Ok(cluster)
    }

    /// The URL of the server's first database, as its superuser.
    pub(crate) fn url(&self) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres?sslmode=disable")
    }

    fn wait_until_ready(&mut self) -> Result<u16, String> {
        let started = Instant::now();
        loop {
            if let Some(port) = self.ready_port() {
                return Ok(port);
            }
            let ended = self.home.join("ended").exists()
                || self.supervisor.try_wait().is_ok_and(|status| status.is_some());
            if ended {
                return Err(format!("it ended at once. {}", self.end_of_log()));
            }
            if started.elapsed() > PATIENCE {
                let seconds = PATIENCE.as_secs();
                return Err(format!("not ready after {seconds} seconds. {}", self.end_of_log()));
            }
            sleep(Duration::from_millis(10));
        }
    }

    /// The port, once the server says in its lock file that it takes connections.
    fn ready_port(&self) -> Option<u16> {
        let lock = fs::read_to_string(self.home.join("data/postmaster.pid")).ok()?;
        let line = |number: usize| lock.lines().nth(number).map(str::trim);
        (line(7) == Some("ready")).then(|| line(3)?.parse().ok()).flatten()
    }

    fn end_of_log(&self) -> String {
        let log = fs::read(self.home.join("server.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = &lines[lines.len().saturating_sub(15)..];
        format!("The end of its log:\n  {}", last.join("\n  "))
    }
}

impl Drop for Cluster {
    /// A server that failed to start is dropped, and one that a test has for itself. That of the
    /// process lives as long as the process.
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        // The supervisor has been told to clean up and ends by itself.
        let _ = self.supervisor.wait();
    }
}

fn supervise(
    bin_dir: &Path,
    home: &Path,
    account: Option<Account>,
    ports: &[u16],
) -> io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(SUPERVISOR).arg("threadline-postgres").arg(bin_dir).arg(home);
    command.args(ports.iter().map(u16::to_string));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // Out of the terminal's foreground group, so that Ctrl-C does not reach it.
    command.process_group(0).current_dir("/");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C");
    if let Some(Account { uid, gid }) = account {
        command.uid(uid).gid(gid);
    }
    command.spawn()
}

/// Ports that are free at this moment, all different because all are held until all are known.
pub(crate) fn free_ports() -> io::Result<Vec<u16>> {
    let listeners: Vec<TcpListener> =
        (0..PORTS).map(|_| TcpListener::bind(("127.0.0.1", 0))).collect::<io::Result<_>>()?;
    listeners.iter().map(|it| Ok(it.local_addr()?.port())).collect()
}
