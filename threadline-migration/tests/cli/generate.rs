//! `threadline gen triggers`.

use std::fs;
use std::path::PathBuf;

use serde_json::json;

use crate::fixture::Shop;

/// A folder that is removed in the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("threadline-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("a path in UTF-8")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const LIB: &str = "pub use sea_orm_migration::prelude::*;

mod m20260101_000001_threadline_v1;

pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20260101_000001_threadline_v1::Migration)]
    }
}
";

#[tokio::test]
async fn it_writes_a_migration_whose_sql_attaches_by_the_flags() {
    let (shop, folder) = (Shop::installed().await, Folder::new("gen"));
    fs::write(folder.0.join("lib.rs"), LIB).expect("it can be written");
    let document = shop.json(&[
        "gen",
        "triggers",
        "first_tables",
        "--tables",
        "users,posts",
        "--exclude",
        "users.password",
        "--migration-dir",
        folder.path(),
    ]);
    let name = document["name"].as_str().expect("a name");
    assert!(name.ends_with("_first_tables"), "{name}");
    assert_eq!(document["listed"], json!(true));
    assert_eq!(document["files"].as_array().map(Vec::len), Some(3));
    assert!(fs::read_to_string(folder.0.join("lib.rs")).expect("it is there").contains(name));
    assert_eq!(shop.triggers().await, json!(0), "nothing is done to the database");

    let up = fs::read_to_string(folder.0.join(format!("{name}.up.sql"))).expect("it is written");
    shop.run(&up).await;
    shop.run("INSERT INTO users (email, password) VALUES ('a', 'b')").await;
    let image = json!({"id": 1, "email": "a", "tax_number": null, "last_seen": null});
    assert_eq!(shop.changes().await, json!([["insert", "users", image]]));
}

#[tokio::test]
async fn it_says_which_files_it_wrote_and_what_is_left_to_do() {
    let (shop, folder) = (Shop::installed().await, Folder::new("gen-text"));
    let arguments = ["gen", "triggers", "--tables", "posts", "--migration-dir", folder.path()];
    let answer = shop.threadline(&arguments);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{answer:?}");
    assert_eq!(answer.stdout.matches("wrote ").count(), 3, "{answer:?}");
    assert!(answer.stdout.contains("lib.rs was left alone: declare `mod m"), "{answer:?}");
}

#[tokio::test]
async fn it_refuses_without_writing_a_file() {
    let (shop, folder) = (Shop::installed().await, Folder::new("gen-refused"));
    let gen_in = |tables: &str, name: &str, dir: &str| {
        shop.threadline(&["gen", "triggers", name, "--tables", tables, "--migration-dir", dir])
    };
    let refused = gen_in("readings", "audit", folder.path());
    assert!(refused.error().contains("--key"), "{refused:?}");
    let name = gen_in("posts", "Not-A-Name", folder.path());
    assert!(name.error().contains("small letters"), "{name:?}");
    let missing = gen_in("posts", "audit", "no/such/folder");
    assert!(missing.error().contains("cannot write"), "{missing:?}");
    assert_eq!(fs::read_dir(&folder.0).expect("a folder").count(), 0);
    let plain = Shop::plain().await;
    let arguments = ["gen", "triggers", "--tables", "posts", "--migration-dir", folder.path()];
    assert!(plain.threadline(&arguments).error().contains("threadline install"));
}
