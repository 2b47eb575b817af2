//! The changes of a transaction, each with what it did to its row.

use chrono::TimeDelta;
use maud::{Markup, html};
use threadline::{Change, Operation, RowKey};

use super::View;
use crate::pages::key::key_of;
use crate::view::{
    Chrome, Deed, DiffOptions, button_link, copy_button, diff_table, local, op_badge, row_name,
    sides,
};

/// Every change of the page.
pub(super) fn changes(view: &View, chrome: &Chrome) -> Markup {
    html! {
        @for (entry, host) in view.page.entries.iter().zip(&view.hosts) {
            (change(view, &entry.change, host.as_deref(), chrome))
        }
    }
}

fn change(view: &View, change: &Change, host: Option<&str>, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let (table, key) = (change.table.to_string(), key_of(change));
    let told = key.as_ref().map(RowKey::to_string);
    let row = key.as_ref().map(|key| links.row(&change.table, key));
    let deed =
        Deed { op: change.op, table: &table, key: told.as_deref(), href: row.as_deref(), rows: 1 };
    html! {
        section.panel id={ "change-" (change.id) } data-item tabindex="-1" {
            div.panel-head {
                h3 { (op_badge(change.op)) " " (row_name(&deed)) }
                div.actions {
                    @if let Some(key) = &key { (ways(change, key, chrome)) }
                    @if let Some(host) = host {
                        a.button href=(local(host)) { "Open in " (chrome.brand) }
                    }
                    a.button data-open href=(links.change(change.id)) { "Permalink" }
                    (copy_button(&change.id.to_string(), "the change's number"))
                }
            }
            (body(view, change, &deed, chrome))
        }
    }
}

/// Where the row is, before and ever since.
fn ways(change: &Change, key: &RowKey, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    // A moment earlier, nothing of this transaction was committed.
    let before = change.captured_at - TimeDelta::microseconds(1);
    let before = before.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    html! {
        (button_link("Row history", &links.row_version(&change.table, key, change.id, None)))
        @if change.op != Operation::Insert && change.op != Operation::Baseline {
            (button_link("As of just before", &links.row_at(&change.table, key, &before)))
        }
    }
}

fn body(view: &View, change: &Change, deed: &Deed<'_>, chrome: &Chrome) -> Markup {
    if change.op == Operation::Truncate {
        return html! {
            p { "Every row of the table was removed at once. What the rows held is not told here: their \
                 own history has it." }
        };
    }
    let fields = view.head.shapes.fields(change, &chrome.links);
    let options = DiffOptions {
        caption: format!("{} of {} {}", change.op, deed.table, deed.key.unwrap_or_default()),
        sides: sides(change.op),
        quiet: view.head.shapes.quiet(&change.table),
        is_open: view.params.is_open,
    };
    diff_table(&fields, &options)
}
