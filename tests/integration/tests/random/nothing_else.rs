//! The trail has the transactions that changed something, under their names, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use crate::journal::{Outcome, Unit};
use crate::trail::Trail;

/// Every contradiction between the trail and what the sessions know of their own transactions.
pub(crate) fn contradictions(trail: &Trail, units: &[Unit]) -> Vec<String> {
    let mut found = Vec::new();
    let with_changes: BTreeSet<i64> = trail.changes.iter().map(|c| c.transaction).collect();
    for id in with_changes.iter().filter(|id| !trail.transactions.contains_key(id)) {
        found.push(format!("changes of transaction {id}, which is not in the trail"));
    }
    let by_name: BTreeMap<&str, &Unit> = units.iter().map(|u| (u.name.as_str(), u)).collect();
    let mut recorded: BTreeMap<&str, usize> = BTreeMap::new();
    for transaction in trail.transactions.values() {
        let name = transaction.unit.as_deref().unwrap_or_default();
        let Some(unit) = by_name.get(name) else {
            found.push(format!("{transaction:?} is of nobody"));
            continue;
        };
        *recorded.entry(name).or_default() += 1;
        if unit.outcome != Outcome::Committed {
            found.push(format!("{transaction:?} was not committed: {unit:?}"));
        }
        if transaction.committed.is_none() {
            found.push(format!("{transaction:?} has no time of its commit: {unit:?}"));
        }
        if transaction.actor != unit.actor {
            found.push(format!("{transaction:?} is put down to another actor: {unit:?}"));
        }
        if !unit.is_audited && !with_changes.contains(&transaction.id) {
            found.push(format!("{transaction:?} has no change: {unit:?}"));
        }
    }
    for unit in units.iter().filter(|unit| unit.outcome == Outcome::Committed) {
        let times = recorded.get(unit.name.as_str()).copied().unwrap_or(0);
        let must_be = unit.is_audited || unit.has_written;
        if times > 1 || (must_be && times == 0) {
            found.push(format!("recorded {times} times: {unit:?}"));
        }
    }
    found
}
