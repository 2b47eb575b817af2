//! The transactions that a filter names: by number, correlation id, request, action or actor.

use super::condition::moment;
use super::pick::{Slice, few};
use super::relation;
use super::sql::Binds;
use crate::filter::ActorTerm;
use crate::{Error, Filter, TrailSource};

/// A SELECT of the transactions with `id`, `since` and `until`, between which all their changes lie: one
/// more than [`few`] at most, and perhaps repeated. `None` if the filter names none by what has an index,
/// or names a row, whose own index leads to less.
///
/// Of several keys, the one that is likely to say most is taken.
pub(super) fn transactions(
    source: &impl TrailSource,
    filter: &Filter,
    slice: Slice,
    binds: &mut Binds,
) -> Result<Option<String>, Error> {
    let enough = few(filter) + 1;
    let text = if !filter.rows.wanted().is_empty() {
        return Ok(None);
    } else if !filter.transactions.wanted().is_empty() {
        let ids = binds.push(filter.transactions.wanted().to_vec());
        searched(&format!("unnest({ids}::bigint[])"), "t.id = k.id", "", enough)
    } else if !filter.correlations.wanted().is_empty() {
        correlated(source, filter, enough, binds)?
    } else if !filter.requests.wanted().is_empty() {
        let ids = binds.push(filter.requests.wanted().to_vec());
        searched(&format!("unnest({ids}::text[])"), "t.request_id = k.id", "", enough)
    } else if !filter.actions.wanted().is_empty() {
        let names = binds.push(filter.actions.wanted().to_vec());
        let order = "ORDER BY a.recorded_at DESC, a.id DESC";
        acted(source, &names, &format!("a.name = k.id {order}"), enough, binds)?
    } else if let Some((kinds, ids)) = actors(filter) {
        let (kinds, ids) = (binds.push(kinds), binds.push(ids));
        let mut same = "t.actor_type = k.kind AND t.actor_id = k.id".to_owned();
        // A transaction begins before its changes.
        if let Some(to) = filter.to {
            same.push_str(&format!(" AND t.occurred_at <= {}", moment(to, binds)));
        }
        if let Some(cursor) = slice.beside.filter(|_| !slice.ascends) {
            same.push_str(&format!(" AND t.occurred_at <= {}", binds.push(cursor.at)));
        }
        searched(
            &format!("unnest({kinds}::text[], {ids}::text[])"),
            &same,
            "ORDER BY t.occurred_at DESC, t.id DESC",
            enough,
        )
        .replace("k(id)", "k(kind, id)")
    } else {
        return Ok(None);
    };
    Ok(Some(format!("{text} LIMIT {enough}")))
}

/// When the changes of a transaction `t` were captured. The time of its commit is a later look at the
/// same clock, which may have been set back by a little.
const TIMES: &str = "t.occurred_at AS since, \
                     coalesce(t.committed_at + interval '24:00:00', 'infinity') AS until";

/// Transactions by an index of theirs. Each key is searched by itself and in the order of its index: the
/// planner takes an actor for one with few transactions, and would fetch and sort all of them to find the
/// newest, unless the limit is one that it cannot see. Without an order it has to see it: otherwise it
/// expects to be done after a tenth, and may scan a month for that.
fn searched(keys: &str, same: &str, order: &str, enough: u32) -> String {
    let limit =
        if order.is_empty() { enough.to_string() } else { format!("(SELECT {enough}::bigint)") };
    format!(
        "SELECT f.* FROM {keys} k(id) CROSS JOIN LATERAL (
            SELECT t.id, {TIMES} FROM {} WHERE {same} {order} LIMIT {limit}) f",
        relation::every_transaction(),
    )
}

/// Transactions by an index of their actions; `same` may end in an order.
fn acted(
    source: &impl TrailSource,
    keys: &str,
    same: &str,
    enough: u32,
    binds: &mut Binds,
) -> Result<String, Error> {
    Ok(format!(
        "SELECT f.* FROM unnest({keys}::text[]) k(id) CROSS JOIN LATERAL (
            SELECT t.id, {TIMES} FROM (
                SELECT a.transaction_id, a.recorded_at FROM {}
                WHERE a.transaction_id IS NOT NULL AND {same} LIMIT {enough}) a
            CROSS JOIN LATERAL {}) f",
        relation::actions(source, binds)?,
        relation::transaction_near("a.transaction_id", "a.recorded_at"),
    ))
}

fn correlated(
    source: &impl TrailSource,
    filter: &Filter,
    enough: u32,
    binds: &mut Binds,
) -> Result<String, Error> {
    let ids = binds.push(filter.correlations.wanted().to_vec());
    let acted = acted(source, &ids, "a.correlation_id = k.id", enough, binds)?;
    if !filter.capture_only {
        return Ok(acted);
    }
    let context =
        searched(&format!("unnest({ids}::text[])"), "t.correlation_id = k.id", "", enough);
    Ok(format!("({acted}) UNION ALL ({context})"))
}

/// The types and ids of the wanted actors, if all have both: others are not found by the index alone.
fn actors(filter: &Filter) -> Option<(Vec<String>, Vec<String>)> {
    let wanted = filter.actors.wanted();
    if wanted.is_empty() {
        return None;
    }
    let named = wanted.iter().map(|actor| match actor {
        ActorTerm::Is(actor) => {
            Some((actor.actor_type().as_str().to_owned(), actor.id()?.to_owned()))
        }
        _ => None,
    });
    named.collect::<Option<Vec<_>>>().map(|named| named.into_iter().unzip())
}
