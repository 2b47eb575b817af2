//! P6: queries on the past against the same queries on the live table, and against a bare pass over the
//! changes that the past is made of.

use std::error::Error;

use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use threadline::Registry;
use threadline::prelude::*;
use threadline::trail::TRAIL;

use super::data::{Trail, one, registry};
use super::entity::document;
use super::report::Report;
use super::turns::Turns;
use super::watch::Watched;

const BY_KEY: f64 = 3.0;
const WHOLE: f64 = 2.0;

pub(crate) async fn measure(
    db: &DatabaseConnection,
    trail: &Trail,
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let registry = registry()?;
    same(db, trail, &registry).await?;
    let (at, key) = (trail.last_at, trail.documents() / 2);
    let past = db.as_of(at, &registry);
    let past = &past;
    let mut turns = Turns::new();
    turns.case("live, by key", move || by_key(db, key));
    turns.case("live, filtered page", move || page(db));
    turns.case("live, whole table", move || whole(db));
    turns.case("bare pass over the table's changes", move || pass(db));
    turns.case("past, by key", move || by_key(past, key));
    turns.case("past, filtered page", move || page(past));
    turns.case("past, whole table", move || whole(past));
    let times = turns.run(rounds, 3).await?;
    let mut plans = Vec::new();
    for query in 0..3 {
        let watched = Watched::new(db);
        let past = watched.as_of(at, &registry);
        match query {
            0 => by_key(&past, key).await?,
            1 => page(&past).await?,
            _ => whole(&past).await?,
        }
        plans.push(watched.explain().await?);
    }
    for live in &times[..4] {
        report.base("P6", live, None);
    }
    report.ratio("P6", &times[4], &times[0], Some(BY_KEY), Some(&plans[0]));
    report.ratio("P6", &times[5], &times[1], None, Some(&plans[1]));
    report.ratio("P6", &times[5], &times[3], Some(WHOLE), None);
    report.ratio("P6", &times[6], &times[2], None, Some(&plans[2]));
    report.ratio("P6", &times[6], &times[3], Some(WHOLE), None);
    Ok(())
}

async fn by_key<C: ConnectionTrait>(db: &C, key: i64) -> Result<(), Box<dyn Error>> {
    document::Entity::find_by_id(key).one(db).await?.ok_or("the row is there")?;
    Ok(())
}

async fn page<C: ConnectionTrait>(db: &C) -> Result<(), Box<dyn Error>> {
    let found = document::Entity::find()
        .filter(document::Column::Price.lt(500))
        .order_by_desc(document::Column::UpdatedAt)
        .limit(50)
        .all(db)
        .await?;
    if found.is_empty() { Err("a page without a row was measured".into()) } else { Ok(()) }
}

async fn whole<C: ConnectionTrait>(db: &C) -> Result<(), Box<dyn Error>> {
    document::Entity::find().all(db).await?;
    Ok(())
}

/// Every change of the table is fetched and looked at, and nothing is made of it.
async fn pass(db: &DatabaseConnection) -> Result<(), Box<dyn Error>> {
    let sql = format!(
        "SELECT count(c.data_after) AS seen FROM {TRAIL}.audit_changes c \
         WHERE c.table_schema = 'bench' AND c.table_name = 'documents'"
    );
    one(db, &sql, []).await?;
    Ok(())
}

/// The past of now is the live table: without that, no figure means anything.
async fn same(
    db: &DatabaseConnection,
    trail: &Trail,
    registry: &Registry,
) -> Result<(), Box<dyn Error>> {
    let rows = |query: sea_orm::Select<document::Entity>| query.order_by_asc(document::Column::Id);
    let live = rows(document::Entity::find()).all(db).await?;
    let past = rows(document::Entity::find()).all(&db.as_of(trail.last_at, registry)).await?;
    if live != past {
        let why = format!("{} rows of the past are not the {} live ones", past.len(), live.len());
        return Err(why.into());
    }
    Ok(())
}
