//! P5: a row with a hundredth of all changes as versions, against one with ten.

use std::error::Error;

use sea_orm::DatabaseConnection;
use threadline::prelude::*;

use super::data::Trail;
use super::entity::counter;
use super::report::Report;
use super::turns::Turns;
use super::watch::Watched;

/// Of so many versions, a page of ten takes as long as of ten.
const GOAL: f64 = 1.5;
const MANY: i64 = 1;
const FEW: i64 = 3;

pub(crate) async fn measure(
    db: &DatabaseConnection,
    trail: &Trail,
    rounds: u32,
    report: &mut Report,
) -> Result<(), Box<dyn Error>> {
    let at = trail.middle();
    let mut turns = Turns::new();
    for (key, name) in [(FEW, "ten versions"), (MANY, "many versions")] {
        turns.case(format!("as of the middle, row of {name}"), move || async move {
            counter::Entity::as_of(key, at, db).await?;
            Ok(())
        });
        turns.case(format!("newest 10 versions, row of {name}"), move || async move {
            versions(db, key, 10).await
        });
    }
    turns.case("newest 200 versions, row of many versions", move || versions(db, MANY, 200));
    let times = turns.run(rounds, 10).await?;
    let mut plans = Vec::new();
    for (key, limit) in [(FEW, 0), (FEW, 10), (MANY, 0), (MANY, 10), (MANY, 200)] {
        let watched = Watched::new(db);
        match limit {
            0 => drop(counter::Entity::as_of(key, at, &watched).await?),
            limit => drop(counter::Entity::history(key).limit(limit).all(&watched).await?),
        }
        plans.push(watched.explain().await?);
    }
    report.base("P5", &times[0], Some(&plans[0]));
    report.ratio("P5", &times[2], &times[0], Some(GOAL), Some(&plans[2]));
    report.base("P5", &times[1], Some(&plans[1]));
    report.ratio("P5", &times[3], &times[1], Some(GOAL), Some(&plans[3]));
    report.ratio("P5", &times[4], &times[1], None, Some(&plans[4]));
    Ok(())
}

async fn versions(db: &DatabaseConnection, key: i64, count: u32) -> Result<(), Box<dyn Error>> {
    let found = counter::Entity::history(key).limit(count).all(db).await?.len();
    if found == 0 {
        return Err(format!("row {key} of `counters` has no version").into());
    }
    Ok(())
}
