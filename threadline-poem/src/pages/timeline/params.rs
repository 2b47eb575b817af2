//! What an address of the timeline asks for.

use chrono::NaiveDateTime;
use threadline::{Cursor, Filter, FilterProblem, FilterProblems};

use crate::pages::filtered::filter_of;
use crate::view::Links;

/// How many changes a page has unless its address says otherwise.
pub(super) const PAGE_SIZE: u32 = 50;
/// No page has more.
const MOST: u32 = 200;
/// The window of an address that names none.
const DEFAULT_WINDOW: &str = "-24h";
/// With one of these, the changes that match are few and belong together, whenever they were.
const OF_THEIR_OWN: [&str; 4] = ["row", "corr", "request", "transaction"];

/// What is shown.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Params {
    /// Which changes, with the window that the page has.
    pub(super) filter: Filter,
    /// The entry before which the page ends: a step back to what is newer.
    pub(super) before: Option<Cursor>,
    /// Whether changes are shown with all their columns.
    pub(super) is_detailed: bool,
}

/// What an address means.
#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    This(Box<Params>),
    /// The same has another address: that of a form becomes the one that can be kept.
    Elsewhere(String),
}

/// An address that means nothing, as it was typed.
#[derive(Debug, PartialEq)]
pub(super) struct Wrong {
    pub(super) problems: Vec<FilterProblem>,
    pub(super) typed: Vec<(String, String)>,
}

impl Params {
    /// Reads the pairs of a query. Keys of the page are `view` and `before`; all others are the filter's.
    pub(super) fn read(pairs: Vec<(String, String)>, links: &Links) -> Result<Asked, Wrong> {
        let is_form = pairs.iter().any(|(key, _)| key == "q");
        // A form sends its empty fields as well. In an address, a key without a value is a mistake.
        let typed: Vec<_> = pairs
            .into_iter()
            .filter(|(key, value)| !(is_form && key != "q" && value.trim().is_empty()))
            .map(as_moment)
            .collect();
        let (page, asked): (Vec<_>, Vec<_>) =
            typed.iter().partition(|(key, _)| matches!(key.as_str(), "view" | "before"));
        let asked: Vec<(&str, &str)> =
            asked.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        let read = page_keys(&page).and_then(|(before, is_detailed)| {
            let filter = windowed(&asked)?;
            Ok(Self { filter, before, is_detailed })
        });
        let params = match read {
            Ok(params) => params,
            Err(FilterProblems(problems)) => return Err(Wrong { problems, typed }),
        };
        Ok(match is_form || !params.is_as_asked(&asked) {
            true => Asked::Elsewhere(params.href(links)),
            false => Asked::This(Box::new(params)),
        })
    }

    /// Whether the filter is written as it is asked for, but for the window that the page adds.
    fn is_as_asked(&self, asked: &[(&str, &str)]) -> bool {
        let written = self.filter.to_string();
        let mut written: Vec<_> = form_urlencoded::parse(written.as_bytes()).into_owned().collect();
        if !asked.iter().any(|(key, _)| *key == "from") {
            written.retain(|(key, _)| key != "from");
        }
        written.iter().map(|(key, value)| (key.as_str(), value.as_str())).eq(asked.iter().copied())
    }

    /// How many changes the page has.
    pub(super) fn size(&self) -> u32 {
        let asked = self.filter.max_entries();
        if asked == Filter::new().max_entries() { PAGE_SIZE } else { asked.min(MOST) }
    }

    /// The address of this page.
    pub(super) fn href(&self, links: &Links) -> String {
        self.with(links, &self.filter, self.before)
    }

    /// The address of another filter's first page, which looks like this one.
    pub(super) fn of(&self, links: &Links, filter: &Filter) -> String {
        self.with(links, &filter.clone().first_page(), None)
    }

    /// The address of another page of this list.
    pub(super) fn with(&self, links: &Links, filter: &Filter, before: Option<Cursor>) -> String {
        let before = before.map(|cursor| cursor.to_string());
        let mut page = Vec::new();
        page.extend(before.as_deref().map(|cursor| ("before", cursor)));
        page.extend(self.is_detailed.then_some(("view", "detailed")));
        links.timeline_page(filter, &page)
    }
}

/// The keys of the page: where it ends, and whether it is detailed.
fn page_keys(pairs: &[&(String, String)]) -> Result<(Option<Cursor>, bool), FilterProblems> {
    let (mut before, mut view) = (None, None);
    for (key, value) in pairs {
        let is_first = match key.as_str() {
            "before" => {
                let cursor = value.parse::<Cursor>();
                let cursor = cursor.map_err(|error| one(key, value, error.to_string()))?;
                before.replace(cursor).is_none()
            }
            _ => match value.as_str() {
                "detailed" | "compact" => view.replace(value == "detailed").is_none(),
                _ => return Err(one(key, value, "write `compact` or `detailed`")),
            },
        };
        if !is_first {
            return Err(one(key, value, "it is said twice; one of them would be ignored"));
        }
    }
    Ok((before, view.unwrap_or_default()))
}

/// The filter with the window that it has or gets.
fn windowed(asked: &[(&str, &str)]) -> Result<Filter, FilterProblems> {
    let says = |name: &str| asked.iter().any(|(key, _)| *key == name);
    if says("from") || says("to") {
        return with_own_window(asked);
    }
    let with_default = asked.iter().copied().chain([("from", DEFAULT_WINDOW)]);
    match filter_of(with_default) {
        Ok(filter) if filter.window().1.is_none() && !is_of_its_own(&filter) => Ok(filter),
        _ => filter_of(asked.iter().copied()),
    }
}

/// A window that a form sends beside the search box gives way to one that is typed into the box.
fn with_own_window(asked: &[(&str, &str)]) -> Result<Filter, FilterProblems> {
    let said_twice = match filter_of(asked.iter().copied()) {
        Ok(filter) => return Ok(filter),
        Err(problems) => problems,
    };
    let bounds = ["from", "to"];
    let is_fine = |key: &str, value: &str| filter_of([(key, value)]).is_ok();
    let may_give_way = asked.iter().any(|(key, _)| *key == "q")
        && asked.iter().all(|(key, value)| !bounds.contains(key) || is_fine(key, value))
        && said_twice.0.iter().all(|problem| bounds.contains(&problem.key.as_str()));
    if !may_give_way {
        return Err(said_twice);
    }
    let typed = asked.iter().copied().filter(|(key, _)| !bounds.contains(key));
    filter_of(typed)
}

pub(super) fn is_of_its_own(filter: &Filter) -> bool {
    filter.terms().iter().any(|term| !term.is_negated && OF_THEIR_OWN.contains(&term.key))
}

fn one(key: &str, value: &str, why: impl Into<String>) -> FilterProblems {
    FilterProblems(vec![FilterProblem::new(key, value, why)])
}

/// A field for a moment sends none with a zone; its label says UTC.
pub(crate) fn as_moment((key, value): (String, String)) -> (String, String) {
    if !matches!(key.as_str(), "from" | "to") {
        return (key, value);
    }
    let plain = value.trim().trim_end_matches('Z');
    let moment = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(plain, form).ok());
    match moment {
        Some(moment) if !value.ends_with('Z') || plain.len() == 16 => {
            (key, format!("{}Z", moment.format("%Y-%m-%dT%H:%M:%S%.f")))
        }
        _ => (key, value),
    }
}
