//! What the changes that match are made of, each value a link that narrows the search to it.

use maud::{Markup, html};
use threadline::{Facet, Facets, Filter};

use super::load::View;
use crate::view::{FacetValue, Links, facet, grouped};

pub(super) fn render(view: &View, links: &Links) -> Markup {
    match &view.facets {
        Ok(facets) => panels(facets, view, links),
        Err(failed) => failed.render("The breakdown"),
    }
}

fn panels(facets: &Facets, view: &View, links: &Links) -> Markup {
    let tables = values(&facets.tables, view, links, |table| {
        Some((table.to_string(), Filter::new().table(table.clone())))
    });
    let operations = values(&facets.operations, view, links, |op| {
        Some((op.to_string(), Filter::new().operation(*op)))
    });
    let actors = values(&facets.actors, view, links, |actor| match actor {
        Some(actor) => {
            let name = view.names.get(actor).map(|name| format!(" {name}")).unwrap_or_default();
            Some((format!("{actor}{name}"), Filter::new().actor(actor.clone())))
        }
        None => Some(("nobody said who".to_owned(), Filter::new().no_actor())),
    });
    // There is no condition for changes without an action.
    let actions = values(&facets.actions, view, links, |action| {
        action.as_ref().map(|name| (name.clone(), Filter::new().action(name)))
    });
    html! {
        h2.vh { "Narrow the search" }
        (facet("Table", &tables))
        (facet("What was done", &operations))
        (facet("Who", &actors))
        (facet("Action", &actions))
        @if facets.is_capped {
            p.meta { "Of the first " (grouped(u64::from(facets.counted))) " changes in this list." }
        }
    }
}

/// The values of one kind: a click wants this value and no other of its kind, and the next click takes it
/// back.
fn values<T>(
    facets: &[Facet<T>],
    view: &View,
    links: &Links,
    told: impl Fn(&T) -> Option<(String, Filter)>,
) -> Vec<FacetValue> {
    let filter = &view.params.filter;
    let said = filter.terms();
    let value = |found: &Facet<T>| {
        let (label, wanted) = told(&found.value)?;
        let term = wanted.terms().into_iter().next()?;
        let is_chosen = said.contains(&term);
        let href = match is_chosen {
            true => view.params.of(links, &filter.without(&term)),
            false => view.params.of(links, &filter.clone().only(wanted.clone())),
        };
        let without = filter.clone().except(wanted);
        let exclude = (!is_chosen).then(|| view.params.of(links, &without));
        Some(FacetValue { label, count: u64::from(found.changes), href, exclude, is_chosen })
    };
    facets.iter().filter_map(value).collect()
}
