//! The page: search, what it found, and what there is to narrow it by.

use chrono::TimeDelta;
use maud::{Markup, html};
use threadline::{Count, Filter, FilterTerm};

use super::fields::{Fields, form};
use super::load::View;
use super::{list, narrow, nothing, window};
use crate::pages::panel::Panel;
use crate::view::{
    Bar, Chip, Choice, Chrome, FilterBar, Icon, Links, button_link, chips, copy_menu, counted,
    filter_bar, grouped, histogram, icon, local, newer_notice, page_head, pager, split, tabs,
};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let fields = Fields::of(&view.params.filter, view.params.is_detailed);
    html! {
        (page_head(&[], html! { "Timeline" }, html! { (copy_menu(&copies(view, chrome))) (exports(view, links)) }))
        (filter_bar(&bar(view, links)))
        (form(&fields, &view.tables, links))
        (conditions(view, links))
        (newer_notice(&view.params.of(links, &view.params.filter)))
        @if view.groups.is_empty() { (found(view, links)) }
        @else {
            (bars(view, links))
            (split(found(view, links), narrow::render(view, links)))
        }
    }
}

fn found(view: &View, links: &Links) -> Markup {
    html! {
        @if view.groups.is_empty() { (nothing::told(view.nothing.as_ref(), view, links)) }
        @else { (summary(view, links)) (list::render(view, links)) }
        (pager(view.newer.as_deref(), view.older.as_deref()))
    }
}

/// When the changes were made.
pub(super) fn bars(view: &View, links: &Links) -> Markup {
    let found = match &view.bars {
        None => return html! {},
        Some(Err(failed)) => return failed.render("When the changes were made"),
        Some(Ok(found)) => found,
    };
    let bar = |bar: &threadline::Bar| Bar {
        from: bar.from,
        until: bar.to + TimeDelta::microseconds(1),
        count: u64::from(bar.changes),
        href: view.params.of(links, &window::between(&view.params.filter, bar.from, bar.to)),
    };
    let bars: Vec<_> = found.bars.iter().map(bar).collect();
    html! {
        (histogram(&bars, &window::span(found.width_seconds)))
        @if found.is_capped {
            p.meta { "Only the first " (grouped(u64::from(found.counted))) " changes of this list are counted; the bars beyond them are not complete." }
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

/// The conditions as chips.
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
    html! { @if !shown.is_empty() { (chips(&shown, clear.as_deref(), html! {})) } }
}

/// The same search in other places.
fn copies(view: &View, chrome: &Chrome) -> Vec<(&'static str, String)> {
    let links = &chrome.links;
    let filter = view.params.filter.clone().first_page();
    let mut copies = vec![("Link", view.params.of(links, &filter))];
    if let Some(from) = filter.window().0 {
        let to = filter.window().1.map_or(view.now, |to| to.moment(view.now));
        let fixed = window::between(&filter, from.moment(view.now), to);
        copies.push(("Link to these very hours", view.params.of(links, &fixed)));
    }
    copies.extend(threadline::timeline_sql(&filter).ok().map(|sql| (chrome.sql_label(), sql)));
    copies.push((chrome.command_label(), filter.to_command()));
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
            details.menu {
                summary.button { (icon(Icon::Download)) "Export" }
                div.pop {
                    ul.choices {
                        @for (label, format) in EXPORTS {
                            li { a href=(local(&links.export(format, &filter))) { (label) } }
                        }
                    }
                }
            }
        }
    }
}

const EXPORTS: [(&str, &str); 3] =
    [("CSV, for spreadsheets", "csv"), ("JSON", "json"), ("NDJSON, one change a line", "ndjson")];

/// How many there are, over which time, and how they are shown.
pub(super) fn summary(view: &View, links: &Links) -> Markup {
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
        div.panel-head {
            h2 { (many(&view.count)) " · " (window::words(&params.filter)) }
            div.actions {
                @if let Some(wider) = wider { (button_link(&wider.label, &wider.href)) }
                (tabs("How changes are shown", &[style("Compact", false), style("Detailed", true)]))
            }
        }
        @if let Err(failed) = &view.count { (failed.render("The number of changes")) }
    }
}

fn many(count: &Panel<Count>) -> String {
    match count {
        Ok(count) if count.is_capped => format!("{}+ changes", grouped(u64::from(count.counted))),
        Ok(count) => counted(u64::from(count.counted), "change", "changes"),
        Err(_) => "Changes".to_owned(),
    }
}
