use maud::{Markup, html};
use threadline::Redaction;
use threadline_migration::health::{ColumnStanding, DriftState, PolicyStanding};

use super::View;
use crate::pages::mend::{fix, prose};
use crate::pages::stale;
use crate::view::{self, Chrome, Column, Level};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    html! {
        (view::page_head(&[], html! { "Redaction" }, actions(view, chrome)))
        @if let Some(failure) = &view.failure { (stale::banner(failure, view.at, chrome.now)) }
        div.verdicts { (verdict(view)) }
        p.meta {
            "What is configured is what the application asks for; what is deployed is what the triggers in \
             the database do. No value of a row is read for this page."
        }
        @for state in STATES { (group(state, view)) }
        @if view.policies.is_empty() {
            (view::empty("No table is under audit", "So there is nothing of which anything could be kept out.", &[]))
        }
    }
}

const STATES: [DriftState; 3] =
    [DriftState::DriftDetected, DriftState::CouldNotIntrospect, DriftState::ConfigMatchesDeployed];

fn actions(view: &View, chrome: &Chrome) -> Markup {
    html! {
        span.meta { "Last checked " (view::ago(view.at, chrome.now)) }
        (view::button_link("Check now", &chrome.links.redaction_now()))
    }
}

fn verdict(view: &View) -> Markup {
    let of = |state| view.policies.iter().filter(|policy| policy.state == state).count() as u64;
    let exposing = view.policies.iter().filter(|policy| exposes(policy)).count() as u64;
    let (drifting, unknown) = (of(DriftState::DriftDetected), of(DriftState::CouldNotIntrospect));
    let (level, text) = if exposing > 0 {
        let tables = view::counted(exposing, "table", "tables");
        (Level::Bad, format!("More is stored than the policy permits: in {tables}."))
    } else if drifting > 0 {
        let tables = view::counted(drifting, "table", "tables");
        (
            Level::Warning,
            format!(
                "What is deployed differs from what is configured: in {tables}. No column is stored that the policy keeps out."
            ),
        )
    } else if unknown > 0 {
        let tables = view::counted(unknown, "table", "tables");
        (Level::Unknown, format!("What is deployed cannot be told: of {tables}."))
    } else {
        (Level::Good, "What is deployed is what is configured.".to_owned())
    };
    html! { @if !view.policies.is_empty() { (view::verdict(level, &text, None)) } }
}

fn exposes(policy: &PolicyStanding) -> bool {
    policy.columns.iter().any(|column| column.exposes)
}

fn group(state: DriftState, view: &View) -> Markup {
    let of_state: Vec<&PolicyStanding> =
        view.policies.iter().filter(|policy| policy.state == state).collect();
    let (plain, redacted): (Vec<&PolicyStanding>, Vec<&PolicyStanding>) =
        of_state.iter().partition(|policy| {
            policy.columns.is_empty() && state == DriftState::ConfigMatchesDeployed
        });
    let title = match state {
        DriftState::DriftDetected => "Drift detected",
        DriftState::CouldNotIntrospect => "Could not introspect",
        _ => "Matches",
    };
    html! {
        @if !of_state.is_empty() {
            section.panel {
                div.panel-head { h2 { (title) " " span.meta { (view::grouped(of_state.len() as u64)) } } }
                p.meta { (meaning(state)) }
                @for policy in redacted { (standing(policy)) }
                @if !plain.is_empty() { (unredacted(&plain)) }
            }
        }
    }
}

fn meaning(state: DriftState) -> &'static str {
    match state {
        DriftState::DriftDetected => {
            "The triggers do something else than the application asks for."
        }
        DriftState::CouldNotIntrospect => {
            "Nothing vouches for the triggers that are there, so nobody can say what they store. Treat it \
             as unresolved."
        }
        _ => "The triggers do what the application asks for.",
    }
}

fn unredacted(plain: &[&PolicyStanding]) -> Markup {
    html! {
        p {
            "Nothing is kept out of: "
            @for (position, policy) in plain.iter().enumerate() {
                @if position > 0 { ", " }
                bdi { (view::visible(&policy.table.to_string())) }
            }
            "."
        }
    }
}

fn standing(policy: &PolicyStanding) -> Markup {
    let name = policy.table.to_string();
    html! {
        details open {
            summary {
                h3 { bdi { (view::visible(&name)) } }
                " " (badge(policy))
            }
            @if policy.state != DriftState::ConfigMatchesDeployed { p { (prose(&policy.hint)) } }
            @if !policy.columns.is_empty() { (columns(&name, policy)) }
            @if policy.mend.is_some() { (fix(policy.mend.as_ref())) }
        }
    }
}

fn badge(policy: &PolicyStanding) -> Markup {
    match policy.state {
        _ if exposes(policy) => view::badge(Level::Bad, "stores more than permitted"),
        DriftState::DriftDetected => view::badge(Level::Warning, "drift"),
        DriftState::CouldNotIntrospect => view::badge(Level::Unknown, "cannot be told"),
        _ => view::badge(Level::Good, "matches"),
    }
}

fn columns(name: &str, policy: &PolicyStanding) -> Markup {
    let heads = [
        Column::new("Column"),
        Column::new("Configured"),
        Column::new("Deployed"),
        Column::new("Effect"),
    ];
    let is_known = policy.state != DriftState::CouldNotIntrospect;
    let rows: Vec<Vec<Markup>> =
        policy.columns.iter().map(|column| row(column, is_known)).collect();
    let caption = format!("What is kept out of {name}");
    html! { div.stacked { (view::data_table(&caption, &heads, &rows)) } }
}

fn row(column: &ColumnStanding, is_known: bool) -> Vec<Markup> {
    let unredacted = if is_known { "stored as it is" } else { "cannot be told" };
    vec![
        html! { code { (view::visible(column.column.as_str())) } },
        treatment(column.configured.as_ref(), "stored as it is"),
        treatment(column.deployed.as_ref(), unredacted),
        html! {
            @if column.exposes { (view::badge(Level::Bad, "exposed")) " " }
            (prose(column.effect))
        },
    ]
}

fn treatment(redaction: Option<&Redaction>, otherwise: &'static str) -> Markup {
    let Some(redaction) = redaction else { return html! { span.meta { (otherwise) } } };
    html! {
        @match redaction {
            Redaction::Exclude => "excluded",
            Redaction::Mask { placeholder } => { "masked as " code { (view::visible(placeholder.as_str())) } },
            Redaction::Hash { .. } => "hashed with a key",
            Redaction::MaskJson { paths, placeholder } => {
                "masked within, as " code { (view::visible(placeholder.as_str())) } ": "
                @for (position, path) in paths.iter().enumerate() {
                    @if position > 0 { ", " }
                    code { (view::visible(&path.to_string())) }
                }
            },
            _ => "redacted",
        }
    }
}
