use maud::{Markup, html};
use threadline::{Operation, TimelineEntry};

use super::View;
use crate::pages::row;
use crate::view::{
    Choice, Chrome, DiffOptions, FieldDiff, actor, cell, diff_table, empty, kv, nobody, op_badge,
    page_head, panel, plain, sides, tabs, time, visible,
};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let mut trail = vec![
        Choice::new("Rows", links.rows()),
        Choice::new(view.table.table.to_string(), links.table(&view.table.table)),
    ];
    if let Some(key) = &view.key {
        trail.push(Choice::new(key.to_string(), links.row(&view.table.table, key)));
    }
    let (older, newer) = (view.pair.older.change.id, view.pair.newer.change.id);
    let side = links.compare(older, newer);
    let unified = format!("{side}&view=unified");
    let choices = match view.is_unified {
        true => [Choice::new("Side by side", side), Choice::current("Differences", unified)],
        false => [Choice::current("Side by side", side), Choice::new("Differences", unified)],
    };
    html! {
        (page_head(&trail, html! { "Two versions compared" }, tabs("Shown as", &choices)))
        (kv(&[("Older", version(view, &view.pair.older, chrome)), ("Newer", version(view, &view.pair.newer, chrome))]))
        @if view.hides_values { (hidden_note(view.pair.differing.is_some())) }
        (panel("Columns", html! {}, body(view)))
    }
}

fn hidden_note(is_known: bool) -> Markup {
    html! {
        p.note {
            @if is_known { "You may not see values: marked are the columns that versions in between changed." }
            @else { "You may not see values, and the row came or went in between: which columns differ cannot be told." }
        }
    }
}

fn version(view: &View, entry: &TimelineEntry, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let id = entry.change.id;
    let href = match &view.key {
        Some(key) => links.row_version(&view.table.table, key, id, None),
        None => links.change(id),
    };
    html! {
        a href=(href) { "change " (id) } " " (op_badge(entry.change.op)) " "
        (time(entry.change.captured_at, view.now)) " "
        @match row::who(entry) {
            Some(who) => (actor(who, view.names.get(who).map(String::as_str), Some(&links.actor(who)))),
            None => (nobody(Some(&entry.transaction.session_user_name))),
        }
        @if let Some(action) = &entry.action {
            " " span.col { (visible(&action.name)) }
            @if let Some(reason) = &action.reason { ": " (visible(reason)) }
        }
    }
}

fn body(view: &View) -> Markup {
    if view.fields.is_empty() {
        let text = "After neither of the two changes was there a row.";
        return empty("Nothing to compare", text, &[]);
    }
    let caption = match &view.key {
        Some(key) => format!("{} {key}", view.table.table),
        None => view.table.table.to_string(),
    };
    if view.is_unified {
        let sides = sides(Operation::Update);
        return diff_table(
            &view.fields,
            &DiffOptions { caption, sides, quiet: Vec::new(), is_open: false },
        );
    }
    side_by_side(view, &caption)
}

/// Every column with both values, those that differ first.
fn side_by_side(view: &View, caption: &str) -> Markup {
    let (changed, same): (Vec<&FieldDiff>, Vec<&FieldDiff>) =
        view.fields.iter().partition(|field| field.is_changed);
    html! {
        @if changed.is_empty() && view.pair.differing.is_some() { p.note { "The two are the same." } }
        div.scroll tabindex="0" role="region" aria-label=(plain(caption)) {
            table.data.state {
                caption.vh { (plain(caption)) }
                thead { tr { th scope="col" { "Column" } th scope="col" { "Older" } th scope="col" { "Newer" } } }
                tbody {
                    @for field in changed.into_iter().chain(same) {
                        tr.changed[field.is_changed] {
                            th scope="row" {
                                (visible(&field.name))
                                @if field.is_changed { " " span.now { "● differs" } }
                            }
                            td { (cell(&field.before)) }
                            td { (cell(&field.after)) }
                        }
                    }
                }
            }
        }
    }
}
