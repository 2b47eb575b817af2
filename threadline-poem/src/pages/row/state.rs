//! The row as it stood, column by column, and who had written what.

use maud::{Markup, html};
use threadline::{BlamedColumn, Deed};

use super::load::View;
use super::notices::absent;
use crate::pages::desk::State;
use crate::pages::panel::Panel;
use crate::pages::shapes::facts;
use crate::view::{
    Cell, Chrome, Links, Way, cell, copy_button, empty, exact, link, local, panel, plain, visible,
};

/// The state of the row, or why there is none.
pub(super) fn state(view: &View, chrome: &Chrome) -> Markup {
    let title = title(view);
    let State::There(image) = &view.row.shown.state else {
        return panel(&title, html! {}, no_row(view, chrome));
    };
    let names = columns(view, image);
    let copy = html! { @if !view.hides_values { (copy(image)) } };
    let caption = format!("{} {}: {title}", view.table.table, view.key);
    let body = html! {
        @if let Some(Err(failed)) = &view.blame { (failed.render("Who wrote which column")) }
        div.scroll tabindex="0" role="region" aria-label=(plain(&caption)) {
            table.data.state {
                caption.vh { (plain(&caption)) }
                thead { tr { th scope="col" { "Column" } th scope="col" { "Value, and who wrote it" } } }
                tbody { @for name in &names { (line(view, image, name, &chrome.links)) } }
            }
        }
        @if let Some(Ok(blame)) = &view.blame {
            @if blame.truncated {
                p.note { "Only the newest versions were looked at for who wrote which column; of a column without an answer the last change is older." }
            }
        }
    };
    panel(&title, copy, body)
}

/// `State as of v6`, `As last recorded (v9)`, `As of 2026-11-21 05:30:00 UTC`
fn title(view: &View) -> String {
    let version = version_of(view).map(|version| format!(" ({version})")).unwrap_or_default();
    match (&view.params.at, view.params.v) {
        (Some((_, at)), _) => format!("As of {}{version}", exact(*at)),
        (None, Some(_)) => {
            format!("As of {}", version_of(view).unwrap_or("this version".to_owned()))
        }
        (None, None) => format!("As last recorded{version}"),
    }
}

/// The version that is shown: `v6`, if it can be numbered.
pub(super) fn version_of(view: &View) -> Option<String> {
    let entry = view.row.shown.entry.as_ref().filter(|_| !view.row.shown.is_before)?;
    Some(format!("v{}", view.row.rail.number(entry.change.id)?))
}

/// The columns of the table in its order, and then those that the row has besides.
fn columns<'v>(
    view: &'v View,
    image: &'v serde_json::Map<String, serde_json::Value>,
) -> Vec<&'v str> {
    let known = view.table.columns.iter().map(|column| column.name.as_str());
    let known = known.filter(|name| image.contains_key(*name) || is_excluded(view, name));
    let is_other = |name: &&str| view.table.columns.iter().all(|column| column.name != **name);
    known.chain(image.keys().map(String::as_str).filter(is_other)).collect()
}

fn is_excluded(view: &View, name: &str) -> bool {
    Cell::of(None, &facts(Some(&view.table), name, false)) == Cell::Excluded
}

fn line(
    view: &View,
    image: &serde_json::Map<String, serde_json::Value>,
    name: &str,
    links: &Links,
) -> Markup {
    let value = Cell::of(image.get(name), &facts(Some(&view.table), name, view.hides_values));
    let own = links.row_with(
        &view.table.table,
        &view.key,
        &[view.params.of_version(), vec![("field", name.to_owned())]].concat(),
    );
    html! {
        tr.changed[is_changed(view, name)] {
            th scope="row" {
                a href=(local(&format!("{own}#versions"))) title="The versions that changed this column" { (visible(name)) }
            }
            td { (cell(&value)) " " (since(view, name, links)) }
        }
    }
}

/// Whether the change that is shown wrote this column.
fn is_changed(view: &View, name: &str) -> bool {
    let entry = view.row.shown.entry.as_ref().filter(|_| !view.row.shown.is_before);
    entry.is_some_and(|entry| entry.change.changed_fields.iter().any(|changed| changed == name))
}

/// Who had written it, and in which version.
fn since(view: &View, name: &str, links: &Links) -> Markup {
    let blamed: Option<&BlamedColumn> = match &view.blame {
        Some(Panel::Ok(blame)) => blame.columns.iter().find(|column| column.column == name),
        _ => None,
    };
    let last = blamed.and_then(|column| column.last.as_ref());
    html! {
        @if is_changed(view, name) || last.is_some() {
            p.since {
                @if is_changed(view, name) { span.now { "● changed in " } } @else { "since " }
                @if let Some(deed) = last { (told(view, deed, links)) }
                @else { (version_of(view).unwrap_or_else(|| "this version".to_owned())) }
            }
        }
    }
}

fn told(view: &View, deed: &Deed, links: &Links) -> Markup {
    let number = view.row.rail.number(deed.change_id);
    let version = number.map_or_else(|| exact(deed.captured_at), |number| format!("v{number}"));
    let href = links.row_version(&view.table.table, &view.key, deed.change_id, None);
    html! {
        (link(&version, &href))
        @match deed.actor() {
            Some(actor) => { " by " bdi { (visible(&name_of(view, actor))) } },
            None => ", nobody said who",
        }
        @if let Some(action) = &deed.action { " · " span.col { (visible(&action.name)) } }
        @if let Some(reason) = deed.reason() { ": " (visible(reason)) }
    }
}

/// By the host's name, if it has one.
fn name_of(view: &View, actor: &threadline::ActorRef) -> String {
    view.names.get(actor).cloned().unwrap_or_else(|| actor.to_string())
}

/// The row as JSON, unless it is longer than anybody would paste.
fn copy(image: &serde_json::Map<String, serde_json::Value>) -> Markup {
    const LONGEST: usize = 32 * 1024;
    let text = escaped(&serde_json::to_string_pretty(image).unwrap_or_default());
    html! {
        @if !text.is_empty() && text.len() <= LONGEST {
            span.js { "Copy as JSON " (copy_button(&text, "the row as JSON")) }
        }
    }
}

/// With the escapes of JSON for what cannot be seen, so that nothing hides in what is pasted.
fn escaped(json: &str) -> String {
    let mut told = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        match c == '\n' || c.is_ascii() || plain(c.encode_utf8(&mut [0; 4])).chars().eq([c]) {
            true => told.push(c),
            false => {
                for unit in c.encode_utf16(&mut units) {
                    told.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    told
}

fn no_row(view: &View, chrome: &Chrome) -> Markup {
    let (title, text) = absent(&view.row.shown.state);
    let row = |id| chrome.links.row_version(&view.table.table, &view.key, id, None);
    let way = |label: &str, id| Way { label: label.to_owned(), href: row(id), count: None };
    let stops = &view.row.rail.versions;
    let ended = view.row.shown.entry.as_ref().map(|entry| entry.change.id);
    let before = ended.and_then(|id| {
        let place = stops.iter().position(|stop| stop.change_id == id)?;
        stops.get(place + 1)
    });
    let first = stops.last().filter(|_| ended.is_none());
    let mut ways = Vec::new();
    ways.extend(before.map(|stop| way("The row as it was before", stop.change_id)));
    ways.extend(first.map(|stop| way("The oldest version that is shown", stop.change_id)));
    html! { (empty(title, &text, &ways)) }
}
