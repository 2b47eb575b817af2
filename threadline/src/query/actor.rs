use serde::Serialize;

use super::bundle::given_here;
use super::page::{Page, Position, Span};
use super::sql::{self, Binds};
use super::timeline::timeline_page;
use super::{TimelineEntry, condition, cursor, optional_action, relation, transaction};
use crate::filter::FilterProblem;
use crate::model::{ActionRecord, Transaction};
use crate::{ActorRef, Error, Filter, FilterProblems, TrailSource};

/// What an actor did in one transaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ActorEntry {
    /// Who, when and from where.
    pub transaction: Transaction,
    /// The outermost action.
    pub action: Option<ActionRecord>,
}

/// The transactions of one actor, the newest first, page by page. `window` says from when, to when
/// (inclusive, by when the transaction began), in which order and how many on a page; it may ask for
/// nothing else.
///
/// ```no_run
/// use threadline::{ActorRef, Filter, Position, actor_history};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let actor = ActorRef::user(42);
/// let page = actor_history(&db, &actor, &Filter::new().limit(50), Position::Start).await?;
/// for entry in page.entries {
///     let action = entry.action.map(|action| action.name);
///     println!("{} {action:?}", entry.transaction.occurred_at);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if `window` asks for more than times, order and size;
/// [`Error::InvalidCursor`] if the cursor belongs to another actor or window;
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn actor_history(
    db: &impl TrailSource,
    actor: &ActorRef,
    window: &Filter,
    position: Position,
) -> Result<Page<ActorEntry>, Error> {
    let span = span(actor, window, position)?;
    let mut binds = Binds::default();
    let mut all = began(actor, window, &mut binds);
    let than = if span.ascends() { ">" } else { "<" };
    if let Some(cursor) = span.beside {
        let (at, id) = (binds.push(cursor.at), binds.push(cursor.id));
        all.push(format!(
            "t.occurred_at {than}= {at} AND (t.occurred_at, t.id) {than} ({at}, {id})"
        ));
    }
    let direction = if span.ascends() { "" } else { "DESC" };
    let order = format!("t.occurred_at {direction}, t.id {direction}");
    let text = format!(
        "SELECT {}, {} FROM (SELECT t.* FROM {} WHERE {} ORDER BY {order} LIMIT {}) t {} ORDER BY {order}",
        sql::TRANSACTION,
        sql::ACTION,
        relation::transactions(db, &mut binds)?,
        all.join(" AND "),
        span.rows(),
        relation::with_outermost_action(),
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    let read = rows.iter().map(|row| {
        let entry = ActorEntry { transaction: transaction(row)?, action: optional_action(row)? };
        Ok((entry.transaction.occurred_at, entry.transaction.id, Some(entry)))
    });
    Ok(span.page(read.collect::<Result<_, Error>>()?))
}

fn span(actor: &ActorRef, window: &Filter, position: Position) -> Result<Span, Error> {
    only_window(
        window,
        &["from", "to", "sort", "limit", "after"],
        "the history of an actor is asked for by `from`, `to`, `sort` and `limit` only; \
         `actor_window` takes every key",
    )?;
    Span::of(window, position, |same| cursor::fingerprint(&["actor", &actor.to_string(), same]))
}

/// That a transaction `t` is one of this actor, and began in the window.
pub(super) fn began(actor: &ActorRef, window: &Filter, binds: &mut Binds) -> Vec<String> {
    let mut all = vec![relation::is_actor(actor, binds)];
    let from =
        window.from.map(|from| format!("t.occurred_at >= {}", condition::moment(from, binds)));
    all.extend(from);
    let to = window.to.map(|to| format!("t.occurred_at <= {}", condition::moment(to, binds)));
    all.extend(to);
    all
}

/// Refuses a window that asks for more than `told`, and says `why`.
pub(super) fn only_window(window: &Filter, told: &[&str], why: &str) -> Result<(), Error> {
    let others = window.pairs().into_iter().filter(|(key, _)| !told.contains(key));
    let problems: Vec<FilterProblem> = others
        .map(|(key, value)| FilterProblem { key: key.to_owned(), value, why: why.to_owned() })
        .collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(Error::InvalidFilter(FilterProblems(problems))),
    }
}

/// One page of what an actor changed, in all tables: the timeline of `filter`, and of this actor only.
///
/// ```no_run
/// use threadline::{ActorRef, Filter, Position, actor_window};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let since_yesterday: Filter = "from=-24h&op=delete".parse()?;
/// let page = actor_window(&db, &ActorRef::user(42), &since_yesterday, Position::Start).await?;
/// println!("{} deletes", page.entries.len());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Those of [`timeline_page`]; [`Error::InvalidFilter`] if the filter names an actor itself.
pub async fn actor_window(
    db: &impl TrailSource,
    actor: &ActorRef,
    filter: &Filter,
    position: Position,
) -> Result<Page<TimelineEntry>, Error> {
    timeline_page(db, &given_here(filter, "actor")?.actor(actor.clone()), position).await
}
