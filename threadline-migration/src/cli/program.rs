//! The program `threadline`, which works on any database, without a host's code.

use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use super::attaching::Attach;
use super::connection::Reached;
use super::detaching::Detach;
use super::exit::{self, Verdict};
use super::failure::Failure;
use super::generating::Triggers;
use super::health::Asking;
use super::installing;
use super::output::{FAINT, Output};
use super::reading::Reading;
use super::recording::Baseline;
use super::secrets::Secrets;
use super::showing::{ShowPlan, ShowStatus};
use crate::desired::Desired;

const EXIT_CODES: &str =
    "Exit codes: 0 done or shown; 1 a check has found something; 2 could not run.";

/// The heading of the flags that every command takes.
const EVERYWHERE: &str = "Options of every command";

/// Puts tables of a PostgreSQL database under audit, and tells how that stands.
#[derive(Debug, Parser)]
#[command(name = "threadline", version, after_help = EXIT_CODES)]
struct Program {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    command: Command,
}

/// Where to work and how to answer.
#[derive(Debug, Args)]
struct Target {
    /// The database: postgres://USER@HOST/DATABASE.
    #[arg(
        global = true,
        help_heading = EVERYWHERE,
        short = 'u',
        long,
        env = "DATABASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: Option<String>,
    /// The schema of the trail; the default is `threadline`.
    #[arg(global = true, long, env = "THREADLINE_SCHEMA", help_heading = EVERYWHERE, value_name = "NAME")]
    schema: Option<String>,
    /// Answers with one JSON document.
    #[arg(global = true, long, help_heading = EVERYWHERE)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Installs the schema `threadline`, and changes no table.
    Install,
    Attach(Box<Attach>),
    Detach(Detach),
    Baseline(Baseline),
    /// Shows what would bring the tables under audit up to date with their policies.
    Plan(ShowPlan),
    Status(ShowStatus),
    #[command(flatten)]
    Asking(Asking),
    #[command(flatten)]
    Reading(Reading),
    /// Writes files.
    #[command(subcommand)]
    Gen(Gen),
}

#[derive(Debug, Subcommand)]
enum Gen {
    Triggers(Box<Triggers>),
}

/// What to do after `plan`.
const AFTER_PLAN: &str = "`threadline attach --installed` does this.";

/// What to do after a `status` that is not good.
const AFTER_STATUS: &str = "`threadline plan` shows what would bring the tables up to date.";

impl Command {
    /// Whether what is printed goes into a file or another program.
    fn prints_a_script(&self) -> bool {
        match self {
            Self::Attach(attach) => attach.sql,
            Self::Detach(detach) => detach.sql,
            Self::Plan(plan) => plan.sql,
            Self::Reading(reading) => reading.prints_a_document(),
            Self::Install
            | Self::Baseline(_)
            | Self::Status(_)
            | Self::Asking(_)
            | Self::Gen(_) => false,
        }
    }
}

/// Runs the command of the process's arguments, as the program `threadline` does, and gives its exit
/// code: 0 if it was done or shown, 1 if a check has found something, 2 if it could not run.
pub async fn run_program() -> ExitCode {
    let secrets = Secrets::of_process();
    let program = match Program::try_parse() {
        Ok(program) => program,
        Err(error) => return exit::refused(&error, &secrets),
    };
    let out = Output::new(program.target.json);
    let result = run(program, out).await;
    exit::code(result.map_err(Failure::for_the_program), out, &secrets)
}

async fn run(program: Program, out: Output) -> Result<Verdict, Failure> {
    if let Some(schema) = program.target.schema.as_deref().filter(|name| !name.is_empty()) {
        threadline::use_schema(schema)?;
    }
    let reached = Reached::new(program.target.database_url.as_deref()).await?;
    let db = reached.pool();
    if !program.command.prints_a_script() {
        out.text(format!("{FAINT}{reached}{FAINT:#}\n"));
    }
    match program.command {
        Command::Install => installing::run(&db, out).await?,
        Command::Attach(attach) => attach.run(&db, out).await?,
        Command::Detach(detach) => detach.run(&db, out).await?,
        Command::Baseline(baseline) => baseline.run(&db, out).await?,
        Command::Plan(plan) => return plan.run(&db, Desired::Installed, AFTER_PLAN, out).await,
        Command::Status(status) => {
            return status.run(&db, Desired::Installed, AFTER_STATUS, out).await;
        }
        Command::Asking(asking) => return asking.run(&db, Desired::Installed, out).await,
        Command::Reading(reading) => reading.run(&db, out).await?,
        Command::Gen(Gen::Triggers(triggers)) => triggers.run(&db, out).await?,
    }
    Ok(Verdict::Fine)
}
