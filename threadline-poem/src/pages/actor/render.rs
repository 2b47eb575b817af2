//! The page of an actor.

use std::time::Duration;

use maud::{Markup, html};
use threadline::{ActorSummary, Count, Facet, Filter, Network, Position, TimeBound};

use super::find::named;
use super::{View, list};
use crate::pages::desk::Ever;
use crate::pages::timeline::window::words;
use crate::view::{
    self, Choice, Chrome, FacetValue, Links, Way, button_link, counted, facet, grouped, heat_map,
    kv, local, page_head, panel, tabs, time, visible,
};

/// The windows that end now, in hours.
const WINDOWS: [(u64, &str, &str); 4] =
    [(1, "1 h", "-1h"), (24, "24 h", "-24h"), (7 * 24, "7 d", "-7d"), (30 * 24, "30 d", "-30d")];

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let trail = [Choice::new("Actors", links.actors())];
    let timeline = button_link("Open in the timeline", &links.timeline(&view.params.filter));
    html! {
        (page_head(&trail, html! { (visible(&view.title())) }, timeline))
        @match &view.ever {
            Ok(None) => (never(view)),
            Ok(Some(ever)) => { (known(view, Some(ever), chrome)) (acted(view, chrome)) },
            Err(failed) => {
                (failed.render("First and last seen"))
                (known(view, None, chrome))
                (acted(view, chrome))
            },
        }
    }
}

/// Of somebody who is not known nothing is told that would tell of others.
fn never(view: &View) -> Markup {
    view::empty(
        "Never acted",
        &format!(
            "There is no change by {} that you may see, at any time. The id may be another one, or \
             whoever it is has only looked.",
            view.params.actor
        ),
        &[],
    )
}

/// Who it is, and when they were seen.
fn known(view: &View, ever: Option<&Ever>, chrome: &Chrome) -> Markup {
    let actor = &view.params.actor;
    let mut facts = vec![("Kind", html! { (named(actor.actor_type())) })];
    if let Some(id) = actor.id() {
        facts.push(("Id", view::reference(id, id, None)));
    }
    if let Some(ever) = ever {
        for (name, entry) in [("First seen", &ever.first), ("Last seen", &ever.last)] {
            let told = html! {
                a href=(chrome.links.transaction(entry.transaction.id)) {
                    (time(entry.transaction.occurred_at, view.now))
                }
            };
            facts.push((name, told));
        }
    }
    if let Ok(summary) = &view.summary {
        let of = words(&view.params.filter);
        let told = html! {
            (many(summary.changes, "change", "changes")) " in "
            (many(summary.transactions, "transaction", "transactions")) " " span.meta { "(" (of) ")" }
        };
        facts.push(("Did", told));
    }
    panel("Who", html! {}, kv(&facts))
}

fn many(count: Count, one: &str, more: &str) -> String {
    match count.is_capped {
        true => format!("{}+ {more}", grouped(count.counted.into())),
        false => counted(count.counted.into(), one, more),
    }
}

/// What was done in the window.
fn acted(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    html! {
        (windows(view, links))
        @match &view.summary {
            Ok(summary) if summary.changes.counted == 0 => {},
            Ok(summary) => (numbers(summary, view, links)),
            Err(failed) => (failed.render("When and where")),
        }
        div.panel-head { h2 { "Changes · " (words(&view.params.filter)) } }
        @match view.page.entries.is_empty() {
            true => (nothing(view, links)),
            false => (list::list(view, chrome)),
        }
        (pages(view, links))
    }
}

/// The time that is looked at, and others.
fn windows(view: &View, links: &Links) -> Markup {
    let (from, to) = view.params.filter.window();
    let choice = |(hours, label, ago): (u64, &str, &str)| {
        let bound = Filter::new().last(Duration::from_secs(hours * 3_600)).window().0;
        let href = links.actor_page(&view.params.actor, &[("from", ago)]);
        Choice { label: label.to_owned(), href, is_current: from == bound && to.is_none() }
    };
    let moment = |bound: Option<TimeBound>| {
        let at = bound.map_or(view.now, |bound| bound.moment(view.now));
        at.format("%Y-%m-%dT%H:%M:%S").to_string()
    };
    html! {
        div.panel-head {
            (tabs("Time", &WINDOWS.map(choice)))
            details.menu {
                summary.button { "Another time" }
                div.pop {
                    form.range method="get" action=(local(&links.actor(&view.params.actor))) data-range {
                        @for (name, label, value) in [("from", "From", moment(from)), ("to", "Until", moment(to))] {
                            label { (label) " " span.zone-name { "UTC" }
                                input type="datetime-local" name=(name) value=(value) step="1";
                            }
                        }
                        button type="submit" { "Show" }
                    }
                }
            }
        }
    }
}

/// When it was done, and to what.
fn numbers(summary: &ActorSummary, view: &View, links: &Links) -> Markup {
    let hours = summary.by_hour.map(|day| day.map(u64::from));
    let narrowed = |of: Filter| links.timeline(&view.params.filter.clone().only(of));
    let tables = values(&summary.tables, |table| {
        Some((table.to_string(), narrowed(Filter::new().table(table.clone()))))
    });
    let actions = values(&summary.actions, |action| {
        let name = action.as_ref()?;
        Some((name.clone(), narrowed(Filter::new().action(name.as_str()))))
    });
    let addresses = values(&summary.addresses, |address| {
        let address = address.as_ref()?;
        let network: Network = address.parse().ok()?;
        Some((address.clone(), narrowed(Filter::new().ip(network))))
    });
    html! {
        (panel("Hours of the week, in UTC", html! {}, heat_map(&hours)))
        div.cards {
            @for (title, values) in [("Tables", tables), ("Actions", actions), ("Addresses", addresses)] {
                @if !values.is_empty() { section.card { (facet(title, &values)) } }
            }
        }
        @if summary.changes.is_capped {
            p.meta { "Of the newest " (grouped(summary.changes.counted.into())) " changes of this time." }
        }
    }
}

fn values<T>(
    facets: &[Facet<T>],
    told: impl Fn(&T) -> Option<(String, String)>,
) -> Vec<FacetValue> {
    let value = |found: &Facet<T>| {
        let (label, href) = told(&found.value)?;
        let count = u64::from(found.changes);
        Some(FacetValue { label, count, href, exclude: None, is_chosen: false })
    };
    facets.iter().filter_map(value).collect()
}

/// Why there is no change on the page, and where there are some.
fn nothing(view: &View, links: &Links) -> Markup {
    if view.params.position != Position::Start {
        let href = page(view, links, None);
        let back = Way { label: "Back to the first page".to_owned(), href, count: None };
        return view::empty(
            "The list ends here",
            "There are no changes beyond this page.",
            &[back],
        );
    }
    let nearest = view.nearest.unwrap_or_default();
    let around = |at: chrono::DateTime<chrono::Utc>| {
        let day = chrono::TimeDelta::hours(12);
        let text = |at: chrono::DateTime<chrono::Utc>| {
            at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        let (from, to) = (text(at - day), text(at + day));
        links.actor_page(&view.params.actor, &[("from", &from), ("to", &to)])
    };
    let told = |which: &str, at| format!("{which}: {}", view::relative(at, view.now));
    let mut ways = Vec::new();
    for (which, at) in
        [("The last change before", nearest.before), ("The first change after", nearest.after)]
    {
        ways.extend(at.map(|at| Way { label: told(which, at), href: around(at), count: None }));
    }
    view::empty(
        "Nothing in this time",
        "The actor is known, and made no change that you may see in the time that you look at.",
        &ways,
    )
}

/// The pages beside this one.
fn pages(view: &View, links: &Links) -> Markup {
    let shown = &view.page;
    let (has_newer, has_older) = match view.params.position {
        Position::Start => (false, shown.has_more),
        Position::After(_) => (true, shown.has_more),
        Position::Before(_) => (shown.has_more, true),
    };
    let newer = shown.first.filter(|_| has_newer);
    let older = shown.last.filter(|_| has_older);
    let newer = newer.map(|cursor| page(view, links, Some(("before", cursor.to_string()))));
    let older = older.map(|cursor| page(view, links, Some(("after", cursor.to_string()))));
    html! {
        @if newer.is_some() || older.is_some() { (view::pager(newer.as_deref(), older.as_deref())) }
    }
}

/// A page of this list.
fn page(view: &View, links: &Links, place: Option<(&str, String)>) -> String {
    let terms = view.params.filter.terms();
    let bounds = terms.iter().filter(|term| matches!(term.key, "from" | "to"));
    let mut pairs: Vec<(&str, &str)> = bounds.map(|term| (term.key, term.value.as_str())).collect();
    pairs.extend(place.as_ref().map(|(key, cursor)| (*key, cursor.as_str())));
    links.actor_page(&view.params.actor, &pairs)
}
