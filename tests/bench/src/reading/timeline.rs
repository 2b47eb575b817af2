//! P4: the first page of the timeline and the thousandth, by every filter that an index leads to.

use std::error::Error;

use sea_orm::DatabaseConnection;
use threadline::trail::TRAIL;
use threadline::{
    ActorRef, Cursor, Filter, Page, Position, RowKey, TableName, TimelineEntry, actor_history,
    timeline_page,
};

use super::data::{Trail, one};
use super::report::Report;
use super::turns::{Times, Turns};
use super::watch::Watched;

const GOAL: f64 = 1.2;
const PAGE: u32 = 50;
const PAGES: u32 = 1_000;
/// The largest page, by which a walk gets on.
const STRIDE: u32 = 10_000;

struct Case {
    name: &'static str,
    filter: Filter,
    /// Where the last page begins; `None` if there is one page.
    far: Option<(u32, Cursor)>,
}

pub(crate) async fn measure(
    db: &DatabaseConnection,
    trail: &Trail,
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let mut cases = Vec::new();
    for (name, filter) in filters(trail, rare_actor(db, trail).await?)? {
        let filter = filter.limit(PAGE);
        let far = far_page(db, &filter).await.unwrap_or_else(|error| {
            eprintln!("timeline by {name}: {error}");
            None
        });
        eprintln!("timeline by {name}: {} pages", far.map_or(1, |(page, _)| page));
        cases.push(Case { name, filter, far });
    }
    let mut turns = Turns::new();
    for case in &cases {
        for (page, position) in pages(case) {
            let (name, filter) = (format!("{}, page {page}", case.name), &case.filter);
            turns.case(name, move || async move {
                not_empty(&timeline_page(db, filter, position).await?)
            });
        }
    }
    let times = turns.run(rounds, 7).await?;
    let mut times = times.iter();
    for case in &cases {
        let mut base: Option<&Times> = None;
        for (_, position) in pages(case) {
            let watched = Watched::new(db);
            let these = times.next().ok_or("a time for every page")?;
            if these.min.is_nan() {
                report.base("P4", these, None);
                continue;
            }
            timeline_page(&watched, &case.filter, position).await?;
            let plan = watched.explain().await?;
            match base {
                None => report.base("P4", these, Some(&plan)),
                Some(base) => report.ratio("P4", these, base, Some(GOAL), Some(&plan)),
            }
            base = Some(these);
        }
    }
    actors(db, rounds, report).await
}

fn pages(case: &Case) -> impl Iterator<Item = (u32, Position)> {
    let far = case.far.map(|(page, cursor)| (page, Position::After(cursor)));
    std::iter::once((1, Position::Start)).chain(far)
}

fn filters(trail: &Trail, rare: i32) -> Result<Vec<(&'static str, Filter)>, threadline::Error> {
    let table = |name: &str| TableName::parse(&format!("bench.{name}"));
    let transactions = trail.changes / 3;
    // A transaction with an action and a correlation, in the middle of the second half.
    let some = transactions * 3 / 4 / 10 * 10;
    Ok(vec![
        ("everything", Filter::new()),
        ("time", Filter::new().to(trail.middle())),
        ("table", Filter::new().table(table("documents")?)),
        ("row", Filter::new().table(table("counters")?).row(RowKey::scalar(1))),
        ("frequent actor", Filter::new().actor(ActorRef::user(1))),
        ("rare actor", Filter::new().actor(ActorRef::user(rare))),
        ("actor and table", Filter::new().actor(ActorRef::user(1)).table(table("documents")?)),
        ("large correlation", Filter::new().correlation_id("import-7")),
        ("correlation", Filter::new().correlation_id(format!("correlation-{}", some / 27))),
        ("frequent action", Filter::new().action("document.edit")),
        ("rare action", Filter::new().action("document.archive")),
        ("request", Filter::new().request_id(format!("request-{some}"))),
        ("transaction", Filter::new().transaction(some)),
        ("large transaction", Filter::new().transaction(trail.large_transaction())),
    ])
}

/// The higher the number, the rarer the actor.
async fn rare_actor(db: &DatabaseConnection, trail: &Trail) -> Result<i32, Box<dyn Error>> {
    let sql = format!(
        "SELECT max(actor_id::int) AS id FROM {TRAIL}.audit_transactions \
         WHERE actor_type = 'user' AND occurred_at >= $1::timestamptz - interval '20 days'"
    );
    Ok(one(db, &sql, [trail.last_at.into()]).await?.try_get("", "id")?)
}

/// The page with number [`PAGES`], or the last full one before it, by the largest steps there are.
async fn far_page(
    db: &DatabaseConnection,
    filter: &Filter,
) -> Result<Option<(u32, Cursor)>, Box<dyn Error>> {
    let (mut skipped, mut reached) = (0, None);
    let mut position = Position::Start;
    while skipped < PAGE * (PAGES - 1) {
        let stride = STRIDE.min(PAGE * (PAGES - 1) - skipped);
        let page = timeline_page(db, &filter.clone().limit(stride), position).await?;
        let Some(cursor) = page.cursor else { break };
        skipped += stride;
        position = Position::After(cursor);
        reached = Some((skipped / PAGE + 1, cursor));
    }
    if reached.is_some() {
        return Ok(reached);
    }
    // Less than one step: page by page, until the next one would not be full.
    let mut page = timeline_page(db, filter, Position::Start).await?;
    let mut number = 1;
    let mut far = None;
    while let Some(cursor) = page.cursor {
        page = timeline_page(db, filter, Position::After(cursor)).await?;
        number += 1;
        if page.entries.len() == PAGE as usize {
            far = Some((number, cursor));
        }
    }
    Ok(far)
}

fn not_empty(page: &Page<TimelineEntry>) -> Result<(), Box<dyn Error>> {
    if page.entries.is_empty() {
        return Err("a page without an entry was measured".into());
    }
    Ok(())
}

/// What an actor did, by transactions.
async fn actors(
    db: &DatabaseConnection,
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let (actor, filter) = (ActorRef::user(1), Filter::new().limit(PAGE));
    let first = actor_history(db, &actor, &filter, Position::Start).await?;
    let Some(mut far) = first.cursor else { return Ok(()) };
    let stride = Filter::new().limit(STRIDE);
    for _ in 0..PAGE * (PAGES - 1) / STRIDE {
        let page = actor_history(db, &actor, &stride, Position::After(far)).await?;
        let Some(cursor) = page.cursor else { break };
        far = cursor;
    }
    let (actor, filter) = (&actor, &filter);
    let mut turns = Turns::new();
    for (name, position) in [("first", Position::Start), ("far", Position::After(far))] {
        turns.case(format!("actor_history, {name} page"), move || async move {
            actor_history(db, actor, filter, position).await?;
            Ok(())
        });
    }
    let times = turns.run(rounds, 7).await?;
    let mut plans = Vec::new();
    for position in [Position::Start, Position::After(far)] {
        let watched = Watched::new(db);
        actor_history(&watched, actor, filter, position).await?;
        plans.push(watched.explain().await?);
    }
    report.base("P4", &times[0], Some(&plans[0]));
    report.ratio("P4", &times[1], &times[0], Some(GOAL), Some(&plans[1]));
    Ok(())
}
