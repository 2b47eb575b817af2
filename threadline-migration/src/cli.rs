//! The command line of a host's migration crate: every command of `sea-orm-cli migrate`, and
//! `audit`, which knows the registry.
//!
//! ```ignore
//! // migration/src/main.rs
//! use entity as _; // linked, so that its entities are registered
//!
//! #[tokio::main]
//! async fn main() -> std::process::ExitCode {
//!     threadline_migration::cli::run_cli(migration::Migrator, threadline::Registry::collect()).await
//! }
//! ```

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_cli::MigrateSubcommands;
use sea_orm_migration::MigratorTraitSelf;
use sea_orm_migration::cli::run_migrate;
use threadline::Registry;

use crate::{generate, sync};

#[derive(Debug, Parser)]
#[command(version, about = "Runs the migrations, and puts tables under audit")]
struct Cli {
    /// Prints what the migrator does.
    #[arg(global = true, short, long)]
    verbose: bool,
    /// The schema to migrate in; the default is that of the connection.
    #[arg(global = true, short = 's', long, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,
    /// The database.
    #[arg(global = true, short = 'u', long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    #[command(flatten)]
    Migrate(MigrateSubcommands),
    /// Puts the tables of the registered entities under audit.
    #[command(subcommand)]
    Audit(Audit),
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Writes a migration with the triggers of all registered entities, made from this database.
    Generate {
        /// What the migration is called, in small letters, digits and underscores.
        #[arg(default_value = "audit")]
        name: String,
        /// The `src` folder of the migration crate; the default is that of the crate cargo runs.
        #[arg(long)]
        dir: Option<PathBuf>,
    },
    /// Makes the database audit what the entities say, without a migration (for development).
    Sync,
}

/// Runs the command of the process's arguments, and gives the exit code to return from `main`.
///
/// It takes every command of `sea-orm-cli migrate`, so that tool works as ever in a migration crate
/// that calls this, and adds `audit generate` and `audit sync`. A registry that could not be
/// collected is only an error of the commands that need it.
pub async fn run_cli<M: MigratorTraitSelf>(
    migrator: M,
    registry: Result<Registry, threadline::Error>,
) -> ExitCode {
    let cli = Cli::parse();
    match run(cli, migrator, registry).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run<M: MigratorTraitSelf>(
    cli: Cli,
    migrator: M,
    registry: Result<Registry, threadline::Error>,
) -> Result<(), Box<dyn std::error::Error>> {
    let verbose = cli.verbose;
    match cli.command {
        Some(Command::Audit(audit)) => {
            let db = connect(cli.database_url, cli.database_schema).await?;
            run_audit(audit, &db, &registry?).await
        }
        Some(Command::Migrate(command)) if needs_no_database(&command) => {
            let unused = DatabaseConnection::default();
            run_migrate(migrator, &unused, Some(command), verbose).await
        }
        command => {
            let command = command.and_then(|command| match command {
                Command::Migrate(command) => Some(command),
                Command::Audit(_) => None,
            });
            let db = connect(cli.database_url, cli.database_schema).await?;
            run_migrate(migrator, &db, command, verbose).await
        }
    }
}

fn needs_no_database(command: &MigrateSubcommands) -> bool {
    matches!(command, MigrateSubcommands::Init | MigrateSubcommands::Generate { .. })
}

async fn run_audit(
    audit: Audit,
    db: &DatabaseConnection,
    registry: &Registry,
) -> Result<(), Box<dyn std::error::Error>> {
    match audit {
        Audit::Generate { name, dir } => {
            let dir = dir.unwrap_or_else(own_sources);
            let generated = generate(db, registry, &dir, &name).await?;
            for file in &generated.files {
                println!("wrote {}", file.display());
            }
            if !generated.listed {
                println!(
                    "lib.rs was left alone: declare `mod {0};` and add \
                     `Box::new({0}::Migration)` to its migrations",
                    generated.name
                );
            }
        }
        Audit::Sync => print!("{}", sync(db, registry).await?),
    }
    Ok(())
}

/// The sources of the crate that cargo runs, else those of the current folder.
fn own_sources() -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    root.join("src")
}

async fn connect(
    url: Option<String>,
    schema: Option<String>,
) -> Result<DatabaseConnection, Box<dyn std::error::Error>> {
    let url = url.ok_or("which database? set DATABASE_URL, or pass --database-url")?;
    let mut options = ConnectOptions::new(url);
    options.set_schema_search_path(schema.unwrap_or_else(|| "public".to_owned()));
    Ok(Database::connect(options).await?)
}
