//! The page: verdicts, ways to begin, and what happened lately.

use chrono::TimeDelta;
use maud::{Markup, html};
use threadline::{AuditedTable, Filter};

use super::load::{Recent, View};
use crate::view::{
    Chrome, Column, Icon, Level, Links, Pill, actor, ago, badge, button_link, cards, counted,
    data_table, grouped, icon, link, local, nobody, page_head, panel, relative, verdict, visible,
};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    html! {
        (page_head(&[], html! { "What happened?" }, html! {}))
        (search(view, links))
        (verdicts(view, links))
        (cards(&[
            ("Find a row", row_form(view, links)),
            ("Follow what happened", timelines(links)),
            ("Ask about somebody", somebody(links)),
        ]))
        (recent(view, links))
    }
}

/// One field for whatever somebody has at hand.
fn search(view: &View, links: &Links) -> Markup {
    let typed = view.params.find.as_deref().unwrap_or_default();
    html! {
        div.filter-bar {
            form.search method="get" action=(local(&links.home())) role="search" {
                label.vh for="find" { "A number, an id, or who it was" }
                (icon(Icon::Search))
                input #find name="find" type="search" value=(typed) maxlength="256" autocomplete="off" autocapitalize="off" spellcheck="false"
                    placeholder="Paste what you have: a correlation or request id, a transaction's number, user:42" data-search
                    aria-describedby=[view.missed.as_ref().map(|_| "find-missed")];
                button.primary type="submit" { "Find" }
            }
        }
        @if let Some(missed) = &view.missed {
            p.field-problem #find-missed role="status" {
                "Nothing that you may see has the number or id " bdi { (visible(missed)) } ". "
                "Check that it is complete, or search by time in the " (link("timeline", &links.timeline(&Filter::new()))) "."
            }
        }
    }
}

/// How it stands, in plain sentences.
fn verdicts(view: &View, links: &Links) -> Markup {
    html! {
        div.verdicts {
            (newest(view))
            @match view.coverage {
                None => {},
                Some(Pill::AllCovered) => (verdict(Level::Good, "Every table is recorded, or named as one that is not to be.", None)),
                Some(Pill::Uncovered(tables)) => {
                    @let (is, it) = if tables == 1 { ("is", "it") } else { ("are", "them") };
                    (verdict(
                        Level::Warning,
                        &format!("{} {is} not recorded, or not every change of {it} is.", counted(tables as u64, "table", "tables")),
                        Some("threadline health coverage"),
                    ))
                },
                Some(Pill::Unknown) => (verdict(Level::Unknown, "Whether every table is recorded could not be found out.", Some("threadline health coverage"))),
            }
            @if view.coverage.is_some_and(|pill| pill != Pill::AllCovered) {
                p { (button_link("See which tables", &links.coverage(None))) }
            }
        }
    }
}

/// Whether the trail can be read, and how new it is.
fn newest(view: &View) -> Markup {
    let recent = match &view.recent {
        Err(_) => {
            return verdict(
                Level::Bad,
                "The newest changes could not be read.",
                Some("threadline doctor"),
            );
        }
        Ok(recent) => recent,
    };
    let Some(newest) = recent.first() else {
        return verdict(
            Level::Info,
            "The audit trail can be read. There is no change in it that you may see.",
            None,
        );
    };
    let at = newest.newest.change.captured_at;
    let text = format!(
        "The audit trail can be read. The newest change was recorded {}.",
        relative(at, view.now)
    );
    let level = if view.now - at > TimeDelta::days(7) { Level::Info } else { Level::Good };
    verdict(level, &text, None)
}

fn row_form(view: &View, links: &Links) -> Markup {
    let tables = match &view.tables {
        Err(failed) => return failed.render("The list of tables"),
        Ok(tables) => tables,
    };
    let chosen = view.params.table.as_deref().unwrap_or_default();
    html! {
        @if tables.is_empty() { p.note { "No table is audited yet." } }
        @else {
            form.stack method="get" action=(local(&links.home())) {
                label { "Table"
                    select name="table" { @for table in tables {
                        option value=(table.table) selected[table.table.to_string() == chosen] { (told(table)) }
                    } }
                }
                label { "Key"
                    input name="key" value=(view.params.key.as_deref().unwrap_or_default()) placeholder="42, or order_id=7;line_no=3"
                        maxlength="256" autocomplete="off" autocapitalize="off" spellcheck="false";
                }
                button type="submit" { "Show its history" }
            }
        }
    }
}

/// `public.order_lines (order_id, line_no)`
fn told(table: &AuditedTable) -> String {
    format!("{} ({})", table.table, table.key.join(", "))
}

fn timelines(links: &Links) -> Markup {
    let over = |from: &str| {
        let filter = from.parse::<Filter>().unwrap_or_default();
        links.timeline(&filter)
    };
    html! {
        p { "Every change, newest first, by who made it and why." }
        div.actions {
            (button_link("Last hour", &over("from=-1h")))
            (button_link("Last 24 hours", &over("from=-24h")))
            (button_link("Last 7 days", &over("from=-7d")))
            (button_link("Only deletes", &over("op=delete&from=-7d")))
        }
    }
}

fn somebody(links: &Links) -> Markup {
    html! {
        p { "What a user, a job or a service did, and when." }
        div.actions {
            (button_link("Choose who", &links.actors()))
            (button_link("Changes that nobody announced", &links.timeline(&Filter::new().no_actor().last(std::time::Duration::from_secs(7 * 86_400)))))
        }
    }
}

fn recent(view: &View, links: &Links) -> Markup {
    let recent = match &view.recent {
        Err(failed) => return failed.render("What happened lately"),
        Ok(recent) => recent,
    };
    if recent.is_empty() {
        return html! {};
    }
    let columns = [
        Column::new("Transaction"),
        Column::new("When"),
        Column::new("Who"),
        Column::new("Why"),
        Column::new("In"),
        Column::number("Changes"),
    ];
    let rows: Vec<_> = recent.iter().map(|recent| row(recent, view, links)).collect();
    let all = button_link("Open the timeline", &links.timeline(&Filter::new()));
    panel("Lately", all, data_table("The newest transactions", &columns, &rows))
}

fn row(recent: &Recent, view: &View, links: &Links) -> Vec<Markup> {
    let entry = &recent.newest;
    let transaction = &entry.transaction;
    let more = if recent.is_cut { "+" } else { "" };
    vec![
        html! { a.id href=(local(&links.transaction(transaction.id))) data-open { "tx " (transaction.id) } },
        ago(entry.change.captured_at, view.now),
        match &transaction.actor {
            Some(who) => {
                actor(who, view.names.get(who).map(String::as_str), Some(&links.actor(who)))
            }
            None => nobody(Some(&transaction.session_user_name)),
        },
        match &entry.action {
            Some(action) => html! {
                (visible(&action.name))
                @if let Some(reason) = &action.reason { " " span.reason { "“" bdi { (visible(reason)) } "”" } }
            },
            None => badge(Level::Info, "no action"),
        },
        tables(recent),
        html! { (grouped(recent.changes)) (more) },
    ]
}

/// The tables of the transaction, as far as its changes were looked at.
fn tables(recent: &Recent) -> Markup {
    const MOST: usize = 3;
    html! {
        @for (position, table) in recent.tables.iter().take(MOST).enumerate() {
            @if position > 0 { ", " }
            bdi { (visible(&table.to_string())) }
        }
        @if recent.tables.len() > MOST { " and " (recent.tables.len() - MOST) " more" }
    }
}
