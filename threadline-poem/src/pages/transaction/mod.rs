//! One transaction: who, when, why and from where, and everything it changed that the viewer may see.

mod actions;
mod changes;
mod head;
mod render;

use futures_util::join;
use threadline::{
    ActorRef, Cursor, Facets, Filter, Neighbours, Page, Position, TableName, TimelineEntry,
    timeline_sql,
};

use super::answer::BadField;
use super::desk::{Desk, Head, Related, walk_of};
use super::panel::{Failed, Panel};
use super::query::Query;
use super::site::Names;
use super::{Answer, Refusal, Visit};
use crate::access::Capability;
use crate::view::{self, Place};

/// What is asked for.
#[derive(Clone, Debug)]
struct Params {
    id: i64,
    /// Changes of this table only.
    table: Option<TableName>,
    /// The page behind this change, or the one before it.
    position: Position,
    /// Whether everything that folds stands open.
    is_open: bool,
}

impl Params {
    fn read(visit: &Visit) -> Result<Self, Refusal> {
        // What is no number was never one of a transaction.
        let id = visit.segment("id").parse().map_err(|_| Refusal::NotFound)?;
        let query = Query::read(visit, &["table", "after", "before", "open"])?;
        let table = query.text("table").map(table_of).transpose()?;
        let position = match (query.value::<Cursor>("after")?, query.value::<Cursor>("before")?) {
            (None, None) => Position::Start,
            (Some(after), None) => Position::After(after),
            (None, Some(before)) => Position::Before(before),
            (Some(_), Some(before)) => {
                let why = "a page is `after` a change or `before` one, and not both";
                return Err(bad("before", &before.to_string(), why));
            }
        };
        let is_open = match query.text("open") {
            None => false,
            Some("all") => true,
            Some(other) => return Err(bad("open", other, "it can be `all` only")),
        };
        Ok(Self { id, table, position, is_open })
    }

    /// The walk through what is asked for.
    fn walk(&self) -> Filter {
        let walk = walk_of(self.id);
        match &self.table {
            Some(table) => walk.table(table.clone()),
            None => walk,
        }
    }
}

fn bad(key: &str, value: &str, why: &str) -> Refusal {
    Refusal::Fields(vec![BadField::new(key, value, why)])
}

fn table_of(text: &str) -> Result<TableName, Refusal> {
    let table = TableName::parse(text);
    table.map_err(|error| {
        Refusal::Fields(vec![
            BadField::new("table", text, error.to_string()).example("public.orders"),
        ])
    })
}

/// What is shown.
struct View {
    params: Params,
    head: Head,
    page: Page<TimelineEntry>,
    /// Of which tables and how many the changes are.
    breakdown: Panel<Facets>,
    beside: Panel<Neighbours>,
    related: Option<Panel<Related>>,
    /// The whole as a document, where it fits into the page.
    incident: Option<String>,
    sql: Option<String>,
    names: Names,
    /// Where the host shows the row of each change of the page.
    hosts: Vec<Option<String>>,
    /// What the viewer's sight is narrowed to.
    scope: Option<String>,
    may_export: bool,
    hides_values: bool,
}

pub(crate) async fn answer(visit: &Visit) -> Result<Answer, Refusal> {
    let view = load(visit, Params::read(visit)?).await?;
    let mut chrome = visit.chrome(Some(Place::Timeline), title(&view)).await;
    chrome.command = Some(format!("threadline incident {}", view.params.id));
    let body = render::render(&view, &chrome);
    Ok(Answer::Page(view::shell(&chrome, body)))
}

async fn load(visit: &Visit, params: Params) -> Result<View, Refusal> {
    let desk = visit.desk();
    let head = desk.transaction(params.id).await?;
    let (walk, whole) = (params.walk(), Filter::new().transaction(params.id));
    let (page, breakdown, beside, related, names) = join!(
        desk.changes(&walk, params.position),
        desk.breakdown(&whole),
        desk.neighbours(&head.transaction),
        related(&desk, &head),
        visit.site.names(actors(&head)),
    );
    let page = page?;
    let is_all = params.table.is_none() && params.position == Position::Start && !page.has_more;
    // A long one is for the command, which writes it into a file.
    let incident = if is_all { desk.incident(params.id).await.ok().flatten() } else { None };
    Ok(View {
        sql: timeline_sql(&walk.limit(1_000)).ok(),
        hosts: page.entries.iter().map(|entry| host(visit, entry)).collect(),
        scope: visit.grant.scope_label().map(str::to_owned),
        may_export: visit.grant.may(Capability::Export),
        hides_values: visit.grant.hides_values(),
        params,
        head,
        page,
        breakdown: breakdown.map_err(Failed::from),
        beside: beside.map_err(Failed::from),
        related,
        incident,
        names,
    })
}

async fn related(desk: &Desk<'_>, head: &Head) -> Option<Panel<Related>> {
    Some(desk.related(head.correlation()?).await.map_err(Failed::from))
}

impl Head {
    /// What ties the transaction to others: as its context says, or an action of it.
    fn correlation(&self) -> Option<&str> {
        let own = self.transaction.correlation_id.as_deref();
        own.or_else(|| self.actions.iter().find_map(|action| action.correlation_id.as_deref()))
    }
}

/// Everybody whose name is needed.
fn actors(head: &Head) -> Vec<ActorRef> {
    let of_actions = head.actions.iter().filter_map(|action| action.actor.clone());
    head.transaction.actor.clone().into_iter().chain(of_actions).collect()
}

/// Where the host shows the row, if it does and says so by a path of its own.
fn host(visit: &Visit, entry: &TimelineEntry) -> Option<String> {
    let link = visit.site.host_link.as_ref()?;
    let key = super::key::key_of(&entry.change)?;
    link(&entry.change.table, &key).filter(|path| super::is_host_path(path))
}

fn title(view: &View) -> String {
    let id = view.params.id;
    match view.head.actions.first() {
        Some(action) => format!("Transaction {id} · {}", action.name),
        None => format!("Transaction {id}"),
    }
}
