//! The page.

use maud::{Markup, html};
use threadline::{AuditedTable, Operation, RailVersion};

use super::load::{Difference, View};
use super::notices::{absent, notices};
use super::state::{state, version_of};
use super::versions::{by, versions, why};
use crate::pages::desk::State;
use crate::view::{
    Choice, Chrome, DiffOptions, Links, Slider, Stop, as_of_form, button_link, copy_menu, counted,
    diff_table, halves, kv, link, notice, page_head, panel, sides, slider, tabs, time,
    version_rail, visible,
};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let title = html! { (visible(view.table.table.name())) " " span.id { bdi { (visible(&view.key.to_string())) } } };
    html! {
        (page_head(&trail(&chrome.links, &view.table), title, actions(view, chrome)))
        (facts(view, chrome))
        @for text in notices(view) { (notice(&text)) }
        (walk(view, chrome))
        @match &view.difference {
            Ok(Difference::Nothing) => (state(view, chrome)),
            _ => (halves(state(view, chrome), difference(view, chrome))),
        }
        (versions(view, chrome))
    }
}

/// Where a row's page is.
pub(crate) fn trail(links: &Links, table: &AuditedTable) -> Vec<Choice> {
    vec![
        Choice::new("Rows", links.rows()),
        Choice::new(table.table.to_string(), links.table(&table.table)),
    ]
}

fn actions(view: &View, chrome: &Chrome) -> Markup {
    let mut copies = vec![(chrome.command_label(), view.command.clone())];
    copies.extend(view.sql.clone().map(|sql| (chrome.sql_label(), sql)));
    html! {
        @if let Some(host) = &view.host { (button_link("Open in the application", host)) }
        (copy_menu(&copies))
    }
}

fn facts(view: &View, chrome: &Chrome) -> Markup {
    let created = match &view.first {
        Ok(Some(first)) if first.change.op == Operation::Insert => html! {
            (time(first.change.captured_at, view.now)) " " (by(view, chrome, first))
        },
        Ok(_) => html! { "not recorded" },
        Err(_) => html! { "could not be read" },
    };
    let now = match &view.row.now {
        State::There(_) => html! { "there, not deleted" },
        state => html! { (absent(state).1) },
    };
    let total = view.row.rail.total;
    let more = if total.is_capped { "More than " } else { "" };
    kv(&[
        ("Created", created),
        ("Now", now),
        ("History", html! { (more) (counted(total.counted.into(), "version", "versions")) }),
        ("Audited since", html! { (time(view.table.since, view.now)) }),
    ])
}

/// The versions to walk along, and the moment to go to.
fn walk(view: &View, chrome: &Chrome) -> Markup {
    let row = chrome.links.row(&view.table.table, &view.key);
    let at = view.params.at.as_ref();
    let form = as_of_form(&row, at.map(|(text, _)| text.as_str()), at.map(|(_, at)| *at));
    let stops = stops(view, chrome);
    if stops.is_empty() {
        return form;
    }
    let position = stops.iter().position(|stop| stop.is_current);
    let values = view.row.rail.versions.iter().rev().map(|version| version.change_id).collect();
    // Where none of them is shown, there is no place to go on from.
    let slide = position.map(|position| Slider {
        action: row,
        hidden: Vec::new(),
        position,
        stops: stops.clone(),
        values,
    });
    html! {
        section.panel aria-label="Versions to choose from" {
            (version_rail(&stops))
            (beyond(view, chrome))
            @if let Some(slide) = &slide { (slider(slide)) }
            (form)
        }
    }
}

fn stops(view: &View, chrome: &Chrome) -> Vec<Stop> {
    let shown = view.row.shown.entry.as_ref().filter(|_| !view.row.shown.is_before);
    let stop = |version: &RailVersion| Stop {
        number: view.row.rail.number(version.change_id).map(u64::from),
        op: version.op,
        at: version.captured_at,
        summary: summary(version),
        href: chrome.links.row_version(&view.table.table, &view.key, version.change_id, None),
        is_current: shown.is_some_and(|entry| entry.change.id == version.change_id),
    };
    view.row.rail.versions.iter().rev().map(stop).collect()
}

/// The columns that it changed, the first few of them.
fn summary(version: &RailVersion) -> String {
    const SHOWN: usize = 3;
    let names = &version.changed_fields;
    let mut told = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        told.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    told
}

/// What lies beyond the two ends of the rail.
fn beyond(view: &View, chrome: &Chrome) -> Markup {
    let rail = &view.row.rail;
    let row = |id| chrome.links.row_version(&view.table.table, &view.key, id, None);
    let told = |count: threadline::Count, which: &str| {
        let more = if count.is_capped { "more than " } else { "" };
        format!("{more}{} {which}", crate::view::grouped(count.counted.into()))
    };
    let oldest = rail.versions.last().filter(|_| rail.older.counted > 0);
    let newest = rail.versions.first().filter(|_| rail.newer.counted > 0);
    html! {
        @if oldest.is_some() || newest.is_some() {
            p.note {
                (counted(rail.versions.len() as u64, "version is shown", "versions are shown")) "."
                @if let Some(oldest) = oldest {
                    " " (link(&told(rail.older, "older"), &row(oldest.change_id)))
                }
                @if let Some(newest) = newest {
                    " " (link(&told(rail.newer, "newer"), &row(newest.change_id)))
                }
            }
        }
    }
}

/// What the shown version changed, or how it differs from the one that was picked.
fn difference(view: &View, chrome: &Chrome) -> Markup {
    let options = |caption: String, op| DiffOptions {
        caption,
        sides: sides(op),
        quiet: Vec::new(),
        is_open: false,
    };
    let row = format!("{} {}", view.table.table, view.key);
    let (title, body) = match &view.difference {
        Err(failed) => return failed.render("The comparison"),
        Ok(Difference::Nothing) => return html! {},
        Ok(Difference::OfChange(fields)) => {
            let Some(entry) = &view.row.shown.entry else { return html! {} };
            let version = version_of(view).unwrap_or_else(|| format!("change {}", entry.change.id));
            let op = entry.change.op;
            let table = diff_table(fields, &options(format!("{op} of {row}"), op));
            let table = if op == Operation::Truncate {
                html! {}
            } else {
                table
            };
            let did = match op {
                Operation::Insert => "created",
                Operation::Delete | Operation::Truncate => "removed",
                Operation::Baseline => "recorded",
                _ => "changed",
            };
            (format!("What {version} {did}"), html! { (made(view, chrome)) (table) })
        }
        Ok(Difference::Between { older, newer, fields, is_known }) => {
            let name = |id| match view.row.rail.number(id) {
                Some(number) => format!("v{number}"),
                None => format!("change {id}"),
            };
            let title = format!("{} → {}", name(older.change.id), name(newer.change.id));
            let table =
                diff_table(fields, &options(format!("{title} of {row}"), Operation::Update));
            let body = html! {
                (hidden_note(view, *is_known))
                @if *is_known { (table) }
                p { (button_link("Side by side", &chrome.links.compare(older.change.id, newer.change.id))) }
            };
            (title, body)
        }
    };
    panel(&title, html! { (choices(view, chrome)) }, body)
}

fn hidden_note(view: &View, is_known: bool) -> Markup {
    html! {
        @if view.hides_values {
            p.note {
                @if is_known { "You may not see values: marked are the columns that versions in between changed." }
                @else { "You may not see values, and the row came or went in between: which columns differ cannot be told." }
            }
        }
    }
}

/// With what the shown version is compared.
fn choices(view: &View, chrome: &Chrome) -> Markup {
    let shown = view.row.shown.entry.as_ref().filter(|_| !view.row.shown.is_before);
    let Some(id) = shown.map(|entry| entry.change.id) else { return html! {} };
    let href = |versus| chrome.links.row_version(&view.table.table, &view.key, id, versus);
    let choice = |label: &str, versus: Option<i64>| match versus == view.params.vs {
        true => Choice::current(label, href(versus)),
        false => Choice::new(label, href(versus)),
    };
    let mut all = vec![choice("Previous", None)];
    let newest = view.row.newest.as_ref().map(|version| version.change_id);
    all.extend(newest.filter(|newest| *newest != id).map(|newest| choice("Newest", Some(newest))));
    let is_picked = view.params.vs.is_some() && view.params.vs != newest;
    all.extend(is_picked.then(|| choice("Picked", view.params.vs)));
    html! { (tabs("Compare with", &all)) (link("Pick", "#versions")) }
}

/// Who made the version that is shown, when and why.
fn made(view: &View, chrome: &Chrome) -> Markup {
    let Some(entry) = &view.row.shown.entry else { return html! {} };
    html! {
        p.made {
            (crate::view::op_badge(entry.change.op)) " "
            (by(view, chrome, entry)) " " (time(entry.change.captured_at, view.now))
        }
        p.meta { (why(chrome, entry)) }
    }
}
