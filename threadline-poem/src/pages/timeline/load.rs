//! What the page shows, read: the list first, and then what stands beside it, each part for itself.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use futures_util::join;
use threadline::{
    ActorRef, AuditedTable, Count, Cursor, Error, Facets, Filter, FilterProblem, FilterProblems,
    Histogram, Page, Position, TableName, TimelineEntry,
};

use super::groups::{Group, grouped};
use super::nothing::{Nothing, nothing};
use super::params::Params;
use crate::access::Capability;
use crate::pages::desk::Desk;
use crate::pages::panel::Panel;
use crate::pages::{Refusal, Visit};
use crate::view::Links;

/// No list is counted further than this.
pub(super) const MOST_COUNTED: u32 = 10_000;
/// Of so many transactions at most it is counted how many changes they have.
const COUNTED_GROUPS: usize = 3;
/// As many bars can be told apart on a narrow screen.
const BARS: u32 = 60;

pub(super) type Names = HashMap<ActorRef, String>;

/// The page.
#[derive(Debug)]
pub(super) struct View {
    pub(super) params: Params,
    pub(super) now: DateTime<Utc>,
    pub(super) groups: Vec<Group>,
    /// What the host calls the actors.
    pub(super) names: Names,
    /// What there is to search in.
    pub(super) tables: Vec<TableName>,
    pub(super) newer: Option<String>,
    pub(super) older: Option<String>,
    /// The first entry, if nothing that was there already is newer.
    pub(super) newest: Option<Cursor>,
    pub(super) count: Panel<Count>,
    pub(super) facets: Panel<Facets>,
    /// None if the window has no beginning, and where there is nothing.
    pub(super) bars: Option<Panel<Histogram>>,
    /// Why there are no changes, if there are none.
    pub(super) nothing: Option<Nothing>,
    pub(super) may_export: bool,
    pub(super) may_see_coverage: bool,
}

impl View {
    /// What the page asks again and again to know whether there is anything newer.
    pub(super) fn pulse(&self, links: &Links) -> Option<String> {
        Some(links.pulse_of(&self.params.filter, &self.newest?.to_string()))
    }
}

/// What an address leads to.
pub(super) enum Found {
    These(Box<View>),
    /// A step back that reaches the newest change is the first page.
    Elsewhere(String),
}

pub(super) async fn load(visit: &Visit, params: Params) -> Result<Found, Refusal> {
    let desk = visit.desk();
    let position = params.before.map_or(Position::Start, Position::Before);
    let filter = params.filter.clone().limit(params.size());
    let page = desk.changes(&filter, position).await.map_err(of_cursor)?;
    if params.before.is_some() && !page.has_more {
        return Ok(Found::Elsewhere(params.of(&visit.links, &params.filter)));
    }
    let (newer, older) = around(&params, &page, &visit.links);
    let is_first = params.before.is_none() && !has_cursor(&params.filter);
    let newest = page.first.filter(|_| is_first && !params.filter.is_oldest_first());
    let known = desk.known_tables().await;
    let nothing = match page.first {
        Some(_) => None,
        None => nothing(&desk, &params, known.as_deref().ok(), visit.now).await,
    };
    let beside =
        beside(visit, &desk, &params, (page.entries, known.as_deref().unwrap_or(&[]))).await;
    Ok(Found::These(Box::new(View {
        tables: known.map_or_else(
            |_| tables(&desk),
            |known| known.into_iter().map(|table| table.table).collect(),
        ),
        now: visit.now,
        newer,
        older,
        newest,
        nothing,
        may_export: visit.grant.may(Capability::Export),
        may_see_coverage: visit.grant.may(Capability::Coverage),
        groups: beside.groups,
        names: beside.names,
        count: beside.count,
        facets: beside.facets,
        bars: beside.bars,
        params,
    })))
}

/// A page that cannot be found again is no reason to show another.
fn of_cursor(refusal: Refusal) -> Refusal {
    match refusal {
        Refusal::Trail(Error::InvalidCursor(_)) => {
            let why = "this page of the list cannot be found: it belongs to another search; begin \
                       again on the first page";
            Refusal::Filter(FilterProblems(vec![FilterProblem::new("after", "", why)]))
        }
        other => other,
    }
}

pub(super) fn has_cursor(filter: &Filter) -> bool {
    filter.terms().iter().any(|term| term.key == "after")
}

/// The addresses of the page with what is newer, and of the one with what is older.
fn around(
    params: &Params,
    page: &Page<TimelineEntry>,
    links: &Links,
) -> (Option<String>, Option<String>) {
    let filter = params.filter.clone().first_page();
    let is_backwards = params.before.is_some();
    let came_from_before = is_backwards || has_cursor(&params.filter);
    let forth = page.last.filter(|_| page.has_more || is_backwards);
    let forth = forth.map(|last| params.with(links, &filter.clone().after(last), None));
    let back = page.first.filter(|_| came_from_before);
    let back = back.map(|first| params.with(links, &filter, Some(first)));
    // Behind the end of a list there is nothing beside which a page could begin.
    let back = back.or_else(|| came_from_before.then(|| params.of(links, &filter)));
    if filter.is_oldest_first() { (forth, back) } else { (back, forth) }
}

struct Beside {
    groups: Vec<Group>,
    names: Names,
    count: Panel<Count>,
    facets: Panel<Facets>,
    bars: Option<Panel<Histogram>>,
}

/// What stands beside the list: none of it keeps the list from being shown.
async fn beside(
    visit: &Visit,
    desk: &Desk<'_>,
    params: &Params,
    (entries, known): (Vec<TimelineEntry>, &[AuditedTable]),
) -> Beside {
    let is_empty = entries.is_empty();
    let mut groups = grouped(desk, entries, known);
    let filter = &params.filter;
    let bars = async {
        let is_drawn = filter.window().0.is_some() && !is_empty;
        if is_drawn { Some(desk.over_time(filter, BARS).await) } else { None }
    };
    let (count, facets, bars, counts) = join!(
        desk.how_many(filter, MOST_COUNTED),
        desk.breakdown(filter),
        bars,
        sizes(desk, params, &groups),
    );
    for (id, count) in counts {
        if let Some(group) = groups.iter_mut().find(|group| group.transaction.id == id) {
            group.all = Some(count);
        }
    }
    let bars = bars.map(|bars| bars.map_err(Into::into));
    let of_groups = groups.iter().filter_map(|group| group.transaction.actor.as_ref());
    let of_facets = facets.iter().flat_map(|facets| &facets.actors);
    let of_facets = of_facets.filter_map(|facet| facet.value.as_ref());
    let names = visit.site.names(of_groups.chain(of_facets).cloned().collect()).await;
    Beside {
        groups,
        names,
        count: count.map_err(Into::into),
        facets: facets.map_err(Into::into),
        bars,
    }
}

/// How many changes the largest transactions of the page have; of those that it can be told.
async fn sizes(desk: &Desk<'_>, params: &Params, groups: &[Group]) -> Vec<(i64, Count)> {
    let mut large: Vec<_> = groups.iter().filter(|group| !group.rest.is_empty()).collect();
    large.sort_by_key(|group| std::cmp::Reverse(group.on_page()));
    let counts = large.iter().take(COUNTED_GROUPS).map(async |group| {
        let id = group.transaction.id;
        let of_it = params.filter.clone().only(Filter::new().transaction(id));
        Some((id, desk.how_many(&of_it, MOST_COUNTED).await.ok()?))
    });
    join_all(counts).await.into_iter().flatten().collect()
}

/// The tables that are declared, for the fields of the form.
pub(super) fn tables(desk: &Desk<'_>) -> Vec<TableName> {
    desk.registry().tables().map(|spec| spec.table().clone()).collect()
}
