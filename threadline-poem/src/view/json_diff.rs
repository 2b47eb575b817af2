//! What differs between two documents, by path.

use std::collections::HashSet;
use std::fmt;

use serde_json::{Map, Value};

/// Deeper than this, two values are compared as a whole.
const MAX_DEPTH: usize = 64;

/// One step of the way to a place in a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    Key(String),
    Index(usize),
    /// The item of an array that has this `id`.
    Item(Value),
}

/// What happened to one place of a document.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fate {
    /// There was nothing. An item of an array is now at this position.
    Added {
        now: Value,
        at: usize,
    },
    Removed {
        was: Value,
    },
    Replaced {
        was: Value,
        now: Value,
    },
    /// The items of an array are the same, in another order: their ids, as they were and as they are.
    Moved {
        was: Vec<Value>,
        now: Vec<Value>,
    },
}

/// One place at which two documents differ.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Leaf {
    pub(crate) path: Vec<Step>,
    pub(crate) fate: Fate,
}

impl Leaf {
    /// The place as a text: `address.city`, `lines[id=7].price`, `tags[0]`.
    pub(crate) fn path(&self) -> String {
        self.path
            .iter()
            .enumerate()
            .map(|(position, step)| match step {
                Step::Key(key) if position == 0 => key.clone(),
                step => step.to_string(),
            })
            .collect()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, ".{key}"),
            Self::Index(index) => write!(f, "[{index}]"),
            Self::Item(id) => write!(f, "[id={id}]"),
        }
    }
}

/// Where `after` differs from `before`: objects are compared by key; arrays by the `id` of their items,
/// where each has one of its own, else by position. Two equal documents have no leaf.
pub(crate) fn json_diff(before: &Value, after: &Value) -> Vec<Leaf> {
    let mut walk = Walk { path: Vec::new(), leaves: Vec::new() };
    walk.values(before, after);
    walk.leaves
}

struct Walk {
    path: Vec<Step>,
    leaves: Vec<Leaf>,
}

impl Walk {
    fn values(&mut self, before: &Value, after: &Value) {
        match (before, after) {
            _ if self.path.len() == MAX_DEPTH => self.whole(before, after),
            (Value::Object(before), Value::Object(after)) => self.objects(before, after),
            (Value::Array(before), Value::Array(after)) => match (ids(before), ids(after)) {
                (Some(was), Some(now)) => self.items((before, &was), (after, &now)),
                _ => self.positions(before, after),
            },
            _ => self.whole(before, after),
        }
    }

    fn whole(&mut self, before: &Value, after: &Value) {
        if before != after {
            self.leaf(Fate::Replaced { was: before.clone(), now: after.clone() });
        }
    }

    fn objects(&mut self, before: &Map<String, Value>, after: &Map<String, Value>) {
        for (key, was) in before {
            self.at(Step::Key(key.clone()), |walk| match after.get(key) {
                Some(now) => walk.values(was, now),
                None => walk.leaf(Fate::Removed { was: was.clone() }),
            });
        }
        for (key, now) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
            let added = Fate::Added { now: now.clone(), at: 0 };
            self.at(Step::Key(key.clone()), |walk| walk.leaf(added));
        }
    }

    fn positions(&mut self, before: &[Value], after: &[Value]) {
        for (index, (was, now)) in before.iter().zip(after).enumerate() {
            self.at(Step::Index(index), |walk| walk.values(was, now));
        }
        // From the end, so that each position is still the one it was.
        for (index, was) in before.iter().enumerate().skip(after.len()).rev() {
            let removed = Fate::Removed { was: was.clone() };
            self.at(Step::Index(index), |walk| walk.leaf(removed));
        }
        for (at, now) in after.iter().enumerate().skip(before.len()) {
            let added = Fate::Added { now: now.clone(), at };
            self.at(Step::Index(at), |walk| walk.leaf(added));
        }
    }

    fn items(&mut self, before: (&[Value], &[Value]), after: (&[Value], &[Value])) {
        let ((before, was_ids), (after, now_ids)) = (before, after);
        for (was, id) in before.iter().zip(was_ids) {
            let now = now_ids.iter().position(|other| other == id).map(|at| &after[at]);
            self.at(Step::Item(id.clone()), |walk| match now {
                Some(now) => walk.values(was, now),
                None => walk.leaf(Fate::Removed { was: was.clone() }),
            });
        }
        for (at, (now, id)) in after.iter().zip(now_ids).enumerate() {
            if !was_ids.contains(id) {
                let added = Fate::Added { now: now.clone(), at };
                self.at(Step::Item(id.clone()), |walk| walk.leaf(added));
            }
        }
        let kept = |ids: &[Value], others: &[Value]| -> Vec<Value> {
            ids.iter().filter(|id| others.contains(id)).cloned().collect()
        };
        let (was, now) = (kept(was_ids, now_ids), kept(now_ids, was_ids));
        if was != now {
            self.leaf(Fate::Moved { was, now: now_ids.to_vec() });
        }
    }

    fn at(&mut self, step: Step, visit: impl FnOnce(&mut Self)) {
        self.path.push(step);
        visit(self);
        self.path.pop();
    }

    fn leaf(&mut self, fate: Fate) {
        self.leaves.push(Leaf { path: self.path.clone(), fate });
    }
}

/// The ids of an array's items, if each is an object with an `id` of its own. An array that is too long to
/// be compared with another item by item is compared by position.
fn ids(items: &[Value]) -> Option<Vec<Value>> {
    const LONGEST: usize = 1_000;
    if items.is_empty() || items.len() > LONGEST {
        return None;
    }
    let ids: Option<Vec<Value>> = items.iter().map(|item| item.get("id").cloned()).collect();
    let ids = ids.filter(|ids| ids.iter().all(|id| id.is_string() || id.is_number()))?;
    let distinct: HashSet<String> = ids.iter().map(Value::to_string).collect();
    (distinct.len() == ids.len()).then_some(ids)
}

#[cfg(test)]
mod tests;
