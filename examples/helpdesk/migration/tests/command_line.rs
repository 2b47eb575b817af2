//! `audit` beside the commands of `sea-orm-cli migrate`: what the registry wants of a database.

use std::process::{Command, Output};

use helpdesk_entity as _; // linked, so that its entities are registered
use helpdesk_migration::{Migrator, MigratorTrait};
use serde_json::{Value, json};
use threadline_testkit::TestDb;

fn run(url: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_helpdesk-migration"));
    let command = command.args(arguments).env("DATABASE_URL", url);
    command.output().expect("the program can be run")
}

fn code(url: &str, arguments: &[&str]) -> Option<i32> {
    run(url, arguments).status.code()
}

fn document(url: &str, arguments: &[&str]) -> Value {
    let output = run(url, arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn it_shows_and_does_what_the_entities_want() {
    let test_db = TestDb::empty().await;
    let db = test_db.connect().await;
    // The tables, and nothing of Threadline.
    Migrator::up(&db, Some(3)).await.expect("the migrations run");
    let url = test_db.url();
    assert_eq!(code(url, &["audit", "status"]), Some(0));
    assert_eq!(code(url, &["audit", "status", "--check"]), Some(1));
    let plan = document(url, &["audit", "plan", "--json"]);
    assert_eq!(plan["installs_schema"], json!(true));
    let wanted = plan["steps"].as_array().map(Vec::len);
    assert!(wanted > Some(0), "{plan}");
    let synced = document(url, &["audit", "sync", "--json"]);
    assert_eq!(synced["tables"].as_array().map(Vec::len), wanted);
    assert_eq!(synced["tables"][0]["outcome"], json!("created"));
    assert_eq!(code(url, &["audit", "status", "--check"]), Some(0));
    assert_eq!(document(url, &["audit", "plan", "--json"])["steps"], json!([]));
}

#[tokio::test]
async fn it_tells_whether_the_tables_of_the_entities_are_covered() {
    let test_db = TestDb::empty().await;
    let db = test_db.connect().await;
    Migrator::up(&db, Some(3)).await.expect("the migrations run");
    let url = test_db.url();
    let before = document(url, &["audit", "verify-coverage", "--json"]);
    assert_eq!((&before["passes"], &before["covered"]), (&json!(false), &json!(0)), "{before}");
    assert_eq!(code(url, &["audit", "verify-coverage"]), Some(1));
    assert_eq!(code(url, &["audit", "health", "coverage"]), Some(0), "a viewer");
    assert_eq!(code(url, &["audit", "health", "coverage", "--strict"]), Some(1));
    assert_eq!(code(url, &["audit", "doctor"]), Some(1));
    assert_eq!(code(url, &["audit", "sync"]), Some(0));
    let after = document(url, &["audit", "verify-coverage", "--json"]);
    assert_eq!(
        (&after["passes"], &after["covered"]),
        (&json!(true), &before["expected"]),
        "{after}"
    );
    for command in [
        &["audit", "verify-coverage"][..],
        &["audit", "health", "coverage", "--all-schemas", "--strict"],
        &["audit", "doctor"],
        &["audit", "policy", "show"],
    ] {
        assert_eq!(code(url, command), Some(0), "{command:?}");
    }
    let policies = document(url, &["audit", "policy", "show", "--json"]);
    assert_eq!(policies["summary"]["config_matches_deployed"], after["expected"], "{policies}");
}

#[tokio::test]
async fn it_still_migrates() {
    let test_db = TestDb::empty().await;
    assert_eq!(code(test_db.url(), &["up"]), Some(0));
    assert_eq!(code(test_db.url(), &["audit", "status"]), Some(0));
}

#[test]
fn what_cannot_run_says_why_without_the_password() {
    for arguments in [&["up"][..], &["audit", "status"], &["audit", "plan", "--json"]] {
        let output = run("postgres://ada:s3cret@127.0.0.1:1/shop", arguments);
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(!output.status.success(), "{arguments:?}: {said}");
        assert!(said.contains("cannot connect to shop at 127.0.0.1:1 as ada"), "{said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
    let stray = run("postgres://h/d", &["audit", "status", "postgres://ada:s3cret@h/d"]);
    assert_eq!(stray.status.code(), Some(2));
    assert!(!String::from_utf8_lossy(&stray.stderr).contains("s3cret"));
}
