//! What reading a large trail costs.
//!
//! A goal that is missed, and a plan that reads or sorts everything, is told in the report and is no
//! error: the figures of a shared machine decide nothing by themselves.

pub(crate) mod data;
mod entity;
mod export;
mod faithful;
mod past;
mod plan;
pub(crate) mod report;
mod timeline;
pub(crate) mod turns;
mod versions;
mod watch;

use std::path::PathBuf;

use clap::Args;
use sea_orm::{ConnectOptions, ConnectionTrait, Database};

use report::Report;

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Changes to generate, if the database has no generated trail yet.
    #[arg(long, default_value_t = 10_000_000)]
    changes: u32,
    /// Rounds in which everything is measured in turn.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// An empty database to generate in, which stays; with a generated trail, it is measured as it is.
    #[arg(long)]
    database_url: Option<String>,
    /// Measures only these: P4, P5, P6, P7.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Writes the figures to this file, as JSON, and the plans into a folder beside it.
    #[arg(long)]
    json: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let url = match &options.database_url {
        Some(url) => url.clone(),
        None => threadline_testkit::scratch_database("threadline_bench").await?.url().to_owned(),
    };
    let mut connect = ConnectOptions::new(url);
    connect.max_connections(1).sqlx_logging(false);
    let db = Database::connect(connect).await?;
    db.execute_unprepared("SET TimeZone = 'UTC'; SET synchronous_commit = off").await?;
    let trail = data::prepare(&db, options.changes).await?;
    faithful::check(&db, &trail).await?;
    // A reader that would take minutes is told, and does not hold up the others.
    db.execute_unprepared("SET statement_timeout = '60s'").await?;
    let mut report = Report::default();
    report.note(format!(
        "{} changes over {} months, generated in {:.0} s",
        trail.changes,
        data::MONTHS,
        trail.seconds
    ));
    let is_wanted =
        |goal: &str| options.only.is_empty() || options.only.iter().any(|it| it == goal);
    if is_wanted("P4") {
        timeline::measure(&db, &trail, options.rounds, &mut report).await?;
    }
    if is_wanted("P5") {
        versions::measure(&db, &trail, options.rounds, &mut report).await?;
    }
    if is_wanted("P6") {
        past::measure(&db, &trail, options.rounds, &mut report).await?;
    }
    if is_wanted("P7") {
        export::measure(&db, &trail, options.rounds, &mut report).await?;
    }
    report.print();
    if let Some(file) = &options.json {
        report.write("reading", file)?;
    }
    Ok(())
}
