//! However its owner ends, nothing of a throw-away server stays.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// A program that holds a throw-away server, in a directory that holds nothing else.
struct Owner {
    program: Child,
    directory: PathBuf,
}

impl Owner {
    fn start(name: &str) -> Self {
        let name = format!("threadline-lifetime-{name}-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir(&directory).unwrap();
        // As for any directory of temporary files: everybody may write, and remove what is theirs.
        fs::set_permissions(&directory, fs::Permissions::from_mode(0o1777)).unwrap();
        let program = Command::new(env!("CARGO_BIN_EXE_threadline-test-server"))
            .env_remove("DATABASE_URL")
            .env("THREADLINE_TEST_DIR", &directory)
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .unwrap();
        Self { program, directory }
    }

    /// The port of the server, once it runs.
    fn port(&mut self) -> u16 {
        let mut url = String::new();
        BufReader::new(self.program.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let (_, address) = url.split_once("@127.0.0.1:").expect("the program prints the URL");
        address.split('/').next().unwrap().parse().unwrap()
    }

    fn server(&self) -> String {
        let home = self.home().expect("the server has its directory");
        let lock = fs::read_to_string(home.join("data/postmaster.pid")).unwrap();
        lock.lines().next().unwrap().to_owned()
    }

    fn home(&self) -> Option<PathBuf> {
        Some(fs::read_dir(&self.directory).unwrap().next()?.unwrap().path())
    }

    /// Sends a signal to the program and to everything else in its process group, as a terminal does.
    fn signal(&mut self, signal: &str) {
        let group = format!("-{}", self.program.id());
        let sent = Command::new("kill").args([signal, "--", &group]).status().unwrap();
        assert!(sent.success());
        self.program.wait().unwrap();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // It has ended already, unless the test has failed.
        let _ = self.program.kill();
        let _ = fs::remove_dir(&self.directory);
    }
}

fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(15), "not within 15 seconds: {what}");
        sleep(Duration::from_millis(20));
    }
}

fn runs(process: &str) -> bool {
    Command::new("ps").args(["-p", process]).stdout(Stdio::null()).status().unwrap().success()
}

/// Whether a process has this text in its command line.
fn mentioned(text: &Path) -> bool {
    let output = Command::new("ps").args(["-A", "-ww", "-o", "args="]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).contains(text.to_str().unwrap())
}

fn ends_without_a_trace(name: &str, signal: &str) {
    let mut owner = Owner::start(name);
    let port = owner.port();
    let server = owner.server();
    assert!(runs(&server) && TcpStream::connect(("127.0.0.1", port)).is_ok());
    assert!(mentioned(&owner.directory));
    owner.signal(signal);
    eventually("the server has ended", || !runs(&server));
    eventually("its files are gone", || owner.home().is_none());
    eventually("no process is left", || !mentioned(&owner.directory));
}

#[test]
fn killed() {
    ends_without_a_trace("killed", "-KILL");
}

#[test]
fn interrupted_in_a_terminal() {
    ends_without_a_trace("interrupted", "-INT");
}

#[test]
fn hung_up() {
    ends_without_a_trace("hung-up", "-HUP");
}

#[test]
fn killed_while_the_server_is_being_made() {
    let mut owner = Owner::start("early");
    eventually("the server is being made", || {
        owner.home().is_some_and(|home| home.join("data").exists())
    });
    owner.signal("-KILL");
    eventually("its files are gone", || owner.home().is_none());
    eventually("no process is left", || !mentioned(&owner.directory));
}
