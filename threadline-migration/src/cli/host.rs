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
use super::exit::{self, Verdict};
use super::failure::Failure;
use super::health::Asking;
use super::output::Output;
use super::reading::Reading;
use super::recording::Baseline;
use super::secrets::Secrets;
use super::showing::{ShowPlan, ShowStatus};
use super::{generating, syncing};
use crate::desired::Desired;
use crate::sync::Sync;

#[derive(Debug, Parser)]
#[command(version, about = "Runs the migrations, and puts tables under audit")]
struct Cli {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Args)]
struct Target {
    /// Prints what the migrator does.
    #[arg(global = true, short, long)]
    verbose: bool,
    /// The schema to migrate in; the default is that of the connection.
    #[arg(global = true, short = 's', long, env = "DATABASE_SCHEMA")]
    database_schema: Option<String>,
    /// The database.
    #[arg(global = true, short = 'u', long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
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
        /// Leaves the rows that tables have already for `audit baseline`.
        #[arg(long)]
        no_baseline: bool,
    },
    Baseline(Baseline),
    /// Shows what `sync`, or the next generated migration, would do.
    Plan(ShowPlan),
    /// Shows how it stands with every table that the entities put under audit.
    Status(ShowStatus),
    #[command(flatten)]
    Asking(Asking),
    #[command(flatten)]
    Reading(Reading),
}

/// What to do after `audit plan`.
const AFTER_PLAN: &str =
    "`audit generate` writes the migration that does this; `audit sync` does it at once.";

/// What to do after an `audit status` that is not good.
const AFTER_STATUS: &str = "`audit plan` shows what would be done about it.";

/// Runs the command of the process's arguments, and gives the exit code to return from `main`.
///
/// It takes every command of `sea-orm-cli migrate`, so that tool works as ever in a migration crate
/// that calls this, and adds `audit plan`, `audit status`, `audit generate`,
/// `audit baseline` and `audit sync`. A registry
/// that could not be collected is only an error of the commands that need it. The exit code of an
/// `audit` command is 0 if it was done or shown, 1 if a check has found something, and 2 if
/// it could not run; that of a failed migration is 1.
pub async fn run_cli<M: MigratorTraitSelf>(
    migrator: M,
    registry: Result<Registry, threadline::Error>,
) -> ExitCode {
    let secrets = Secrets::of_process();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::refused(&error, &secrets),
    };
    let command = match cli.command {
        Some(Command::Audit(audit)) => {
            let out = Output::new(audit.json);
            let result = run_audit(audit.command, cli.target, registry, out).await;
            return exit::code(result, out, &secrets);
        }
        Some(Command::Migrate(command)) => Some(command),
        None => None,
    };
    match migrate(migrator, command, cli.target).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            Output::new(false).failure(&failure.without(&secrets));
            ExitCode::FAILURE
        }
    }
}

async fn migrate<M: MigratorTraitSelf>(
    migrator: M,
    command: Option<MigrateSubcommands>,
    target: Target,
) -> Result<(), Failure> {
    let verbose = target.verbose;
    let db = match command.as_ref().is_some_and(needs_no_database) {
        true => DatabaseConnection::default(),
        false => connect(target).await?,
    };
    let done = run_migrate(migrator, &db, command, verbose).await;
    done.map_err(|error| Failure::new("migration", error.to_string()))
}

fn needs_no_database(command: &MigrateSubcommands) -> bool {
    matches!(command, MigrateSubcommands::Init | MigrateSubcommands::Generate { .. })
}

async fn run_audit(
    command: AuditCommand,
    target: Target,
    registry: Result<Registry, threadline::Error>,
    out: Output,
) -> Result<Verdict, Failure> {
    let db = connect(target).await?;
    match command {
        AuditCommand::Generate { name, dir } => {
            let dir = dir.unwrap_or_else(own_sources);
            generating::write(&db, &registry?, &dir, &name, out).await?;
        }
        AuditCommand::Sync { allow_weaker_redaction, no_baseline } => {
            let registry = registry?;
            let mut sync = Sync::new(&registry);
            if allow_weaker_redaction {
                sync = sync.allow_weaker_redaction();
            }
            if no_baseline {
                sync = sync.without_baseline();
            }
            syncing::run(&db, sync, out).await?;
        }
        AuditCommand::Baseline(baseline) => baseline.run(&db, out).await?,
        AuditCommand::Plan(plan) => {
            return plan.run(&db, Desired::Registry(&registry?), AFTER_PLAN, out).await;
        }
        AuditCommand::Status(status) => {
            return status.run(&db, Desired::Registry(&registry?), AFTER_STATUS, out).await;
        }
        AuditCommand::Asking(asking) => {
            return asking.run(&db, Desired::Registry(&registry?), out).await;
        }
        AuditCommand::Reading(reading) => reading.run(&db, out).await?,
    }
    Ok(Verdict::Fine)
}

/// The sources of the crate that cargo runs, else those of the current folder.
fn own_sources() -> PathBuf {
    let root = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).unwrap_or_default();
    root.join("src")
}

async fn connect(target: Target) -> Result<DatabaseConnection, Failure> {
    Reached::new(target.database_url.as_deref()).await?;
    let mut options = ConnectOptions::new(target.database_url.unwrap_or_default());
    options.set_schema_search_path(target.database_schema.unwrap_or_else(|| "public".to_owned()));
    Ok(Database::connect(options).await?)
}
