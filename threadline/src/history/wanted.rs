//! Which versions of a row a reader wants.

use chrono::{DateTime, Utc};

use crate::query::relation;
use crate::query::sql::Binds;
use crate::spec::quote::Literal;
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
    /// The conditions on the change `c`: at least one.
    pub(super) fn conditions(&self, binds: &mut Binds) -> Vec<String> {
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
        all
    }

    /// The same for the same conditions, whenever and wherever it is made.
    pub(super) fn as_text(&self) -> String {
        let mut text = format!("{:?}..{:?}", self.from, self.until);
        for operation in &self.operations {
            text += &format!(" op={operation}");
        }
        for name in &self.changed {
            text += &format!(" changed={name:?}");
        }
        for actor in &self.actors {
            text += &format!(" by={}:{:?}", actor.actor_type(), actor.id());
        }
        text
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
        "EXISTS (SELECT FROM (SELECT 1) one {} {}
            WHERE CASE WHEN a.actor_type IS NULL THEN {} ELSE {} END)",
        relation::with_transaction(),
        relation::with_action(),
        is_one_of("t", binds),
        is_one_of("a", binds),
    )
}
