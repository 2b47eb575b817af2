//! The tables of the trail as a reader may see them: the one place where a scope is applied.
//!
//! A query names a table of the trail only by what these functions give, so that none can forget the
//! scope.

use serde_json::Value;

use super::sql::Binds;
use crate::scope::{Condition, Predicate};
use crate::trail::TRAIL;
use crate::{ActorRef, Error, TrailSource};

/// The changes, as `c`.
pub(crate) fn changes(source: &impl TrailSource, binds: &mut Binds) -> Result<String, Error> {
    Ok(match source.scope() {
        None => every_change(),
        Some(scope) => {
            format!("(SELECT c.* FROM {TRAIL}.audit_changes c WHERE {}) c", told(scope, binds)?)
        }
    })
}

/// The transactions, as `t`: in a scope, those with a change that may be seen.
pub(crate) fn transactions(source: &impl TrailSource, binds: &mut Binds) -> Result<String, Error> {
    Ok(match source.scope() {
        None => every_transaction(),
        Some(scope) => format!(
            "(SELECT t.* FROM {TRAIL}.audit_transactions t WHERE EXISTS (
                SELECT FROM {TRAIL}.audit_changes c
                WHERE c.transaction_id = t.id AND c.captured_at >= t.occurred_at AND {})) t",
            told(scope, binds)?
        ),
    })
}

/// Whether the reader may see the change that is known as `alias`, which must not be `c`.
pub(crate) fn may_see(
    source: &impl TrailSource,
    binds: &mut Binds,
    alias: &str,
) -> Result<String, Error> {
    debug_assert_ne!(alias, "c", "it would be compared with itself");
    if source.scope().is_none() {
        return Ok("true".to_owned());
    }
    let seen = changes(source, binds)?;
    Ok(format!(
        "EXISTS (SELECT FROM {seen} WHERE c.captured_at = {alias}.captured_at AND c.id = {alias}.id)"
    ))
}

/// The actions, as `a`: in a scope, those in which a change was made that may be seen, and the outermost
/// ones of the transactions of such changes. Another one tells of rows that nobody can check, so it is
/// seen without a scope only.
pub(crate) fn actions(source: &impl TrailSource, binds: &mut Binds) -> Result<String, Error> {
    Ok(match source.scope() {
        None => format!("{TRAIL}.audit_actions a"),
        Some(scope) => format!(
            "(SELECT a.* FROM {TRAIL}.audit_actions a WHERE EXISTS (
                SELECT FROM {TRAIL}.audit_changes c
                WHERE c.transaction_id = a.transaction_id
                    AND c.captured_at >= a.recorded_at - interval '24:00:00' AND {}
                    AND (c.action_id = a.id OR a.id = (SELECT t.action_id FROM {})))) a",
            told(scope, binds)?,
            transaction_near("c.transaction_id", "c.captured_at"),
        ),
    })
}

/// The changes as `c`, whoever reads: only to find a place among them, never to tell what lies there.
pub(crate) fn every_change() -> String {
    format!("{TRAIL}.audit_changes c")
}

/// The transactions as `t`, whoever reads: only to find out which changes to look at, never to tell.
pub(crate) fn every_transaction() -> String {
    format!("{TRAIL}.audit_transactions t")
}

/// The actions as `a`, for a text that somebody runs by themselves, with their own rights.
pub(super) fn every_action() -> String {
    format!("{TRAIL}.audit_actions a")
}

/// The one transaction of this number, as `t`: for a change or an action that may be seen, and `at` is
/// its time.
///
/// Nearly every transaction begins within a day of its changes. Saying so first keeps the search out of
/// the partitions of all other months; only what is not found there is looked for everywhere.
pub(crate) fn transaction_near(id: &str, at: &str) -> String {
    let by_id = format!("SELECT t.* FROM {TRAIL}.audit_transactions t WHERE t.id = {id}");
    format!(
        "({by_id} AND t.occurred_at > {at} - interval '24:00:00'
                AND t.occurred_at <= {at} + interval '24:00:00'
            UNION ALL {by_id}
            LIMIT 1) t"
    )
}

/// Joins its transaction, as `t`, to a change `c` that may be seen.
pub(crate) fn with_transaction() -> String {
    format!("LEFT JOIN LATERAL {} ON true", transaction_near("c.transaction_id", "c.captured_at"))
}

/// Joins its innermost action, as `a`, to a change `c` that may be seen.
pub(crate) fn with_action() -> String {
    with_action_of("c.action_id")
}

/// Joins the action of this number, as `a`: one of a change, or of an action, that may be seen. The limit
/// keeps the planner from reading all actions for the sake of a page.
pub(crate) fn with_action_of(id: &str) -> String {
    format!(
        "LEFT JOIN LATERAL (
            SELECT a.* FROM {TRAIL}.audit_actions a WHERE a.id = {id} LIMIT 1) a ON true"
    )
}

/// Joins its outermost action, as `a`, to a transaction `t` that may be seen.
pub(crate) fn with_outermost_action() -> String {
    with_action_of("t.action_id")
}

/// The scope as a condition on `c`.
fn told(scope: &Predicate, binds: &mut Binds) -> Result<String, Error> {
    Ok(match &scope.0 {
        // Of an update, the old value is told only if it was another one.
        Condition::Column { name, values } => {
            let name = bound(name, binds)?;
            let (after, before) =
                (format!("c.data_after -> {name}"), format!("c.changed_from -> {name}"));
            one_of(values, binds, |value| {
                format!(
                    "coalesce({after}, {before}) = {value} AND coalesce({before}, {after}) = {value}"
                )
            })?
        }
        Condition::Key { name, values } => {
            let name = bound(name, binds)?;
            one_of(values, binds, |value| format!("c.row_pk -> {name} = {value}"))?
        }
        Condition::Meta { key, values } => {
            let key = bound(key, binds)?;
            let said = one_of(values, binds, |value| format!("t.meta -> {key} = {value}"))?;
            of_transaction(&said)
        }
        Condition::Actor(actor) => of_transaction(&is_actor(actor, binds)),
        Condition::Table(table) => format!(
            "(c.table_schema = {} AND c.table_name = {})",
            binds.push(table.schema()),
            binds.push(table.name())
        ),
        Condition::Nothing => "false".to_owned(),
        Condition::All(of) => joined(of, " AND ", binds)?,
        Condition::Any(of) => joined(of, " OR ", binds)?,
    })
}

fn joined(of: &[Predicate], word: &str, binds: &mut Binds) -> Result<String, Error> {
    if of.is_empty() {
        return Err(Error::InvalidScope("its predicate is a list without a condition".to_owned()));
    }
    let parts: Result<Vec<String>, Error> = of.iter().map(|one| told(one, binds)).collect();
    Ok(format!("({})", parts?.join(word)))
}

/// What is said of the transaction of a change `c`.
fn of_transaction(said: &str) -> String {
    let transaction = transaction_near("c.transaction_id", "c.captured_at");
    format!("EXISTS (SELECT FROM {transaction} WHERE {said})")
}

/// Whether a transaction `t` is one of this actor.
pub(crate) fn is_actor(actor: &ActorRef, binds: &mut Binds) -> String {
    let kind = binds.push(actor.actor_type().as_str());
    match actor.id() {
        Some(id) => format!("t.actor_type = {kind} AND t.actor_id = {}", binds.push(id)),
        None => format!("t.actor_type = {kind} AND t.actor_id IS NULL"),
    }
}

fn one_of(
    values: &[Value],
    binds: &mut Binds,
    told: impl Fn(&str) -> String,
) -> Result<String, Error> {
    let mut any = vec!["false".to_owned()];
    for value in values {
        // As JSON, in which no other character stands for it.
        if value.to_string().contains("\\u0000") {
            return Err(no_such_text());
        }
        any.push(format!("({})", told(&binds.push(value.clone()))));
    }
    Ok(format!("({})", any.join(" OR ")))
}

fn bound(name: &str, binds: &mut Binds) -> Result<String, Error> {
    if name.contains('\0') {
        return Err(no_such_text());
    }
    Ok(binds.push(name))
}

/// The database would refuse the text, and might tell it in its error.
fn no_such_text() -> Error {
    Error::InvalidScope("it has a NUL character, which no text of PostgreSQL contains".to_owned())
}
