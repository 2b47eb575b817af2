//! The page.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use threadline::{AuditedTable, TableName};

use super::find::FIELD;
use super::recent::{Recent, filter, who};
use crate::pages::panel::Panel;
use crate::view::{
    Choice, Chrome, Column, Field, Links, Problem, Way, actor, data_table, empty, field,
    field_problem, link, local, nobody, op_badge, page_head, panel, plain, time, visible,
};

pub(super) struct View {
    pub(super) tables: Vec<AuditedTable>,
    /// The table whose rows are looked for.
    pub(super) chosen: Option<AuditedTable>,
    /// What is wrong, by the field.
    pub(super) problems: Vec<(String, Problem)>,
    /// What was typed, by the field.
    pub(super) typed: Vec<(String, String)>,
    pub(super) recent: Option<Panel<Recent>>,
    pub(super) now: DateTime<Utc>,
}

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    match &view.chosen {
        Some(table) => of_table(view, table, chrome),
        None => of_any(view, chrome),
    }
}

fn of_any(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    if view.tables.is_empty() {
        let text = "No table is audited yet, so there is no row to find.";
        return html! { h1 { "Find a row" } (empty("No table is audited", text, &[])) };
    }
    html! {
        (page_head(&[], html! { "Find a row" }, html! {}))
        (panel("By its table and key", html! {}, html! { (form(view, links)) }))
        (panel("Tables", html! {}, html! { (tables(&view.tables, view.now, links)) }))
    }
}

/// The form without a script: the table is chosen, and its key written as in filters.
fn form(view: &View, links: &Links) -> Markup {
    let typed = |name: &str| {
        let found = view.typed.iter().find(|(key, _)| key == name);
        found.map_or("", |(_, value)| value.as_str())
    };
    let problem =
        |name: &str| view.problems.iter().find(|(key, _)| key == name).map(|(_, problem)| problem);
    let key = Field {
        name: "key",
        value: typed("key"),
        example: Some("42, or order_id=7;line_no=3"),
        problem: problem("key"),
        is_required: false,
    };
    html! {
        (other_problems(view, &["table", "key"]))
        form.stack method="get" action=(local(&links.rows())) {
            div.field {
                label for="field-table" { "Table" }
                select #field-table name="table" {
                    @for table in &view.tables {
                        @let name = table.table.to_string();
                        option value=(name) selected[name == typed("table")] { (plain(&name)) }
                    }
                }
                @if let Some(problem) = problem("table") { (field_problem("field-table-problem", problem)) }
            }
            (field("Key, or nothing to choose among the newest", &key))
            button.primary type="submit" { "Find" }
        }
    }
}

/// What is wrong with what the form has no field for.
fn other_problems(view: &View, known: &[&str]) -> Markup {
    let others = view.problems.iter().filter(|(key, _)| !known.contains(&key.as_str()));
    html! {
        @for (place, (_, problem)) in others.enumerate() {
            (field_problem(&format!("problem-{place}"), problem))
        }
    }
}

fn tables(tables: &[AuditedTable], now: DateTime<Utc>, links: &Links) -> Markup {
    let columns = [Column::new("Table"), Column::new("Key"), Column::new("Audited")];
    let row = |table: &AuditedTable| {
        vec![
            link(&table.table.to_string(), &links.table(&table.table)),
            html! { span.col { (visible(&table.key.join(", "))) } },
            audited(table, now),
        ]
    };
    let rows: Vec<Vec<Markup>> = tables.iter().map(row).collect();
    data_table("Tables of the trail", &columns, &rows)
}

fn audited(table: &AuditedTable, now: DateTime<Utc>) -> Markup {
    html! {
        @match table.detached_at {
            Some(at) => { "not since " (time(at, now)) },
            None => { "since " (time(table.since, now)) },
        }
    }
}

fn of_table(view: &View, table: &AuditedTable, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let trail = [Choice::new("Rows", links.rows())];
    let changes = link("All changes of the table", &links.timeline(&filter(table)));
    html! {
        (page_head(&trail, html! { (visible(&table.table.to_string())) }, changes))
        (panel("Find a row by its key", html! {}, key_form(view, table, links)))
        @match &view.recent {
            Some(Ok(recent)) => (panel("Rows that changed last", html! {}, recently(view, table, recent, links))),
            Some(Err(failed)) => (failed.render("The rows that changed last")),
            None => "",
        }
    }
}

/// A field for each column of the key.
fn key_form(view: &View, table: &AuditedTable, links: &Links) -> Markup {
    let fields: Vec<(String, String)> =
        table.key.iter().map(|column| (column.clone(), format!("{FIELD}{column}"))).collect();
    let known: Vec<&str> = fields.iter().map(|(_, name)| name.as_str()).collect();
    html! {
        (other_problems(view, &known))
        form.stack method="get" action=(local(&links.table(&table.table))) {
            @for (column, name) in &fields {
                @let typed = view.typed.iter().find(|(key, _)| key == name);
                @let example = example(table, column);
                @let problem = view.problems.iter().find(|(key, _)| key == name).map(|(_, problem)| problem);
                (field(&plain(column), &Field {
                    name,
                    value: typed.map_or("", |(_, value)| value.as_str()),
                    example: Some(&example),
                    problem,
                    is_required: table.key.len() > 1,
                }))
            }
            button.primary type="submit" { "Show its history" }
        }
    }
}

/// A value that such a column could have.
fn example(table: &AuditedTable, column: &str) -> String {
    let known = table.columns.iter().find(|known| known.name == column);
    let data_type = known.and_then(|known| known.data_type.as_deref()).unwrap_or("text");
    let value = match data_type {
        "uuid" => "0197b3c2-…",
        "date" => "2026-01-31",
        "boolean" => "true",
        "smallint" | "integer" | "bigint" => "42",
        name if name.starts_with("numeric") => "42",
        name if name.starts_with("timestamp") => "2026-01-31T12:00:00Z",
        _ => "as it is stored",
    };
    format!("{value} ({data_type})")
}

fn recently(view: &View, table: &AuditedTable, recent: &Recent, links: &Links) -> Markup {
    if recent.rows.is_empty() {
        let text = "No change of a row of this table is recorded that you may see.";
        let ways = [Way { label: "Other tables".to_owned(), href: links.rows(), count: None }];
        return empty("No rows yet", text, &ways);
    }
    let columns =
        [Column::new("Row"), Column::new("What"), Column::new("When"), Column::new("Who")];
    let line = |(key, entry): &(threadline::RowKey, threadline::TimelineEntry)| {
        vec![
            link(&key.to_string(), &links.row(&table.table, key)),
            op_badge(entry.change.op),
            time(entry.change.captured_at, view.now),
            match who(entry) {
                Some(who) => {
                    let name = recent.names.get(who).map(String::as_str);
                    actor(who, name, Some(&links.actor(who)))
                }
                None => nobody(Some(&entry.transaction.session_user_name)),
            },
        ]
    };
    let rows: Vec<Vec<Markup>> = recent.rows.iter().map(line).collect();
    data_table(&format!("Rows of {} that changed last", table.table), &columns, &rows)
}

/// In place of a table that the trail does not have.
pub(super) fn unknown(tables: &[AuditedTable], typed: &str, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let text =
        format!("The trail has no table `{}`. These are the tables that it has.", plain(typed));
    let ways: Vec<Way> = tables.iter().map(|table| way(&table.table, links)).collect();
    html! {
        (page_head(&[Choice::new("Rows", links.rows())], html! { "Not found" }, html! {}))
        (empty("There is no such table", &text, &ways))
    }
}

fn way(table: &TableName, links: &Links) -> Way {
    Way { label: table.to_string(), href: links.table(table), count: None }
}

/// The form of a table, and why the key that was asked for is none of it.
pub(super) fn misnamed(table: &AuditedTable, why: &str, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let problem = Problem { text: format!("{why}."), example: None };
    let view = View {
        tables: Vec::new(),
        chosen: None,
        problems: vec![(String::new(), problem)],
        typed: Vec::new(),
        recent: None,
        now: chrome.now,
    };
    let trail = [Choice::new("Rows", links.rows())];
    html! {
        (page_head(&trail, html! { (visible(&table.table.to_string())) }, html! {}))
        (panel("Find a row by its key", html! {}, key_form(&view, table, links)))
    }
}
