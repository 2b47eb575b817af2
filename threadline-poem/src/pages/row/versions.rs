//! The versions of a row as a list: when, who, what and why, a line each.

use maud::{Markup, html};
use threadline::TimelineEntry;

use super::load::{Line, Versions, View, who};
use crate::view::{
    Chrome, Column, actor, copy_button, data_table, empty, inline_diff, link, nobody, op_badge,
    pager, panel, sides, time, visible,
};

const COLUMNS: [Column; 6] = [
    Column::new("Version"),
    Column::new("When"),
    Column::new("Who"),
    Column::new("What"),
    Column::new("Why"),
    Column::new("Compare"),
];

/// The panel, which a link may name.
pub(super) fn versions(view: &View, chrome: &Chrome) -> Markup {
    let title = match &view.params.field {
        Some(field) => format!("Versions that changed {}", field.as_str()),
        None => "Versions".to_owned(),
    };
    let every = chrome.links.row_with(&view.table.table, &view.key, &view.params.of_version());
    let actions = html! {
        @if view.params.field.is_some() { (link("All versions", &format!("{every}#versions"))) }
    };
    html! {
        div #versions {
            @match &view.versions {
                Err(failed) => (failed.render("The list of versions")),
                Ok(versions) => (panel(&title, actions, list(view, chrome, versions, &title))),
            }
        }
    }
}

fn list(view: &View, chrome: &Chrome, versions: &Versions, title: &str) -> Markup {
    if versions.lines.is_empty() {
        let text = match (&view.params.field, &view.params.after) {
            (Some(_), None) => {
                "No update changed this column that you may see: it holds what the row was created with."
            }
            (_, Some(_)) => "There are no older versions.",
            (None, None) => "There is no version of the row that you may see.",
        };
        return empty("None", text, &[]);
    }
    let rows: Vec<Vec<Markup>> =
        versions.lines.iter().map(|line| row(view, chrome, line)).collect();
    let address = |pairs: &[(&str, String)]| {
        let all = [view.params.of_list(), pairs.to_vec()].concat();
        format!("{}#versions", chrome.links.row_with(&view.table.table, &view.key, &all))
    };
    let older = versions.older.map(|cursor| address(&[("after", cursor.to_string())]));
    let newest = view.params.after.map(|_| address(&[]));
    html! {
        (data_table(&format!("{title} of {} {}", view.table.table, view.key), &COLUMNS, &rows))
        (pager(newest.as_deref(), older.as_deref()))
    }
}

fn row(view: &View, chrome: &Chrome, line: &Line) -> Vec<Markup> {
    let (links, entry) = (&chrome.links, &line.entry);
    let id = entry.change.id;
    let here = links.row_version(&view.table.table, &view.key, id, None);
    let number = view.row.rail.number(id);
    let label = number.map_or_else(|| format!("change {id}"), |number| format!("v{number}"));
    let shown = view.row.shown.entry.as_ref().map(|entry| entry.change.id);
    vec![
        html! {
            a href=(here) aria-current=[(shown == Some(id)).then_some("true")] data-open { (label) }
        },
        time(entry.change.captured_at, view.now),
        by(view, chrome, entry),
        html! { (op_badge(entry.change.op)) " " (inline_diff(&line.fields, sides(entry.change.op), 3)) },
        why(chrome, entry),
        compare(view, chrome, id, shown),
    ]
}

fn compare(view: &View, chrome: &Chrome, id: i64, shown: Option<i64>) -> Markup {
    let Some(shown) = shown.filter(|shown| *shown != id && !view.row.shown.is_before) else {
        return html! { span.meta { @if shown == Some(id) { "shown" } @else { "–" } } };
    };
    let href = chrome.links.row_version(&view.table.table, &view.key, shown, Some(id));
    html! { (link("with shown", &href)) }
}

/// Who made a change.
pub(super) fn by(view: &View, chrome: &Chrome, entry: &TimelineEntry) -> Markup {
    html! {
        @match who(entry) {
            Some(reference) => (actor(reference, view.names.get(reference).map(String::as_str), Some(&chrome.links.actor(reference)))),
            None => (nobody(Some(&entry.transaction.session_user_name))),
        }
    }
}

/// What was meant by a change, and the transaction it belongs to.
pub(super) fn why(chrome: &Chrome, entry: &TimelineEntry) -> Markup {
    let links = &chrome.links;
    let transaction = links.change_of(entry.transaction.id, entry.change.id);
    html! {
        @match &entry.action {
            Some(action) => {
                span.col { (visible(&action.name)) }
                @if let Some(reason) = &action.reason { ": " (visible(reason)) }
            },
            None => span.meta { "no reason was given" },
        }
        " · " (link(&format!("tx {}", entry.transaction.id), &transaction))
        @if let Some(id) = &entry.transaction.correlation_id {
            " · " span.id { (visible(id)) } (copy_button(id, "the correlation"))
        }
    }
}
