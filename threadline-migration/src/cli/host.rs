//! The command line of a host's migration crate: every command of `sea-orm-cli migrate`, and
//! `audit`, which knows the registry.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};
use sea_orm_cli::MigrateSubcommands;
use sea_orm_migration::MigratorTraitSelf;
use sea_orm_migration::cli::run_migrate;
use threadline::Registry;

use super::connection::Reached;
use super::failure::Failure;
use super::output::Output;
use super::secrets::Secrets;
use super::{exit, generating, syncing};

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
    /// Puts the tables of the registered entities under audit, and tells how that stands.
    Audit(Audit),
}

#[derive(Debug, Args)]
struct Audit {
    /// Answers with one JSON document.
    #[arg(global = true, long)]
    json: bool,
    #[command(subcommand)]
    command: AuditCommand,
}

#[derive(Debug, Subcommand)]
enum AuditCommand {
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
    Sync {
        /// Permits that columns which are excluded or masked now are stored from now on.
        #[arg(long)]
        allow_weaker_redaction: bool,
    },
}

/// Runs the command of the process's arguments, and gives the exit code to return from `main`.
///
/// It takes every command of `sea-orm-cli migrate`, so that tool works as ever in a migration crate
/// that calls this, and adds `audit generate` and `audit sync`. A registry that could not be
/// collected is only an error of the commands that need it. The exit code of an `audit` command is 0
/// if it was done or shown and 2 if it could not run; that of a failed migration is 1.
pub async fn run_cli<M: MigratorTraitSelf>(
    migrator: M,
    registry: Result<Registry, threadline::Error>,
) -> ExitCode {
    let (cli, secrets) = (Cli::parse(), Secrets::of_process());
    let (url, schema) = (cli.database_url, cli.database_schema);
    match cli.command {
        Some(Command::Audit(audit)) => {
            let out = Output::new(audit.json);
            match run_audit(audit.command, url, schema, registry, out).await {
                Ok(()) => ExitCode::SUCCESS,
                Err(failure) => {
                    out.failure(&failure.without(&secrets));
                    exit::COULD_NOT_RUN.into()
                }
            }
        }
        Some(Command::Migrate(command)) => {
            migrate(migrator, Some(command), cli.verbose, url, schema, &secrets).await
        }
        None => migrate(migrator, None, cli.verbose, url, schema, &secrets).await,
    }
}

async fn migrate<M: MigratorTraitSelf>(
    migrator: M,
    command: Option<MigrateSubcommands>,
    verbose: bool,
    url: Option<String>,
    schema: Option<String>,
    secrets: &Secrets,
) -> ExitCode {
    let db = match command.as_ref().is_some_and(needs_no_database) {
        true => Ok(DatabaseConnection::default()),
        false => connect(url, schema).await,
    };
    let failure = match db {
        Err(failure) => failure,
        Ok(db) => match run_migrate(migrator, &db, command, verbose).await {
            Ok(()) => return ExitCode::SUCCESS,
            Err(error) => Failure::new("migration", error.to_string()),
        },
    };
    Output::new(false).failure(&failure.without(secrets));
    ExitCode::FAILURE
}

fn needs_no_database(command: &MigrateSubcommands) -> bool {
    matches!(command, MigrateSubcommands::Init | MigrateSubcommands::Generate { .. })
}

async fn run_audit(
    command: AuditCommand,
    url: Option<String>,
    schema: Option<String>,
    registry: Result<Registry, threadline::Error>,
    out: Output,
) -> Result<(), Failure> {
    let registry = registry?;
    let db = connect(url, schema).await?;
    match command {
        AuditCommand::Generate { name, dir } => {
            let dir = dir.unwrap_or_else(own_sources);
            generating::write(&db, &registry, &dir, &name, out).await
        }
        AuditCommand::Sync { allow_weaker_redaction } => {
            syncing::run(&db, &registry, allow_weaker_redaction, out).await
        }
    }
}

/// The sources of the crate that cargo runs, else those of the current folder.
fn own_sources() -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    root.join("src")
}

async fn connect(
    url: Option<String>,
    schema: Option<String>,
) -> Result<DatabaseConnection, Failure> {
    Reached::new(url.as_deref()).await?;
    let mut options = ConnectOptions::new(url.unwrap_or_default());
    options.set_schema_search_path(schema.unwrap_or_else(|| "public".to_owned()));
    Ok(Database::connect(options).await?)
}
