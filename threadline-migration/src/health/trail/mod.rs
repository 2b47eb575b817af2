//! The trail itself: who may write it, and what it needs to be fast.

mod grants;
mod indexes;
mod partitions;
mod restored;
mod view;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;
use threadline::trail::OwnSql;

use super::finding::HealthFinding;
use crate::catalog::all;
use crate::error::Error;
use grants::Grant;
use partitions::Partitions;
use restored::Newest;
use view::ViewColumn;

/// What the catalog says of the trail. Sequences of serial columns are owned by them; functions of one
/// table are looked at with their table.
const FACTS: OwnSql = OwnSql(include_str!("../../../sql/read/trail.sql"));

/// What was seen of the trail.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::health) struct Trail {
    given: Vec<Grant>,
    /// Whether each is valid, by name.
    indexes: std::collections::BTreeMap<String, bool>,
    partitions: Vec<Leaf>,
    /// The columns of the view for people; `None` if there is no such view.
    view: Option<Vec<ViewColumn>>,
    /// Whether the view leaves something out.
    is_conditional: bool,
    next_xid: String,
    #[serde(skip)]
    months: Vec<Partitions>,
    #[serde(skip)]
    newest: Vec<Newest>,
}

/// A partition of the trail.
#[derive(Clone, Debug, Deserialize)]
struct Leaf {
    root: String,
    leaf: String,
    is_empty: bool,
}

/// Looks at the trail; `now` is the time of the server.
pub(super) async fn trail<C: ConnectionTrait>(db: &C, now: DateTime<Utc>) -> Result<Trail, Error> {
    let rows = all(db, &FACTS.text(), []).await?;
    let row = rows.first().ok_or_else(|| DbErr::RecordNotFound("the trail".to_owned()))?;
    let facts: serde_json::Value = row.try_get("", "facts")?;
    let mut trail: Trail =
        serde_json::from_value(facts).map_err(|error| DbErr::Type(error.to_string()))?;
    for (root, column) in [("audit_transactions", "occurred_at"), ("audit_changes", "captured_at")]
    {
        trail.months.push(Partitions::look(db, root, column, &trail.partitions, now).await?);
    }
    trail.newest = restored::newest(db).await?;
    Ok(trail)
}

/// What is wrong with it.
pub(super) fn check(trail: &Trail) -> Vec<HealthFinding> {
    let mut found = grants::check(&trail.given);
    found.extend(indexes::check(&trail.indexes));
    found.extend(partitions::check(&trail.months));
    found.extend(view::check(trail.view.as_deref(), trail.is_conditional));
    found.extend(restored::check(&trail.newest, &trail.next_xid));
    found
}
