//! The form that finds an actor, and who was busy lately.

use std::time::Duration;

use maud::{Markup, html};
use threadline::{ActorRef, ActorType, Facets, Filter};

use super::super::panel::{Failed, Panel};
use super::super::query::Query;
use super::super::site::Names;
use super::super::{Answer, Refusal, Visit};
use crate::view::{
    self, Chrome, Field, Links, Place, Problem, actor, counted, data_table, empty, field, grouped,
    halves, local, nobody, page_head, panel,
};

/// Who is shown without being looked for acted within this time.
const DAY: Duration = Duration::from_secs(86_400);

/// What stands in the form.
#[derive(Clone, Debug, Default)]
struct Typed {
    kind: Option<ActorType>,
    id: String,
    problem: Option<Problem>,
}

/// What is shown.
struct View {
    typed: Typed,
    /// What the last day's changes are made of.
    lately: Panel<Facets>,
    names: Names,
}

pub(crate) async fn find(visit: &Visit) -> Result<Answer, Refusal> {
    let query = Query::read(visit, &["kind", "id"])?;
    let typed = match typed(&query)? {
        Ok(actor) => return Ok(Answer::SeeOther(visit.links.actor(&actor))),
        Err(typed) => typed,
    };
    let lately = visit.desk().breakdown(&Filter::new().last(DAY)).await;
    let lately = lately.map_err(Failed::from);
    let actors = lately.iter().flat_map(|facets| &facets.actors);
    let actors = actors.filter_map(|facet| facet.value.clone()).collect();
    let view = View { typed, lately, names: visit.site.names(actors).await };
    let chrome = visit.chrome(Some(Place::Actors), "Actors").await;
    let page = view::shell(&chrome, render(&view, &chrome));
    Ok(match view.typed.problem {
        Some(_) => Answer::Refused(422, page),
        None => Answer::Page(page),
    })
}

/// Whom the form names, or what stands in it.
fn typed(query: &Query) -> Result<Result<ActorRef, Typed>, Refusal> {
    let kind = query.value::<ActorType>("kind")?;
    let id = query.text("id").unwrap_or_default().to_owned();
    let typed = |text: &str| Typed {
        kind,
        id: id.clone(),
        problem: Some(Problem { text: text.to_owned(), example: Some("42".to_owned()) }),
    };
    // A whole reference is taken as well: it is what stands on every page.
    let whole = id.split_once(':').and_then(|(kind, id)| Some((kind.parse().ok()?, id)));
    Ok(match (kind, whole) {
        (Some(ActorType::Anonymous), _) if id.is_empty() => Ok(ActorRef::anonymous()),
        (Some(ActorType::Anonymous), _) => Err(typed(
            "An anonymous actor has no id. Leave the field empty, or choose another kind.",
        )),
        (None | Some(ActorType::User), Some((kind, id))) => {
            ActorRef::new(kind, id).map_err(|error| typed(&error.to_string()))
        }
        (None, None) if id.is_empty() => Err(Typed::default()),
        (kind, _) if id.is_empty() => Err(Typed { kind, ..Typed::default() }),
        (kind, _) => ActorRef::new(kind.unwrap_or(ActorType::User), id.as_str())
            .map_err(|error| typed(&error.to_string())),
    })
}

fn render(view: &View, chrome: &Chrome) -> Markup {
    let links = &chrome.links;
    let lately = match &view.lately {
        Ok(facets) => panel("In the last 24 hours", html! {}, lately(facets, &view.names, links)),
        Err(failed) => failed.render("Who was busy in the last 24 hours"),
    };
    html! {
        (page_head(&[], html! { "Actors" }, html! {}))
        p { "Who did something: people, services, jobs, and the application itself." }
        (halves(panel("Find an actor", html! {}, form(&view.typed, links)), lately))
    }
}

fn form(typed: &Typed, links: &Links) -> Markup {
    let id = Field {
        name: "id",
        value: &typed.id,
        example: Some("42"),
        problem: typed.problem.as_ref(),
        is_required: false,
    };
    html! {
        form.stack method="get" action=(local(&links.actors())) {
            div.field {
                label for="field-kind" { "Kind" }
                select #field-kind name="kind" {
                    @for kind in ActorType::ALL {
                        option value=(kind) selected[typed.kind == Some(kind)] { (named(kind)) }
                    }
                }
            }
            (field("Id, as the application knows them; none for anonymous", &id))
            button.primary type="submit" { "Show" }
        }
    }
}

/// A kind of actor in words.
pub(super) fn named(kind: ActorType) -> &'static str {
    match kind {
        ActorType::User => "User",
        ActorType::Admin => "Administrator",
        ActorType::ServiceAccount => "Service account",
        ActorType::Job => "Job",
        ActorType::System => "The application itself",
        ActorType::Anonymous => "Anonymous",
        _ => "Another kind",
    }
}

fn lately(facets: &Facets, names: &Names, links: &Links) -> Markup {
    if facets.actors.is_empty() {
        return empty("Nobody did anything", "There was no change that you may see.", &[]);
    }
    let columns = [view::Column::new("Who"), view::Column::number("Changes")];
    let row = |facet: &threadline::Facet<Option<ActorRef>>| {
        let who = match &facet.value {
            Some(who) => actor(who, names.get(who).map(String::as_str), Some(&links.actor(who))),
            None => {
                let href = links.timeline(&Filter::new().no_actor().last(DAY));
                html! { a href=(local(&href)) { (nobody(None)) } }
            }
        };
        vec![who, html! { (grouped(facet.changes.into())) }]
    };
    let rows: Vec<_> = facets.actors.iter().map(row).collect();
    html! {
        (data_table("Who changed something in the last 24 hours", &columns, &rows))
        @if facets.is_capped {
            p.meta { "Of the newest " (counted(facets.counted.into(), "change", "changes")) "." }
        }
    }
}
