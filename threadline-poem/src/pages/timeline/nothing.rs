//! Why a list is empty: each reason is told for itself, with the way to where there is something.
//!
//! What lies outside of the viewer's scope is as if it were not there, in every count.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use maud::Markup;
use threadline::{Count, Filter, FilterTerm, TableName};

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
    /// There is something before the window, the newest then; or nothing that this viewer sees.
    Quiet(Option<DateTime<Utc>>),
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
    now: DateTime<Utc>,
) -> Option<Nothing> {
    let filter = &params.filter;
    if params.before.is_some() || super::load::has_cursor(filter) {
        return Some(Nothing::End);
    }
    if desk.registry().tables().next().is_none() {
        return Some(Nothing::NoTables);
    }
    if filter.window().0.is_some_and(|from| from.moment(now) > now) {
        return Some(Nothing::Future);
    }
    if let Some(table) = filter.only_table().filter(|table| desk.registry().get(table).is_none()) {
        return Some(Nothing::NotAudited(table.clone()));
    }
    let looser = looser(desk, filter).await;
    if !looser.is_empty() {
        return Some(Nothing::TooNarrow(looser));
    }
    before(desk, filter, now).await
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

/// What was before the window.
async fn before(desk: &Desk<'_>, filter: &Filter, now: DateTime<Utc>) -> Option<Nothing> {
    let from = filter.window().0.map(|from| from.moment(now));
    let Some(from) = from else { return Some(Nothing::Blank) };
    let earlier = window::without_window(filter).only(Filter::new().to(from));
    let earlier = if earlier.check().is_ok() { earlier } else { Filter::new().to(from) };
    let last = desk.first_change(&earlier).await.ok()?;
    match last {
        Some(last) => Some(Nothing::Quiet(Some(last.change.captured_at))),
        None if filter.terms().iter().all(|term| matches!(term.key, "from" | "to")) => {
            Some(Nothing::Blank)
        }
        None => Some(Nothing::Quiet(None)),
    }
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
        Nothing::Quiet(last) => quiet(*last, view, links),
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

fn quiet(last: Option<DateTime<Utc>>, view: &View, links: &Links) -> Markup {
    let title = format!("No changes: {}", window::words(&view.params.filter));
    let Some(last) = last else {
        let text = "There were none before this time either.";
        return empty(&title, text, &ways(view, links));
    };
    let length = window::length(&view.params.filter, view.now);
    let from = length.and_then(|length| last.checked_sub_signed(length)).unwrap_or(last);
    let there = window::between(&view.params.filter, from, last);
    let text = format!(
        "The last change before that was {} ({}).",
        relative(last, view.now),
        last.format("%Y-%m-%d %H:%M UTC")
    );
    let mut ways = ways(view, links);
    ways.insert(0, way("Go to the last change", view.params.of(links, &there)));
    empty(&title, &text, &ways)
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
