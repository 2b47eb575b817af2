//! What somebody did, and the form that finds them.

mod find;
mod list;
mod render;

use chrono::{DateTime, Utc};
use futures_util::join;
use threadline::{
    ActorRef, ActorSummary, ActorType, Cursor, Error, Filter, Nearest, Page, Position,
    TimelineEntry,
};

use super::answer::BadField;
use super::desk::Ever;
use super::panel::{Failed, Panel};
use super::query::Query;
use super::shapes::Shapes;
use super::timeline::params::as_moment;
use super::timeline::window::words;
use super::{Answer, Refusal, Visit};
use crate::view::{self, Place};

pub(crate) use find::find;

/// How many changes stand on a page.
const PAGE: u32 = 50;
/// The window of an address that names none: a week, of which the map of hours shows one.
const DEFAULT_FROM: &str = "-7d";

/// What is asked for.
#[derive(Clone, Debug)]
struct Params {
    actor: ActorRef,
    /// The changes of the actor in the window, with nothing about pages.
    filter: Filter,
    position: Position,
}

/// What an address leads to.
enum Asked {
    This(Box<Params>),
    /// Actors of a type that is none by itself: the form, in which the type is chosen already.
    OfType(ActorType),
}

impl Params {
    fn read(visit: &Visit) -> Result<Asked, Refusal> {
        // What is no type was never one of an actor.
        let kind: ActorType = visit.segment("kind").parse().map_err(|_| Refusal::NotFound)?;
        let actor = match (kind, visit.segment("id")) {
            (ActorType::Anonymous, "") => ActorRef::anonymous(),
            (ActorType::Anonymous, _) => return Err(Refusal::NotFound),
            (kind, "") => return Ok(Asked::OfType(kind)),
            (kind, id) => ActorRef::new(kind, id).map_err(|_| Refusal::NotFound)?,
        };
        let query = Query::read(visit, &["from", "to", "after", "before"])?;
        let position = match (query.value::<Cursor>("after")?, query.value::<Cursor>("before")?) {
            (None, None) => Position::Start,
            (Some(after), None) => Position::After(after),
            (None, Some(before)) => Position::Before(before),
            (Some(_), Some(before)) => {
                let why = "a page is `after` a change or `before` one, and not both";
                let field = BadField::new("before", &before.to_string(), why);
                return Err(Refusal::Fields(vec![field]));
            }
        };
        let window = window(query.text("from"), query.text("to"))?;
        let filter = window.actor(actor.clone());
        Ok(Asked::This(Box::new(Self { actor, filter, position })))
    }

    /// From when to when, alone.
    fn window(&self) -> Result<Filter, Error> {
        let bounds = self.filter.terms().into_iter();
        let bounds = bounds.filter(|term| matches!(term.key, "from" | "to"));
        Filter::parse_pairs(bounds.map(|term| (term.key, term.value)))
    }
}

/// The window of a form or an address. A moment without a zone is one of UTC, as the form says.
fn window(from: Option<&str>, to: Option<&str>) -> Result<Filter, Refusal> {
    let pair = |key: &str, text: &str| as_moment((key.to_owned(), text.to_owned()));
    let mut pairs = vec![pair("from", from.unwrap_or(DEFAULT_FROM))];
    pairs.extend(to.map(|to| pair("to", to)));
    match Filter::parse_pairs(pairs) {
        Ok(window) => Ok(window),
        Err(Error::InvalidFilter(problems)) => Err(Refusal::Filter(problems)),
        Err(other) => Err(Refusal::Trail(other)),
    }
}

/// What is shown.
struct View {
    params: Params,
    now: DateTime<Utc>,
    name: Option<String>,
    /// The first and last time, whatever the window.
    ever: Panel<Option<Ever>>,
    summary: Panel<ActorSummary>,
    page: Page<TimelineEntry>,
    shapes: Shapes,
    /// Where there is something, if there is nothing in the window.
    nearest: Option<Nearest>,
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let params = match Params::read(visit)? {
        Asked::This(params) => *params,
        Asked::OfType(kind) => return Ok(Answer::SeeOther(visit.links.actors_of(kind))),
    };
    let view = load(visit, params).await?;
    let title = format!("{} · {}", view.title(), words(&view.params.filter));
    let mut chrome = visit.chrome(Some(Place::Actors), title).await;
    chrome.command = Some(view.params.filter.to_command());
    let body = render::render(&view, &chrome);
    Ok(Answer::Page(view::shell(&chrome, body)))
}

async fn load(visit: &Visit, params: Params) -> Result<View, Refusal> {
    let desk = visit.desk();
    let window = params.window()?;
    let sized = params.filter.clone().limit(PAGE);
    let (page, ever, summary, names, shapes) = join!(
        desk.changes(&sized, params.position),
        desk.ever(&params.actor),
        desk.summary(&params.actor, &window),
        visit.site.names(vec![params.actor.clone()]),
        desk.shapes(),
    );
    let page = page?;
    // The name of somebody who did nothing within the scope would be told by counting up their ids.
    let is_known = matches!(ever, Ok(Some(_))) || visit.grant.scope_label().is_none();
    let nearest = match page.entries.is_empty() {
        true => desk.nearest(&params.filter).await.ok(),
        false => None,
    };
    Ok(View {
        name: names.get(&params.actor).filter(|_| is_known).cloned(),
        now: visit.now,
        // Without them, columns stand in the order of their names and nothing else is lost.
        shapes: shapes.unwrap_or_else(|_| desk.no_shapes()),
        params,
        ever: ever.map_err(Failed::from),
        summary: summary.map_err(Failed::from),
        page,
        nearest,
    })
}

impl View {
    /// `Amy Jones (user:42)`
    fn title(&self) -> String {
        match &self.name {
            Some(name) => format!("{name} ({})", self.params.actor),
            None => self.params.actor.to_string(),
        }
    }
}
