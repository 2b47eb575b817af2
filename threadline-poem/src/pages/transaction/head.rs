//! Who, when, why and from where.

use chrono::{DateTime, TimeDelta, Utc};
use maud::{Markup, html};
use threadline::{Filter, Transaction};

use super::actions::{Meant, tree};
use super::{Related, View};
use crate::pages::panel::Panel;
use crate::view::{
    Cell, Chrome, Links, actor, cell, counted, json_tree, kv, nobody, notice, panel, reference,
    time, visible,
};

/// The panel above the changes.
pub(super) fn head(view: &View, chrome: &Chrome) -> Markup {
    let transaction = &view.head.transaction;
    let links = &chrome.links;
    let facts = [("Who", who(view, links)), ("When", when(transaction, chrome.now))];
    let ties: Vec<_> = ties(view, links).into_iter().chain(place(transaction)).collect();
    let body = html! {
        (kv(&facts))
        // It may be long, and is what is looked for most.
        (kv(&[("Why", why(view, links))]))
        (kv(&ties))
        (carried(view))
    };
    html! {
        (panel("Who, when and why", html! {}, body))
        @if view.head.actions.is_empty() { (notice(UNANNOUNCED)) }
    }
}

const UNANNOUNCED: &str = "Written outside an audited block: no action says why. It may have been a \
    script, a migration, or somebody at the database itself.";

fn who(view: &View, links: &Links) -> Markup {
    let transaction = &view.head.transaction;
    match &transaction.actor {
        Some(who) => {
            let name = view.names.get(who).map(String::as_str);
            actor(who, name, Some(&links.actor(who)))
        }
        None => nobody(Some(&transaction.session_user_name)),
    }
}

fn when(transaction: &Transaction, now: DateTime<Utc>) -> Markup {
    let began = transaction.occurred_at;
    html! {
        (time(began, now))
        @match transaction.committed_at {
            Some(committed) => { " " span.meta { (took(committed - began)) } },
            None => { " " span.meta { "when it was committed is not recorded" } },
        }
    }
}

/// `committed 12 ms later`
fn took(time: TimeDelta) -> String {
    match time.num_milliseconds() {
        ..1 => "committed at once".to_owned(),
        millis @ 1..10_000 => format!("committed {millis} ms later"),
        millis @ 10_000..600_000 => format!("committed {} s later", millis / 1_000),
        millis => format!("committed {} min later", millis / 60_000),
    }
}

fn why(view: &View, links: &Links) -> Markup {
    let meant: Vec<Meant> = view.head.actions.iter().map(Meant::from).collect();
    if meant.is_empty() {
        return html! { span.meta { "nobody said why" } };
    }
    tree(&meant, view.head.transaction.actor.as_ref(), &view.names, links)
}

/// What ties it to other transactions.
fn ties(view: &View, links: &Links) -> Vec<(&'static str, Markup)> {
    let mut facts = Vec::new();
    if let Some(id) = view.head.correlation() {
        let filter = Filter::new().correlation_id(id).include_capture_only();
        let told = html! {
            (reference(id, id, Some(&links.timeline(&filter))))
            @if let Some(related) = &view.related { " " span.meta { (of_all(related)) } }
        };
        facts.push(("Correlation", told));
    }
    if let Some(id) = &view.head.transaction.request_id {
        let href = links.timeline(&Filter::new().request_id(id.as_str()));
        facts.push(("Request", reference(id, id, Some(&href))));
    }
    facts
}

fn of_all(related: &Panel<Related>) -> String {
    match related {
        Ok(related) if related.is_capped => {
            format!(
                "{} or more",
                counted(related.transactions as u64, "transaction", "transactions")
            )
        }
        Ok(Related { transactions: 0 | 1, .. }) => "no other that you may see".to_owned(),
        Ok(related) => format!(
            "{} in all",
            counted(related.transactions as u64, "transaction", "transactions")
        ),
        Err(_) => "how many others there are could not be counted in time".to_owned(),
    }
}

/// From where it came.
fn place(transaction: &Transaction) -> Vec<(&'static str, Markup)> {
    let mut facts = Vec::new();
    let mut tell = |name, value: Option<&str>| {
        facts.extend(value.map(|value| (name, html! { code { (visible(value)) } })));
    };
    tell("Job", transaction.job_id.as_deref());
    tell("Trace", transaction.trace_id.as_deref());
    tell("Address", transaction.remote_ip.as_deref());
    tell("Program", transaction.application_name.as_deref().filter(|name| !name.is_empty()));
    tell("Database role", Some(&transaction.session_user_name));
    tell("Database client", transaction.client_addr.as_deref());
    tell("Server process", Some(&transaction.backend_pid.to_string()));
    facts
}

/// What the application has added of its own.
fn carried(view: &View) -> Markup {
    let transaction = &view.head.transaction;
    if view.hides_values {
        return html! { p.meta { "What else the application has noted: " (cell(&Cell::Hidden)) } };
    }
    let both = [
        ("Where it came from", &transaction.source),
        ("What else the application has noted", &transaction.meta),
    ];
    html! {
        @for (name, value) in both {
            @if let Some(value) = value {
                details.carried open[view.params.is_open] { summary { (name) } (json_tree(value)) }
            }
        }
    }
}

/// The same actor's transactions before and after this one.
pub(super) fn beside(view: &View, links: &Links) -> Markup {
    let Ok(beside) = &view.beside else { return html! {} };
    html! {
        @if let Some(previous) = beside.previous {
            a.button rel="prev" href=(links.transaction(previous)) { "← Previous by this actor" }
        }
        @if let Some(next) = beside.next {
            a.button rel="next" href=(links.transaction(next)) { "Next by this actor →" }
        }
    }
}

/// The way back: to the same time on the timeline.
pub(super) fn around(view: &View, links: &Links) -> String {
    let at = view.head.transaction.occurred_at;
    let hour = TimeDelta::hours(1);
    links.timeline(&Filter::new().from(at - hour).to(at + hour))
}

/// What is said to somebody who sees a part.
pub(super) fn narrowed(scope: &str) -> Markup {
    html! {
        p.meta {
            "You see the changes within " bdi { (visible(scope)) } ". Whether the transaction has others \
             is not told."
        }
    }
}
