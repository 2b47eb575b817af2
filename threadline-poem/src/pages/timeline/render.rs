//! The page: search, what it found, and what there is to narrow it by.

use maud::{Markup, html};
use threadline::{Count, Filter, FilterTerm};

use super::fields::{Fields, form};
use super::load::View;
use super::{list, narrow, nothing, window};
use crate::pages::Refusal;
use crate::view::{
    Chip, Choice, Chrome, FilterBar, Links, button_link, chips, copy_menu, counted, error_panel,
    filter_bar, grouped, newer_notice, page_head, pager, tabs,
};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let fields = Fields::of(&view.params.filter, view.params.is_detailed);
    html! {
        (page_head(&[], html! { "Timeline" }, html! { (exports(view, links)) }))
        (filter_bar(&bar(view, links)))
        (form(&fields, &view.tables, links))
        (conditions(view, links))
        (newer_notice(&view.params.of(links, &view.params.filter)))
        div.timeline {
            div.found {
                (summary(view, links))
                @if view.groups.is_empty() { (nothing::told(view.nothing.as_ref(), view, links)) }
                @else { (list::render(view, links)) }
                (pager(view.newer.as_deref(), view.older.as_deref()))
            }
            aside.beside aria-label="Narrow the search" { (narrow::render(view, links)) }
        }
    }
}

fn bar(view: &View, links: &Links) -> FilterBar {
    let params = &view.params;
    let (from, to) = params.filter.window();
    let mut hidden = Vec::new();
    hidden.extend(from.map(|bound| ("from".to_owned(), bound.to_string())));
    hidden.extend(to.map(|bound| ("to".to_owned(), bound.to_string())));
    hidden.extend(params.is_detailed.then(|| ("view".to_owned(), "detailed".to_owned())));
    let moment = |bound: Option<threadline::TimeBound>| {
        let at = bound.map(|bound| bound.moment(view.now));
        at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%S").to_string())
    };
    FilterBar {
        action: links.timeline(&Filter::new()),
        query: window::without_window(&params.filter).to_search(),
        hidden,
        problem: None,
        window: window::words(&params.filter),
        windows: window::presets(params, links),
        range: (moment(from), moment(to)),
    }
}

/// The conditions as chips, and the search as texts to take along.
fn conditions(view: &View, links: &Links) -> Markup {
    let params = &view.params;
    let is_shown = |term: &FilterTerm| !matches!(term.key, "from" | "to" | "after");
    let terms: Vec<_> = params.filter.terms().into_iter().filter(is_shown).collect();
    let chip = |term: &FilterTerm| Chip {
        key: term.key.to_owned(),
        value: term.value.clone(),
        is_not: term.is_negated,
        without: params.of(links, &params.filter.without(term)),
    };
    let shown: Vec<_> = terms.iter().map(chip).collect();
    let clear = (!shown.is_empty()).then(|| links.timeline(&Filter::new()));
    chips(&shown, clear.as_deref(), copy_menu(&copies(view, links)))
}

/// The same search in other places.
fn copies(view: &View, links: &Links) -> Vec<(&'static str, String)> {
    let filter = view.params.filter.clone().first_page();
    let mut copies = vec![("Link", view.params.of(links, &filter))];
    if let Some(from) = filter.window().0 {
        let to = filter.window().1.map_or(view.now, |to| to.moment(view.now));
        let fixed = window::between(&filter, from.moment(view.now), to);
        copies.push(("Link to these very hours", view.params.of(links, &fixed)));
    }
    copies.push(("Command", filter.to_command()));
    if view.may_export {
        let path = links.export("ndjson", &filter);
        copies.push(("curl", format!("curl --fail --cookie \"$COOKIE\" \"$ORIGIN\"'{path}'")));
    }
    copies
}

fn exports(view: &View, links: &Links) -> Markup {
    let filter = view.params.filter.clone().first_page();
    html! {
        @if view.may_export {
            @for (label, format) in [("CSV", "csv"), ("JSON", "json"), ("NDJSON", "ndjson")] {
                (button_link(&format!("Export {label}"), &links.export(format, &filter)))
            }
        }
    }
}

/// How many there are, over which time, and how they are shown.
fn summary(view: &View, links: &Links) -> Markup {
    let params = &view.params;
    let wider = window::wider(params, links, view.now);
    let style = |label: &str, is_detailed| {
        let there = super::params::Params { is_detailed, ..params.clone() };
        let href = there.href(links);
        match is_detailed == params.is_detailed {
            true => Choice::current(label, href),
            false => Choice::new(label, href),
        }
    };
    html! {
        div.summary {
            h2 { (many(&view.count)) " · " (window::words(&params.filter)) }
            @if let Some(wider) = wider { a.button href=(wider.href) { (wider.label) } }
            (tabs("How changes are shown", &[style("Compact", false), style("Detailed", true)]))
        }
        @if let Err(refusal) = &view.count { (failed("The number of changes", refusal)) }
    }
}

fn many(count: &Result<Count, Refusal>) -> String {
    match count {
        Ok(count) if count.is_capped => format!("{}+ changes", grouped(u64::from(count.counted))),
        Ok(count) => counted(u64::from(count.counted), "change", "changes"),
        Err(_) => "Changes".to_owned(),
    }
}

/// A panel that could not be read, while the rest of the page stands.
pub(super) fn failed(what: &str, refusal: &Refusal) -> Markup {
    let title = format!("{what}: not available");
    error_panel(&title, &refusal.as_panel(), None, None)
}
