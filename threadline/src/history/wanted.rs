//! Which versions of a row a reader wants.

use chrono::{DateTime, Utc};

use crate::query::sql::Binds;
use crate::spec::quote::Literal;
use crate::trail::TRAIL;
use crate::{ActorRef, Operation};

/// Which versions of a row a reader wants: of each kind of condition at least one must hold, and every
/// kind must.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) until: Option<DateTime<Utc>>,
    pub(super) operations: Vec<Operation>,
    pub(super) changed: Vec<String>,
    pub(super) actors: Vec<ActorRef>,
}

impl Wanted {
    /// The condition on the change `c`.
    pub(super) fn condition(&self, binds: &mut Binds) -> String {
        let mut all = vec!["true".to_owned()];
        if let Some(from) = self.from {
            all.push(format!("c.captured_at >= {}", binds.push(from)));
        }
        if let Some(until) = self.until {
            all.push(format!("c.captured_at <= {}", binds.push(until)));
        }
        if !self.operations.is_empty() {
            let words = self.operations.iter().map(|op| Literal(op.as_str()).to_string());
            all.push(format!("c.op IN ({})", words.collect::<Vec<_>>().join(", ")));
        }
        if !self.changed.is_empty() {
            let names = binds.push(self.changed.clone());
            all.push(format!("c.op = 'update' AND c.changed_fields && {names}::text[]"));
        }
        if !self.actors.is_empty() {
            all.push(by(&self.actors, binds));
        }
        all.join(" AND ")
    }
}

/// Whoever made the change: the actor of its action, else of its transaction.
fn by(actors: &[ActorRef], binds: &mut Binds) -> String {
    let is_one_of = |alias: &str, binds: &mut Binds| {
        let one = |actor: &ActorRef, binds: &mut Binds| {
            let kind = binds.push(actor.actor_type().as_str());
            match actor.id() {
                Some(id) => format!(
                    "({alias}.actor_type = {kind} AND {alias}.actor_id = {})",
                    binds.push(id)
                ),
                None => format!("({alias}.actor_type = {kind} AND {alias}.actor_id IS NULL)"),
            }
        };
        actors.iter().map(|actor| one(actor, binds)).collect::<Vec<_>>().join(" OR ")
    };
    format!(
        "EXISTS (SELECT FROM {TRAIL}.audit_transactions s
            LEFT JOIN {TRAIL}.audit_actions d ON d.id = c.action_id
            WHERE s.id = c.transaction_id AND s.occurred_at <= c.captured_at
              AND CASE WHEN d.actor_type IS NULL THEN {} ELSE {} END)",
        is_one_of("s", binds),
        is_one_of("d", binds),
    )
}
