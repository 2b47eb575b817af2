use serde::Serialize;

use super::relation;
use super::sql::{self, Binds};
use crate::model::Transaction;
use crate::{ActorRef, Error, TrailSource};

/// The transactions beside one: [`neighbours`] looks for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Neighbours {
    /// The number of the one before it by the same actor.
    pub previous: Option<i64>,
    /// The number of the one after it by the same actor.
    pub next: Option<i64>,
}

/// The transactions of the same actor that began just before this one and just after it. Of a transaction of
/// which nobody said who made it, there are none.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let transaction = threadline::audit_transaction(&db, 7).await?;
/// if let Some(next) = threadline::neighbours(&db, &transaction).await?.next {
///     println!("the next one by {:?} is {next}", transaction.actor);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], [`Error::TimedOut`],
/// [`Error::InvalidScope`], or [`Error::Db`].
pub async fn neighbours(
    db: &impl TrailSource,
    transaction: &Transaction,
) -> Result<Neighbours, Error> {
    let Some(actor) = &transaction.actor else { return Ok(Neighbours::default()) };
    let mut binds = Binds::default();
    let text = format!(
        "SELECT ({}) AS previous, ({}) AS next",
        beside(db, transaction, actor, Way::Back, &mut binds)?,
        beside(db, transaction, actor, Way::On, &mut binds)?,
    );
    let rows = sql::all(db.connection(), text, binds).await?;
    let Some(row) = rows.first() else { return Ok(Neighbours::default()) };
    Ok(Neighbours { previous: row.try_get("", "previous")?, next: row.try_get("", "next")? })
}

#[derive(Clone, Copy)]
enum Way {
    Back,
    On,
}

/// One descent of the index of actors. Of an actor without an id, the index is in order only if the id that
/// is null is part of the order.
fn beside(
    db: &impl TrailSource,
    transaction: &Transaction,
    actor: &ActorRef,
    way: Way,
    binds: &mut Binds,
) -> Result<String, Error> {
    let (than, direction) = match way {
        Way::Back => ("<", " DESC"),
        Way::On => (">", ""),
    };
    let transactions = relation::transactions(db, binds)?;
    let is_actor = relation::is_actor(actor, binds);
    let (at, id) = (binds.push(transaction.occurred_at), binds.push(transaction.id));
    Ok(format!(
        "SELECT t.id FROM {transactions}
        WHERE {is_actor} AND t.occurred_at {than}= {at} AND (t.occurred_at, t.id) {than} ({at}, {id})
        ORDER BY t.actor_type{direction}, t.actor_id{direction}, t.occurred_at{direction}, t.id{direction}
        LIMIT 1"
    ))
}
