//! A process of its own, because a process has one trail: it works on the trail of
//! `THREADLINE_SCHEMA` in the database of its first argument. `sync <table>` puts a table under
//! audit, `down` takes the trail away, and `transactions` tells who wrote, a line each.

use sea_orm::{Database, DatabaseConnection};
use sea_orm_migration::{MigrationTrait, SchemaManager};
use threadline::{Registry, TableName, TableSpec};

type Done = Result<(), Box<dyn std::error::Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::process::ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words[..] {
        [url, ref command @ ..] => match Database::connect(url).await {
            Ok(db) => run(&db, command).await,
            Err(error) => Err(error.into()),
        },
        [] => Err("which database?".into()),
    };
    match done {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::FAILURE
        }
    }
}

async fn run(db: &DatabaseConnection, command: &[&str]) -> Done {
    match command {
        ["sync", table] => {
            let spec = TableSpec::new(TableName::parse(table)?);
            let registry = Registry::builder().table(spec).build()?;
            print!("{}", threadline_migration::sync(db, &registry).await?);
        }
        ["down"] => {
            threadline_migration::v1::Migration.down(&SchemaManager::new(db)).await?;
        }
        ["transactions"] => {
            for (transaction, _) in threadline::transactions(db, 100).await? {
                println!("{:?}", transaction.actor);
            }
        }
        _ => return Err(format!("unknown command: {command:?}").into()),
    }
    Ok(())
}
