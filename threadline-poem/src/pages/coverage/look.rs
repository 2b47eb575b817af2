use maud::{Markup, html};
use threadline::Filter;
use threadline_migration::health::{Cover, HealthFinding, Severity};

use super::View;
use super::group::{Group, Kind, Row};
use crate::pages::mend::{fix, prose};
use crate::pages::stale;
use crate::view::{self, Chrome, Column, Level};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    html! {
        (view::page_head(&[], html! { "Coverage" }, actions(view, chrome)))
        @if let Some(failure) = &view.failure { (stale::banner(failure, view.at, chrome.now)) }
        div.verdicts { (verdict(view)) }
        div.chips { (counts(view)) (schemas(view, chrome)) }
        @for group in &view.groups { (panel(group, view, chrome)) }
        @if !view.also.is_empty() { (also(&view.also, view)) }
        @if view.is_scoped {
            p.note {
                "Your view is narrowed, so this page tells the names and the state of tables, and nothing \
                 of their rows: not when they were changed last either."
            }
        }
    }
}

fn actions(view: &View, chrome: &Chrome) -> Markup {
    let href = chrome.links.coverage_now(view.schema.as_deref());
    html! {
        span.meta { "Last checked " (view::ago(view.at, chrome.now)) }
        (view::button_link("Check now", &href))
    }
}

/// Whether everything that should be recorded is, in one sentence.
fn verdict(view: &View) -> Markup {
    let coverage = &view.coverage;
    let uncovered = coverage.uncovered() as u64;
    let (errors, warnings) = (view.of(Severity::Error), view.of(Severity::Warning));
    let within = match &view.schema {
        Some(schema) => format!(" in schema “{schema}”"),
        None => String::new(),
    };
    let (level, text) = if uncovered > 0 {
        let tables = view::counted(uncovered, "table", "tables");
        (
            Level::Bad,
            format!("Not ready: writes to {tables}{within} are not recorded, all or in part."),
        )
    } else if errors > 0 {
        let things = view::counted(errors, "thing is", "things are");
        (Level::Bad, format!("Not ready: every table{within} is covered, and {things} wrong."))
    } else if coverage.tables.is_empty() {
        (Level::Info, format!("There are no tables{within}, so there is nothing to record."))
    } else if warnings > 0 {
        let things = view::counted(warnings, "thing wants", "things want");
        (Level::Warning, format!("Ready: every table{within} is covered, and {things} a look."))
    } else {
        let tables = view::counted(coverage.covered() as u64, "table", "tables");
        (
            Level::Good,
            format!(
                "Ready: the writes of {tables}{within} are recorded, and nothing else is amiss."
            ),
        )
    };
    view::verdict(level, &text, None)
}

fn schemas(view: &View, chrome: &Chrome) -> Markup {
    html! {
        @if view.schemas.len() > 1 || view.schema.is_some() {
            form.actions method="get" action=(view::local(&chrome.links.coverage(None))) {
                label for="schema" { "Schema" }
                select #schema name="schema" {
                    option value="" selected[view.schema.is_none()] { "All schemas" }
                    @for schema in &view.schemas {
                        option value=(schema) selected[view.schema.as_ref() == Some(schema)] { (view::plain(schema)) }
                    }
                }
                button type="submit" { "Show" }
            }
        }
    }
}

/// How many there are of each kind, with the way to them.
fn counts(view: &View) -> Markup {
    let choices: Vec<view::Choice> = view
        .groups
        .iter()
        .map(|group| {
            let label =
                format!("{} {}", group.kind.title(), view::grouped(group.rows.len() as u64));
            view::Choice::new(label, format!("#{}", group.kind.anchor()))
        })
        .collect();
    html! { @if !choices.is_empty() { (view::tabs("Kinds of tables", &choices)) } }
}

fn panel(group: &Group, view: &View, chrome: &Chrome) -> Markup {
    let has_fix = group.rows.iter().any(|row| row.table.mend.is_some());
    let mut columns = vec![Column::new("Table"), Column::new("State"), Column::new("Why")];
    if !view.is_scoped && group.kind != Kind::ExpectedGap {
        columns.push(Column::new("Last change"));
    }
    if has_fix {
        columns.push(Column::new("Fix"));
    }
    let rows: Vec<Vec<Markup>> = group
        .rows
        .iter()
        .map(|row| {
            let mut cells = vec![name(row, chrome), state(row, group.kind), why(row)];
            if !view.is_scoped && group.kind != Kind::ExpectedGap {
                cells.push(last(row, chrome));
            }
            if has_fix {
                cells.push(fix(row.table.mend.as_ref()));
            }
            cells
        })
        .collect();
    html! {
        section.panel #(group.kind.anchor()) {
            div.panel-head {
                h2 { (group.kind.title()) " " span.meta { (view::grouped(rows.len() as u64)) } }
            }
            p.meta { (group.kind.meaning()) }
            div.stacked { (view::data_table(group.kind.title(), &columns, &rows)) }
        }
    }
}

/// The table; one that is under audit leads to its changes.
fn name(row: &Row, chrome: &Chrome) -> Markup {
    let table = &row.table.table;
    html! {
        @if row.table.mode.is_some() {
            (view::link(&table.to_string(), &chrome.links.timeline(&Filter::new().table(table.clone()))))
        } @else {
            bdi { (view::visible(&table.to_string())) }
        }
        @if row.table.members > 0 {
            " " span.meta { "with " (view::counted(row.table.members.into(), "partition", "partitions")) }
        }
    }
}

fn state(row: &Row, kind: Kind) -> Markup {
    let (level, word) = match (kind, row.table.cover) {
        (_, Cover::ExpectedUncovered { .. }) => (Level::Info, "expected gap"),
        (Kind::NeedsCapture, _) if row.table.is_absent => (Level::Bad, "does not exist"),
        (Kind::NeedsCapture, _) => (Level::Bad, "not recorded"),
        (Kind::Altered, Cover::Uncovered) => {
            (Level::Bad, row.table.state.map_or("altered", |s| s.as_str()))
        }
        (Kind::Altered, _) => (Level::Warning, row.table.state.map_or("altered", |s| s.as_str())),
        (Kind::OutOfDate, _) => (Level::Warning, "out of date"),
        _ if row.code.is_some() => (Level::Warning, "recorded"),
        _ => (Level::Good, "recorded"),
    };
    view::badge(level, word)
}

fn why(row: &Row) -> Markup {
    html! {
        (prose(&row.table.why))
        @if let Some(code) = row.code { " " code.meta { (code) } }
    }
}

fn last(row: &Row, chrome: &Chrome) -> Markup {
    html! {
        @match (row.table.last_change, row.table.since) {
            (Some(at), _) => (view::ago(at, chrome.now)),
            (None, Some(since)) => span.meta { "none since " (view::minute(since)) },
            (None, None) => {},
        }
    }
}

/// What no row of a group tells.
fn also(findings: &[HealthFinding], view: &View) -> Markup {
    let columns =
        [Column::new("About"), Column::new("How bad"), Column::new("What"), Column::new("Fix")];
    let rows: Vec<Vec<Markup>> = findings
        .iter()
        .map(|found| {
            let about = match &found.table {
                Some(table) => format!("{}.{table}", found.schema),
                None => "the trail".to_owned(),
            };
            vec![
                html! { bdi { (view::visible(&about)) } },
                severity(found.severity),
                html! { (prose(&found.reason)) " " code.meta { (found.code) } },
                fix(found.mend.as_ref()),
            ]
        })
        .collect();
    let title = if view.groups.is_empty() { "Found" } else { "Also found" };
    view::panel(
        title,
        html! { span.meta { (rows.len()) } },
        view::data_table(title, &columns, &rows),
    )
}

fn severity(severity: Severity) -> Markup {
    match severity {
        Severity::Error => view::badge(Level::Bad, "error"),
        Severity::Warning => view::badge(Level::Warning, "warning"),
        _ => view::badge(Level::Info, "note"),
    }
}
