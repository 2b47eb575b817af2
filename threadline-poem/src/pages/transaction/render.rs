//! The page of a transaction.

use maud::{Markup, html};
use threadline::{Facets, Filter, Position};

use super::{View, changes, head};
use crate::view::{
    self, Choice, Chrome, Links, Way, button_link, copy_button, copy_menu, counted, grouped,
    page_head, tabs,
};

pub(super) fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let id = view.params.id;
    let trail = [Choice::new("Timeline", head::around(view, links))];
    let title = html! { "Transaction " span.id { (id) } };
    let beside = html! { (copy_button(&id.to_string(), "the number")) (head::beside(view, links)) };
    html! {
        (page_head(&trail, title, beside))
        (head::head(view, chrome))
        div.panel-head {
            h2 { (how_many(view)) }
            div.actions { (actions(view, chrome)) }
        }
        @if let Some(scope) = &view.scope { (head::narrowed(scope)) }
        (tables(view, links))
        @match view.page.entries.is_empty() {
            true => (nothing(view, links)),
            false => (changes::changes(view, chrome)),
        }
        (pages(view, links))
    }
}

/// `7 changes in 2 tables`
fn how_many(view: &View) -> String {
    match &view.breakdown {
        Ok(facets) if facets.is_capped => {
            format!("More than {} changes", grouped(facets.counted.into()))
        }
        Ok(facets) => {
            let tables = counted(facets.tables.len() as u64, "table", "tables");
            format!("{} in {tables}", counted(facets.counted.into(), "change", "changes"))
        }
        Err(_) => "Changes".to_owned(),
    }
}

/// What can be done with all of it.
fn actions(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let id = view.params.id;
    let filter = of_table(view);
    let mut copies = vec![("Link", links.transaction(id))];
    copies.extend(view.incident.clone().map(|json| ("Incident as JSON", json)));
    copies.extend(view.sql.clone().map(|sql| (chrome.sql_label(), sql)));
    copies.push((chrome.command_label(), format!("threadline incident {id} --json")));
    html! {
        @match view.params.is_open {
            true => (button_link("Collapse all", &here(view, links, false))),
            false => (button_link("Expand all", &here(view, links, true))),
        }
        (copy_menu(&copies))
        @if view.may_export {
            @for format in ["csv", "json", "ndjson"] {
                (button_link(&format!("Export {}", format.to_uppercase()), &links.export(format, &filter)))
            }
        }
    }
}

/// The changes that are listed, on however many pages.
fn of_table(view: &View) -> Filter {
    let whole = Filter::new().transaction(view.params.id).oldest_first();
    match &view.params.table {
        Some(table) => whole.table(table.clone()),
        None => whole,
    }
}

/// How the changes are spread over tables, where there are several.
fn tables(view: &View, links: &Links) -> Markup {
    let facets = match &view.breakdown {
        Ok(facets) if facets.tables.len() > 1 || view.params.table.is_some() => facets,
        Ok(_) => return html! {},
        Err(failed) => return failed.render("How many there are of each table"),
    };
    html! { p { (tabs("Tables", &choices(view, facets, links))) } }
}

fn choices(view: &View, facets: &Facets, links: &Links) -> Vec<Choice> {
    let chosen = view.params.table.as_ref();
    let all = Choice::new(
        format!("All {}", grouped(facets.counted.into())),
        links.transaction(view.params.id),
    );
    let mut choices = vec![Choice { is_current: chosen.is_none(), ..all }];
    for facet in &facets.tables {
        let table = facet.value.to_string();
        let href = links.transaction_page(view.params.id, &[("table", &table)]);
        let label = format!("{table} {}", grouped(facet.changes.into()));
        choices
            .push(Choice { is_current: chosen == Some(&facet.value), ..Choice::new(label, href) });
    }
    choices
}

/// Why there is no change on the page.
fn nothing(view: &View, links: &Links) -> Markup {
    let whole = Way {
        label: "All changes of the transaction".to_owned(),
        href: links.transaction(view.params.id),
        count: None,
    };
    match (&view.params.table, view.params.position) {
        (Some(table), Position::Start) => view::empty(
            "No change of this table",
            &format!("The transaction has no change of {table} that you may see."),
            &[whole],
        ),
        (_, Position::Start) => view::empty(
            "No row was changed",
            "An action was recorded, and no row of an audited table was changed with it.",
            &[],
        ),
        _ => {
            view::empty("No more changes", "There are no more changes in this direction.", &[whole])
        }
    }
}

/// The pages beside this one.
fn pages(view: &View, links: &Links) -> Markup {
    let page = &view.page;
    let (has_earlier, has_later) = match view.params.position {
        Position::Start => (false, page.has_more),
        Position::After(_) => (true, page.has_more),
        Position::Before(_) => (page.has_more, true),
    };
    let to = |key, cursor: Option<threadline::Cursor>| {
        cursor.map(|cursor| at(view, links, view.params.is_open, Some((key, cursor.to_string()))))
    };
    let earlier = to("before", page.first).filter(|_| has_earlier);
    let later = to("after", page.last).filter(|_| has_later);
    html! {
        @if earlier.is_some() || later.is_some() {
            nav.pager aria-label="Pages" {
                @if let Some(earlier) = &earlier { a.button rel="prev" href=(earlier) { "← Earlier changes" } }
                @if let Some(later) = &later { a.button rel="next" href=(later) { "Later changes →" } }
            }
        }
    }
}

/// This page, with everything open or not.
fn here(view: &View, links: &Links, is_open: bool) -> String {
    let place = match view.params.position {
        Position::Start => None,
        Position::After(cursor) => Some(("after", cursor.to_string())),
        Position::Before(cursor) => Some(("before", cursor.to_string())),
    };
    at(view, links, is_open, place)
}

fn at(view: &View, links: &Links, is_open: bool, place: Option<(&str, String)>) -> String {
    let table = view.params.table.as_ref().map(ToString::to_string);
    let mut page: Vec<(&str, &str)> = Vec::new();
    page.extend(table.as_deref().map(|table| ("table", table)));
    page.extend(place.as_ref().map(|(key, cursor)| (*key, cursor.as_str())));
    page.extend(is_open.then_some(("open", "all")));
    links.transaction_page(view.params.id, &page)
}
