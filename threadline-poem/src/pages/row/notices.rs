//! What the reader of a row's history has to know of it.

use threadline::{Absence, AuditedTable, Operation, Redaction, TimelineEntry};

use super::columns::drifted;
use super::load::View;
use crate::pages::desk::State;
use crate::view::exact;

/// Sentences, the most important first.
pub(super) fn notices(view: &View) -> Vec<String> {
    let mut all = Vec::new();
    if let Some((text, at)) = &view.params.at
        && *at > view.now + chrono::TimeDelta::seconds(5)
    {
        all.push(format!("{text} lies in the future: the row is shown as it is now."));
    }
    all.extend(before_its_first_change(view));
    all.extend(of_table(&view.table));
    if let Ok(Some(first)) = &view.first {
        all.extend(of_first(first));
    }
    if let State::There(image) = &view.row.shown.state {
        all.extend(of_columns(&view.table, image));
    }
    all
}

fn before_its_first_change(view: &View) -> Option<String> {
    let entry = view.row.shown.entry.as_ref().filter(|_| view.row.shown.is_before)?;
    let at = exact(entry.change.captured_at);
    Some(match entry.change.op {
        Operation::Baseline => format!(
            "The row was first recorded at {at}. It is shown as it was then, since nothing that came before \
             is recorded of it."
        ),
        _ => format!(
            "Nothing was recorded of the row until {at}. It is shown as that first recorded change found it."
        ),
    })
}

fn of_table(table: &AuditedTable) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(at) = table.detached_at {
        all.push(format!(
            "{} has not been audited since {}: what happened to the row after that is not known.",
            table.table,
            exact(at)
        ));
    } else if !table.exists {
        all.push(format!("There is no table {} any more; its history is kept.", table.table));
    }
    if table.complete_since.is_none() {
        all.push(format!(
            "Rows of {} that were there before {} are known from their first change since then.",
            table.table,
            exact(table.since)
        ));
    }
    all
}

/// What a history that does not begin with an insert says about the time before.
fn of_first(first: &TimelineEntry) -> Option<String> {
    let at = exact(first.change.captured_at);
    match first.change.op {
        Operation::Insert => None,
        Operation::Baseline => Some(format!(
            "The history begins at {at}, when the row was first recorded as it stood; it is older than that."
        )),
        _ => Some(format!(
            "The history begins at {at} with a row that was there already: who created it is not recorded, or \
             you may not see it."
        )),
    }
}

fn of_columns(
    table: &AuditedTable,
    image: &serde_json::Map<String, serde_json::Value>,
) -> Vec<String> {
    let mut all = Vec::new();
    let (later, gone) = drifted(table, image);
    if !later.is_empty() {
        all.push(match later.as_slice() {
            [only] => format!("The column {only} was added later."),
            several => format!("The columns {} were added later.", several.join(", ")),
        });
    }
    if !gone.is_empty() {
        all.push(match gone.as_slice() {
            [only] => format!("The column {only} is no longer on the table."),
            several => format!("The columns {} are no longer on the table.", several.join(", ")),
        });
    }
    let with = |is: fn(&Redaction) -> bool| -> Vec<&str> {
        let those = table.columns.iter().filter(|column| column.redaction.as_ref().is_some_and(is));
        those.map(|column| column.name.as_str()).collect()
    };
    let excluded = with(|redaction| matches!(redaction, Redaction::Exclude));
    if !excluded.is_empty() {
        all.push(format!("Never recorded, as the policy says: {}.", excluded.join(", ")));
    }
    let masked = with(|redaction| redaction.placeholder().is_some());
    if !masked.is_empty() {
        all.push(format!(
            "Recorded without the value, as the policy says: {}. Who changed it and when is known.",
            masked.join(", ")
        ));
    }
    all
}

/// Why there is no row, in a title and a sentence.
pub(super) fn absent(state: &State) -> (&'static str, String) {
    match state {
        State::There(_) => ("The row is there", String::new()),
        State::NotAudited(since) => (
            "Not known",
            format!(
                "The table was not audited any more at this moment: it is so since {}.",
                exact(*since)
            ),
        ),
        State::Absent(Absence::BeforeHorizon { since }) => (
            "Not known",
            format!(
                "The moment lies before the table was audited, which is since {}. Nothing is known of the time \
                 before.",
                exact(*since)
            ),
        ),
        State::Absent(Absence::Unrecorded { since }) => (
            "Not recorded",
            format!(
                "Nothing is recorded of the row up to this moment. If it was there, it was there before the \
                 table was audited, which is since {}, and had not been changed since.",
                exact(*since)
            ),
        ),
        State::Absent(Absence::Deleted { at, .. }) => {
            ("Deleted", format!("The row had been deleted at {}.", exact(*at)))
        }
        State::Absent(Absence::Truncated { at, .. }) => (
            "Removed with the whole table",
            format!("The table was truncated at {}, which removed all its rows.", exact(*at)),
        ),
        State::Absent(_) => {
            (
                "No such row",
                "There was no such row at this moment that you may see. If it was there before, then what \
                 removed or moved it, or emptied its table, is not within what you may see."
                    .to_owned(),
            )
        }
    }
}
