//! The view for people and reports.

use std::borrow::Cow;

use serde::Deserialize;
use threadline::trail::TRAIL;

use crate::health::code::Code;
use crate::health::finding::HealthFinding;
use crate::library;
use crate::status::Mend;

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ViewColumn {
    name: String,
    #[serde(rename = "type")]
    kind: String,
}

/// As `0001_changes.up.sql` makes them.
const COLUMNS: [(&str, &str); 21] = [
    ("change_id", "bigint"),
    ("captured_at", "timestamp with time zone"),
    ("committed_at", "timestamp with time zone"),
    ("table_schema", "text"),
    ("table_name", "text"),
    ("row_key", "jsonb"),
    ("op", "text"),
    ("changed", "text[]"),
    ("before", "jsonb"),
    ("after", "jsonb"),
    ("actor", "text"),
    ("actor_type", "text"),
    ("actor_id", "text"),
    ("action", "text"),
    ("reason", "text"),
    ("correlation_id", "text"),
    ("context_correlation_id", "text"),
    ("request_id", "text"),
    ("job_id", "text"),
    ("database_role", "text"),
    ("application_name", "text"),
];

/// The columns at its end, which are there for programs.
const MORE: [(&str, &str); 4] = [
    ("transaction_id", "bigint"),
    ("action_id", "bigint"),
    ("row_after", "jsonb"),
    ("row_hash", "bigint"),
];

/// Two views are the same if they have the same columns and leave nothing out: PostgreSQL keeps no text
/// of a view, and every version tells it a little otherwise.
pub(super) fn check(columns: Option<&[ViewColumn]>, is_conditional: bool) -> Option<HealthFinding> {
    let Some(columns) = columns else {
        let reason =
            format!("the view {TRAIL}.changes is missing: queries of people and reports fail");
        let mend = Some(Mend::Sql(format!("{}\n{}", create(), history())));
        return Some(HealthFinding::of_trail(Code::MissingView, reason, mend));
    };
    let there = columns.iter().map(|column| (column.name.as_str(), column.kind.as_str()));
    let is_same = there.eq(COLUMNS.into_iter().chain(MORE));
    if is_same && !is_conditional {
        return None;
    }
    let what = if is_same { "leaves changes out" } else { "has other columns" };
    let reason = format!("the view {TRAIL}.changes is not the one that was installed: it {what}");
    let mend = Some(Mend::Sql(if is_same { create() } else { make_anew() }));
    Some(HealthFinding::of_trail(Code::AlteredView, reason, mend))
}

fn create() -> String {
    let [_, _, view] = library::V1_TABLES;
    view.text().into_owned()
}

/// Columns can only be changed by a new view, to which nobody has a right but its owner; the function that
/// answers with its rows is made anew with it.
fn make_anew() -> String {
    format!(
        "DROP FUNCTION IF EXISTS {TRAIL}.history(regclass, jsonb);\nDROP VIEW {TRAIL}.changes;\n{}\n{}",
        create(),
        history()
    )
}

/// The function that answers with rows of the view, without which it cannot be.
fn history() -> Cow<'static, str> {
    let history = library::V1_FUNCTIONS.iter().find(|(name, _)| *name == "history");
    history.map(|(_, text)| text.text()).unwrap_or_default()
}
