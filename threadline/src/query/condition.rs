//! A filter as a condition on changes `c` and transactions `t`.

use super::sql::Binds;
use crate::Filter;
use crate::filter::{ActorTerm, TimeBound};
use crate::trail::TRAIL;

/// The condition; the filter has been checked.
pub(crate) fn condition(filter: &Filter, binds: &mut Binds) -> String {
    let mut all = vec!["true".to_owned()];
    for table in filter.tables.wanted() {
        all.push(format!("c.table_schema = {}", binds.push(table.schema())));
        all.push(format!("c.table_name = {}", binds.push(table.name())));
    }
    for actor in filter.actors.wanted() {
        let ActorTerm::Is(actor) = actor else { continue };
        all.push(format!("t.actor_type = {}", binds.push(actor.actor_type().as_str())));
        all.push(match actor.id() {
            Some(id) => format!("t.actor_id = {}", binds.push(id)),
            None => "t.actor_id IS NULL".to_owned(),
        });
    }
    if let Some(TimeBound::At(from)) = filter.from {
        all.push(format!("c.captured_at >= {}", binds.push(from)));
    }
    if let Some(TimeBound::At(to)) = filter.to {
        all.push(format!("c.captured_at <= {}", binds.push(to)));
    }
    for id in filter.correlations.wanted() {
        all.push(correlated(&binds.push(id.as_str()), filter.capture_only));
    }
    all.join(" AND ")
}

fn correlated(place: &str, capture_only: bool) -> String {
    let actions = format!(
        "SELECT x.transaction_id FROM {TRAIL}.audit_actions x WHERE x.correlation_id = {place}"
    );
    let contexts =
        format!("SELECT x.id FROM {TRAIL}.audit_transactions x WHERE x.correlation_id = {place}");
    if capture_only {
        format!("c.transaction_id IN ({actions} UNION {contexts})")
    } else {
        format!("c.transaction_id IN ({actions})")
    }
}
