//! The committed audit migration is what the entities say today.

use std::fs;
use std::path::{Path, PathBuf};

use helpdesk_entity as _; // linked, so that its entities are registered
use helpdesk_migration::{Migrator, MigratorTrait};
use threadline::Registry;
use threadline_testkit::TestDb;

#[tokio::test]
async fn frozen_sql_is_current() {
    let test_db = TestDb::empty().await;
    let db = test_db.connect().await;
    // It was generated where the migrations before it had run.
    let before = u32::try_from(Migrator::migrations().len() - 1).expect("not that many");
    Migrator::up(&db, Some(before)).await.expect("the migrations run");
    let registry = Registry::collect().expect("the entities are linked");

    let scratch = Scratch::new();
    let generated = threadline_migration::generate(&db, &registry, &scratch.0, "audit");
    let generated = generated.await.expect("it can be generated");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for ending in ["up.sql", "down.sql"] {
        let fresh = fs::read_to_string(scratch.0.join(format!("{}.{ending}", generated.name)));
        let fresh = fresh.expect("it was generated");
        let committed = newest(&source, ending);
        if std::env::var_os("REFREEZE").is_some() {
            fs::write(&committed, &fresh).expect("it can be written");
        }
        assert!(
            fs::read_to_string(&committed).expect("it is committed") == fresh,
            "{} is out of date: a table, or what is audited of it, has changed. Write the next audit \
             migration (lib.rs names the command). Only if this one has not run anywhere yet, let \
             the test write it anew: REFREEZE=1 cargo test -p helpdesk-migration",
            committed.display()
        );
    }
}

#[tokio::test]
async fn every_migration_goes_up_and_an_empty_trail_goes_down() {
    let test_db = TestDb::empty().await;
    let db = test_db.connect().await;
    Migrator::up(&db, None).await.expect("up");
    Migrator::down(&db, None).await.expect("down");
    Migrator::up(&db, None).await.expect("up again");
    Migrator::refresh(&db).await.expect("down and up");
}

#[tokio::test]
async fn a_trail_with_rows_does_not_go_down() {
    use sea_orm::ConnectionTrait;

    let test_db = TestDb::empty().await;
    let db = test_db.connect().await;
    Migrator::up(&db, None).await.expect("up");
    let sql = "INSERT INTO organizations (name, plan) VALUES ('a', 'basic')";
    db.execute_unprepared(sql).await.expect("a row");
    let error = Migrator::down(&db, None).await.expect_err("the trail is not empty").to_string();
    assert!(error.contains("is not erased"), "{error}");
}

/// The last of the audit migrations, which replaces what the earlier ones attached.
fn newest(source: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(source).expect("the sources are there");
    let mut files: Vec<PathBuf> = files
        .map(|file| file.expect("it can be listed").path())
        .filter(|path| path.to_string_lossy().ends_with(&format!("_audit.{ending}")))
        .collect();
    files.sort();
    files.pop().expect("there is an audit migration")
}

/// A folder that is removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("helpdesk-frozen-sql-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the generated files");
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
