//! From what somebody has at hand to the page about it.

use threadline::{ActorRef, Filter, FilterProblem, FilterProblems, RowKey, TableName};

use super::params::Params;
use crate::pages::filtered::filter_of;
use crate::pages::{Refusal, Visit};

/// What was found.
pub(super) enum Found {
    /// The page about it.
    Here(String),
    /// Nothing that this viewer may see has it.
    Nothing(String),
    NotAsked,
}

/// Where the reader should go.
///
/// # Errors
///
/// If a row is asked for of a table that is not in the trail, or with a key that is none.
pub(super) async fn find(visit: &Visit, params: &Params) -> Result<Found, Refusal> {
    if let Some(table) = params.table.as_deref().filter(|table| !table.is_empty()) {
        return row(visit, table, params.key.as_deref().unwrap_or_default()).await.map(Found::Here);
    }
    match params.find.as_deref() {
        None | Some("") => Ok(Found::NotAsked),
        Some(text) => {
            let found = by_text(visit, text).await?;
            Ok(found.map_or_else(|| Found::Nothing(text.to_owned()), Found::Here))
        }
    }
}

/// A row, by a table of the trail and its key.
async fn row(visit: &Visit, table: &str, key: &str) -> Result<String, Refusal> {
    let problem = |field: &str, value: &str, why: String| {
        Refusal::Filter(FilterProblems(vec![FilterProblem::new(field, value, why)]))
    };
    let name =
        TableName::parse(table).map_err(|error| problem("table", table, error.to_string()))?;
    let known = visit.desk().known_tables().await?;
    if !known.iter().any(|known| known.table == name) {
        let why = "changes of this table are not recorded; choose one of the list".to_owned();
        return Err(problem("table", table, why));
    }
    if key.is_empty() {
        return Ok(visit.links.table(&name));
    }
    let key: RowKey = key.parse().map_err(|error: threadline::Error| {
        problem("key", key, format!("{error}; write `42`, or `order_id=7;line_no=3`"))
    })?;
    Ok(visit.links.row(&name, &key))
}

/// What has this text as its number or id. An id can be one of a request and of an undertaking at once; the
/// undertaking is more.
async fn by_text(visit: &Visit, text: &str) -> Result<Option<String>, Refusal> {
    let (desk, links) = (visit.desk(), &visit.links);
    if let Ok(number) = text.trim_start_matches('#').parse::<i64>()
        && desk.first_change(&Filter::new().transaction(number)).await?.is_some()
    {
        return Ok(Some(links.transaction(number)));
    }
    if let Some(actor) = actor(text) {
        return Ok(Some(links.actor(&actor)));
    }
    let by_id = [
        Filter::new().correlation_id(text).include_capture_only(),
        Filter::new().request_id(text),
        Filter::new().action(text),
    ];
    for filter in by_id {
        // An id that can never be stored is no reason to refuse; it is not found.
        if filter.check().is_ok() && desk.first_change(&filter).await?.is_some() {
            return Ok(Some(links.timeline(&filter)));
        }
    }
    let is_search =
        filter_of([("q", text), ("from", "-24h")]).is_ok() || filter_of([("q", text)]).is_ok();
    Ok(is_search.then(|| links.timeline_page(&Filter::new(), &[("q", text)])))
}

/// The actor that is written so: `user:42`.
fn actor(text: &str) -> Option<ActorRef> {
    let filter = filter_of([("actor", text)]).ok().filter(|_| text.contains(':'))?;
    filter.only_actor().cloned()
}
