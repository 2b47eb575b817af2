//! P10: what an operator page costs beyond the queries that it asks, and how large it is.
//!
//! The queries of a page are run by themselves one after another, in a read like that of the page; the page
//! may ask some of them side by side.

mod replay;

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;
use poem::{Endpoint, EndpointExt, Request, Route, http::Uri};
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use threadline::{ActorRef, Filter, RowKey, TableName};
use threadline_poem::{Capability, Decision, Grant, Links, Surface};

use crate::reading::data::{self, Trail};
use crate::reading::report::Report;
use crate::reading::turns::Turns;
use replay::{Queries, Recorded};

/// How many times as long as its queries a page may take.
const GOAL: f64 = 3.0;
const MOST_BYTES: usize = 250_000;
/// What a page needs to ask its panels side by side.
const CONNECTIONS: u32 = 6;

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
    /// Writes the figures to this file, as JSON, and the plans into a folder beside it.
    #[arg(long)]
    json: Option<PathBuf>,
}

pub(crate) async fn run(options: &Options) -> Result<(), Box<dyn std::error::Error>> {
    let url = match &options.database_url {
        Some(url) => url.clone(),
        None => threadline_testkit::scratch_database("threadline_bench").await?.url().to_owned(),
    };
    let trail = prepared(&url, options.changes).await?;
    let mut connect = ConnectOptions::new(url);
    connect.max_connections(CONNECTIONS).sqlx_logging(false);
    let mut db = Database::connect(connect).await?;
    let recorded = Recorded::of(&mut db);
    let mut report = Report::default();
    report.note(format!("{} changes over {} months", trail.changes, data::MONTHS));
    measure(&db, &recorded, &trail, options.rounds, &mut report).await?;
    report.print();
    if let Some(file) = &options.json {
        report.write("pages", file)?;
    }
    Ok(())
}

async fn prepared(url: &str, changes: u32) -> Result<Trail, Box<dyn std::error::Error>> {
    let mut connect = ConnectOptions::new(url);
    connect.max_connections(1).sqlx_logging(false);
    let db = Database::connect(connect).await?;
    db.execute_unprepared("SET TimeZone = 'UTC'; SET synchronous_commit = off").await?;
    let trail = data::prepare(&db, changes).await?;
    db.close().await?;
    Ok(trail)
}

/// A page that can be had, and what it asks.
struct Page {
    name: &'static str,
    path: String,
    queries: Queries,
}

async fn measure(
    db: &DatabaseConnection,
    recorded: &Recorded,
    trail: &Trail,
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn std::error::Error>> {
    let app = Route::new().nest("/audit", surface(db.clone())?).boxed();
    let mut pages = Vec::new();
    for (name, path) in addresses(trail)? {
        match looked_at(&app, recorded, &path).await {
            Ok((bytes, queries)) => {
                report.note(told(name, bytes, &queries));
                pages.push(Page { name, path, queries });
            }
            Err(error) => report.note(format!("{name} is not measured: {error}")),
        }
    }
    let mut turns = Turns::new();
    for Page { name, path, queries } in &pages {
        let app = &app;
        turns.case(*name, move || async move { ask(app, path).await.map(drop) });
        turns.case(format!("{name}: queries"), move || queries.run(db));
    }
    let times = turns.run(rounds, 5).await?;
    for (Page { queries, .. }, times) in pages.iter().zip(times.chunks(2)) {
        let [page, alone] = times else { continue };
        report.base("P10", alone, Some(&queries.explained(db).await?));
        report.ratio("P10", page, alone, Some(GOAL), None);
    }
    Ok(())
}

/// The size of a page in bytes, and what it asks. It is asked for twice: the first answer may fill caches, as
/// the first of every process does.
async fn looked_at(
    app: &impl Endpoint<Output = poem::Response>,
    recorded: &Recorded,
    path: &str,
) -> Result<(usize, Queries), Box<dyn std::error::Error>> {
    ask(app, path).await?;
    recorded.take();
    let bytes = ask(app, path).await?;
    Ok((bytes, recorded.take()))
}

fn told(name: &str, bytes: usize, queries: &Queries) -> String {
    let verdict = if bytes > MOST_BYTES { " LARGE" } else { "" };
    let (count, failed) = (queries.statements.len(), queries.failed);
    format!("{name}: {bytes} bytes{verdict}, {count} queries, {failed} of them stopped")
}

fn surface(db: DatabaseConnection) -> Result<Surface, threadline::Error> {
    let registry = data::registry()?;
    let surface = Surface::builder(db, &registry).authorize(|_| async {
        let grant = Grant::everything(ActorRef::admin("bench"));
        Decision::Allow(grant.allow(Capability::Coverage).allow(Capability::Policy))
    });
    Ok(surface.build())
}

/// The pages that are measured, with their addresses.
fn addresses(trail: &Trail) -> Result<Vec<(&'static str, String)>, threadline::Error> {
    let links = Links::new("/audit");
    let table = |name: &str| TableName::parse(&format!("bench.{name}"));
    let last =
        |days: i64| Filter::new().from(trail.last_at - TimeDelta::days(days)).to(trail.last_at);
    Ok(vec![
        ("home", links.home()),
        ("timeline, 24 hours", links.timeline(&last(1))),
        ("timeline, 24 hours, table", links.timeline(&last(1).table(table("documents")?))),
        ("timeline, 24 hours, actor", links.timeline(&last(1).actor(ActorRef::user(1)))),
        ("timeline, 30 days", links.timeline(&last(30))),
        ("large transaction", links.transaction(trail.large_transaction())),
        ("row with many versions", links.row(&table("counters")?, &RowKey::scalar(1))),
        ("frequent actor", links.actor(&ActorRef::user(1))),
        ("coverage", links.coverage(None)),
    ])
}

/// Asks for a page as a browser would, and gives the size of its text in bytes.
async fn ask(
    app: &impl Endpoint<Output = poem::Response>,
    path: &str,
) -> Result<usize, Box<dyn std::error::Error>> {
    let request = Request::builder().uri(path.parse::<Uri>()?).finish();
    let response = app.get_response(request).await;
    let status = response.status();
    let body = response.into_body().into_vec().await?;
    if !status.is_success() {
        return Err(format!("{path} was answered with {status}").into());
    }
    Ok(body.len())
}
