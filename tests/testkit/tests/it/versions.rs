//! `THREADLINE_TEST_PG=all`: this program once more, as somebody would start it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

const ALL: &str = "THREADLINE_TEST_PG";

/// Runs one test on all versions, and says how it ended and what it wrote.
fn run_on_all(variable: &str, value: &str) -> (bool, String) {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "databases::the_server_says_what_it_is", "--nocapture"])
        .env_remove("DATABASE_URL")
        .env(ALL, "all")
        .env(variable, value)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), text + &String::from_utf8_lossy(&output.stderr))
}

/// A directory whose programs say that they are version 16.
fn sixteen() -> PathBuf {
    let room = std::env::temp_dir().join(format!("threadline-sixteen-{}", std::process::id()));
    fs::create_dir_all(&room).unwrap();
    fs::set_permissions(&room, fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["initdb", "postgres"] {
        let program = room.join(name);
        fs::write(&program, format!("#!/bin/sh\necho '{name} (PostgreSQL) 16.1'\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    }
    room
}

#[test]
fn a_version_that_is_missing_fails_the_run_before_it_begins() {
    let room = sixteen();
    let (good, text) = run_on_all("THREADLINE_PG_BIN", room.to_str().unwrap());
    fs::remove_dir_all(&room).unwrap();
    assert!(!good && text.contains("it is PostgreSQL 16"), "{text}");
    assert!(!text.contains("== PostgreSQL"), "nothing may have run:\n{text}");
}

#[test]
fn one_server_is_not_all_versions() {
    let (good, text) = run_on_all("DATABASE_URL", "postgres://127.0.0.1:1/app");
    assert!(!good && text.contains("THREADLINE_TEST_PG=all; unset one of them"), "{text}");
}
