//! The supervisor's script with programs that only pretend.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

const SUPERVISOR: &str = include_str!("../../src/cluster/supervisor.sh");

fn program(directory: &Path, name: &str, script: &str) {
    let file = directory.join(name);
    fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A directory with the programs and the home of one test.
fn room(name: &str, server: &str) -> PathBuf {
    let name = format!("threadline-supervisor-{name}-{}", std::process::id());
    let room = std::env::temp_dir().join(name);
    fs::create_dir_all(room.join("home")).unwrap();
    fs::write(room.join("home/settings.conf"), "fsync = off\n").unwrap();
    program(&room, "initdb", "mkdir data");
    program(&room, "postgres", server);
    room
}

fn supervise(room: &Path) -> Child {
    Command::new("/bin/sh")
        .args(["-c", SUPERVISOR, "threadline-postgres"])
        .args([room, &room.join("home")])
        .args(["1001", "1002", "1003"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap()
}

fn wait_for(file: &Path) -> String {
    let started = Instant::now();
    while !file.exists() {
        assert!(started.elapsed() < Duration::from_secs(15), "{} is missing", file.display());
        sleep(Duration::from_millis(20));
    }
    sleep(Duration::from_millis(50));
    fs::read_to_string(file).unwrap()
}

#[test]
fn a_taken_port_leads_to_the_next() {
    // The fourth argument is the port; the first one is taken.
    let server = "test \"$4\" = 1001 && exit 1\n\
        echo \"$4\" >>started\n\
        while ! test -e gone; do sleep 0.1; done";
    let room = room("taken", server);
    let mut supervisor = supervise(&room);
    assert_eq!(wait_for(&room.join("home/started")), "1002\n");
    assert_eq!(
        fs::read_to_string(room.join("home/data/postgresql.conf")).unwrap(),
        "fsync = off\n"
    );
    assert!(!room.join("home/ended").exists());
    drop(supervisor.stdin.take());
    assert!(supervisor.wait().unwrap().success());
    assert!(!room.join("home").exists(), "it removes the home");
    fs::remove_dir_all(room).unwrap();
}

#[test]
fn a_server_that_never_starts_leaves_its_log_to_the_owner() {
    let room = room("never", "echo \"no $4\" >&2; exit 1");
    let mut supervisor = supervise(&room);
    wait_for(&room.join("home/ended"));
    let log = fs::read_to_string(room.join("home/server.log")).unwrap();
    for port in ["no 1001", "no 1002", "no 1003"] {
        assert!(log.contains(port), "{log}");
    }
    drop(supervisor.stdin.take());
    assert!(supervisor.wait().unwrap().success());
    assert!(!room.join("home").exists());
    fs::remove_dir_all(room).unwrap();
}
