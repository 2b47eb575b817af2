//! Why a list is empty: each reason is told for itself, with the way to where there is something.
//!
//! What lies outside of the viewer's scope is as if it were not there, in every count.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use maud::Markup;
use threadline::{AuditedTable, Count, Filter, FilterTerm, Nearest, TableName};

use super::load::View;
use super::params::Params;
use super::window;
use crate::pages::desk::Desk;
use crate::view::{Links, Way, empty, relative};

/// So many conditions are tried at most.
const TRIED: usize = 6;
/// What is found without a condition is counted no further.
const COUNTED: u32 = 1_000;

/// Which emptiness it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Nothing {
    /// No table is declared as audited.
    NoTables,
    /// The window begins after now.
    Future,
    /// The one table that is searched is not audited.
    NotAudited(TableName),
    /// Without one condition there is something: which, and how much.
    TooNarrow(Vec<(FilterTerm, Count)>),
    /// There is something beside the window, or nothing that this viewer sees.
    Quiet(Nearest),
    /// Nothing at all was recorded that this viewer sees.
    Blank,
    /// The list has ended.
    End,
}

/// Finds out why nothing was found; `None` if that takes too long, and the page says only that there is
/// nothing.
pub(super) async fn nothing(
    desk: &Desk<'_>,
    params: &Params,
    known: Option<&[AuditedTable]>,
    now: DateTime<Utc>,
) -> Option<Nothing> {
    let filter = &params.filter;
    if params.before.is_some() || super::load::has_cursor(filter) {
        return Some(Nothing::End);
    }
    if known.is_some_and(<[AuditedTable]>::is_empty) {
        return Some(Nothing::NoTables);
    }
    if filter.window().0.is_some_and(|from| from.moment(now) > now) {
        return Some(Nothing::Future);
    }
    if let (Some(table), Some(known)) = (filter.only_table(), known)
        && !known.iter().any(|known| known.table == *table)
    {
        return Some(Nothing::NotAudited(table.clone()));
    }
    let looser = looser(desk, filter).await;
    if !looser.is_empty() {
        return Some(Nothing::TooNarrow(looser));
    }
    quiet_or_blank(desk, filter).await
}

/// What is found without one condition each.
async fn looser(desk: &Desk<'_>, filter: &Filter) -> Vec<(FilterTerm, Count)> {
    let is_condition =
        |term: &FilterTerm| !matches!(term.key, "from" | "to" | "sort" | "limit" | "capture_only");
    let terms = filter.terms().into_iter().filter(is_condition).take(TRIED);
    let tried = terms.map(async |term| {
        let count = desk.how_many(&filter.without(&term), COUNTED).await.ok()?;
        (count.counted > 0).then_some((term, count))
    });
    join_all(tried).await.into_iter().flatten().collect()
}

/// Whether there is something beside the window.
async fn quiet_or_blank(desk: &Desk<'_>, filter: &Filter) -> Option<Nothing> {
    let nearest = desk.nearest(filter).await.ok()?;
    let is_all = filter.terms().iter().all(|term| matches!(term.key, "from" | "to"));
    let is_nothing = nearest.before.is_none() && nearest.after.is_none();
    Some(if is_all && is_nothing { Nothing::Blank } else { Nothing::Quiet(nearest) })
}

/// The reason, in the place of the list.
pub(super) fn told(reason: Option<&Nothing>, view: &View, links: &Links) -> Markup {
    let Some(reason) = reason else {
        let text = "Why cannot be told: it took too long to find out.";
        return empty("No changes found", text, &ways(view, links));
    };
    match reason {
        Nothing::NoTables => empty(
            "No table is audited yet",
            "Changes appear here once a table is audited and something in it changes.",
            &coverage(view, links),
        ),
        Nothing::Future => empty(
            "This time is still to come",
            "The time that you look at begins after now. Times in the address are in UTC.",
            &ways(view, links),
        ),
        Nothing::NotAudited(table) => empty(
            "This table is not audited",
            &format!("Changes of {table} are not recorded, so there are none to show."),
            &coverage(view, links),
        ),
        Nothing::TooNarrow(looser) => too_narrow(looser, view, links),
        Nothing::Quiet(nearest) => quiet(*nearest, view, links),
        Nothing::Blank => empty(
            "Nothing has been recorded yet",
            "There is no change that you may see, at any time.",
            &[],
        ),
        Nothing::End => empty(
            "The list ends here",
            "There are no changes beyond this page.",
            &[way("Back to the first page", view.params.of(links, &view.params.filter))],
        ),
    }
}

fn too_narrow(looser: &[(FilterTerm, Count)], view: &View, links: &Links) -> Markup {
    let way = |(term, count): &(FilterTerm, Count)| {
        let not = if term.is_negated { "not " } else { "" };
        let plus = if count.is_capped { " (and more)" } else { "" };
        Way {
            label: format!("Without {not}{} {}{plus}", term.key, term.value),
            href: view.params.of(links, &view.params.filter.without(term)),
            count: Some(u64::from(count.counted)),
        }
    };
    empty(
        "No change meets all of these conditions",
        "Without one of them there are some, in the same time:",
        &looser.iter().map(way).collect::<Vec<_>>(),
    )
}

fn quiet(nearest: Nearest, view: &View, links: &Links) -> Markup {
    let title = format!("No changes: {}", window::words(&view.params.filter));
    let length = window::length(&view.params.filter, view.now).unwrap_or(TimeDelta::days(1)).abs();
    let mut text = Vec::new();
    let mut found = Vec::new();
    if let Some(before) = nearest.before {
        text.push(format!("The last change before was {}.", told_when(before, view.now)));
        let from = before.checked_sub_signed(length).unwrap_or(before);
        let there = window::between(&view.params.filter, from, before);
        found.push(way("Go to the last change before", view.params.of(links, &there)));
    }
    if let Some(after) = nearest.after {
        text.push(format!("The first change after was {}.", told_when(after, view.now)));
        let to = after.checked_add_signed(length).unwrap_or(after);
        let there = window::between(&view.params.filter, after, to);
        found.push(way("Go to the first change after", view.params.of(links, &there)));
    }
    if text.is_empty() {
        text.push("There were none before or after it either.".to_owned());
    }
    found.extend(ways(view, links));
    empty(&title, &text.join(" "), &found)
}

fn told_when(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} ({})", relative(at, now), at.format("%Y-%m-%d %H:%M UTC"))
}

fn ways(view: &View, links: &Links) -> Vec<Way> {
    let wider = window::wider(&view.params, links, view.now);
    wider.into_iter().map(|choice| way(&choice.label, choice.href)).collect()
}

fn coverage(view: &View, links: &Links) -> Vec<Way> {
    match view.may_see_coverage {
        true => vec![way("Which tables are audited", links.coverage(None))],
        false => Vec::new(),
    }
}

fn way(label: &str, href: String) -> Way {
    Way { label: label.to_owned(), href, count: None }
}
