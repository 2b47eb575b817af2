//! A search that cannot be: what was typed, what is wrong with it, and no changes.

use maud::{Markup, html};
use threadline::{Filter, FilterProblem, TableName};

use super::fields::{Fields, form, has_field};
use super::params::Wrong;
use crate::view::{
    Chrome, FilterBar, Problem, button_link, filter_bar, grouped, page_head, visible,
};

/// No more problems are listed: who mends these sees the next ones.
const MOST_TOLD: usize = 9;

/// The page in place of the list.
pub(super) fn render(wrong: &Wrong, tables: &[TableName], chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let typed = |key: &str| wrong.typed.iter().find(|(name, _)| name == key);
    let is_boxed = typed("q").is_some_and(|(_, text)| !text.trim().is_empty());
    let (beside, others) = sorted(wrong);
    let mut others = others.into_iter();
    let problem = others
        .next()
        .map(|first| Problem { text: first.to_string(), example: example(&first.key) });
    let bar = FilterBar {
        action: links.timeline(&Filter::new()),
        query: if is_boxed {
            typed("q").map(|(_, text)| text.clone()).unwrap_or_default()
        } else {
            words(&wrong.typed)
        },
        problem,
        window: "No time chosen".to_owned(),
        ..FilterBar::default()
    };
    let fields = Fields::typed(&wrong.typed, beside);
    html! {
        (page_head(&[], html! { "Timeline" }, html! {}))
        (filter_bar(&bar))
        (form(&fields, tables, links))
        section.nothing {
            h2 { "Nothing was searched" }
            p { "A condition could not be understood. Without it the list would show more than was asked for, so it shows nothing." }
            (list(others.as_slice()))
            p { (button_link("Begin again with the last 24 hours", &links.timeline(&Filter::new()))) }
        }
    }
}

/// What was typed into a field is told beside that field, the first of the others beside the box, and what
/// is left in a list: each of them once.
fn sorted(wrong: &Wrong) -> (Vec<FilterProblem>, Vec<&FilterProblem>) {
    let (mut beside, mut others) = (Vec::<FilterProblem>::new(), Vec::new());
    for problem in &wrong.problems {
        let is_typed = wrong.typed.iter().any(|(key, _)| *key == problem.key);
        let is_first = beside.iter().all(|other| other.key != problem.key);
        match is_typed && is_first && has_field(&problem.key) {
            true => beside.push(problem.clone()),
            false => others.push(problem),
        }
    }
    (beside, others)
}

/// What else is wrong.
fn list(problems: &[&FilterProblem]) -> Markup {
    html! {
        @if !problems.is_empty() {
            p { "This could not be understood either:" }
            ul {
                @for problem in problems.iter().take(MOST_TOLD) {
                    li { code { (visible(&problem.key)) } ": " (visible(&problem.why)) }
                }
                @if problems.len() > MOST_TOLD { li { "and " (grouped((problems.len() - MOST_TOLD) as u64)) " more" } }
            }
        }
    }
}

/// What was typed, as the search box has it.
fn words(typed: &[(String, String)]) -> String {
    let word = |(key, value): &(String, String)| match value.contains(char::is_whitespace) {
        true => format!("{key}:\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
        false => format!("{key}:{value}"),
    };
    let of_filter =
        typed.iter().filter(|(key, _)| !matches!(key.as_str(), "q" | "view" | "before"));
    of_filter.map(word).collect::<Vec<_>>().join(" ")
}

/// A condition of this key that can be.
pub(super) fn example(key: &str) -> Option<String> {
    let value = match key {
        "table" => "table:public.orders",
        "row" => "table:orders row:42",
        "op" => "op:update",
        "changed" => "changed:status",
        "was" => "was:status:paid",
        "now" => "now:status:refunded",
        "actor" => "actor:user:42",
        "kind" => "kind:service_account",
        "action" => "action:order.refund",
        "corr" => "corr:req-7",
        "request" => "request:req-7",
        "transaction" => "transaction:88",
        "ip" => "ip:10.0.0.0/8",
        "from" => "from:-24h",
        "to" => "to:2026-01-31",
        "sort" => "sort:old",
        "limit" => "limit:50",
        "before" | "after" | "view" | "capture_only" => return None,
        _ => "table:orders op:update actor:user:42",
    };
    Some(value.to_owned())
}
