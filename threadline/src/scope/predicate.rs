use serde_json::Value;

use crate::spec::TableName;

/// A condition on changes, of which a scope is made.
///
/// It is about everything that a change tells: a row that was moved from one tenant to another satisfies
/// the condition neither for the one nor for the other, because its change tells of both.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a condition that nobody applies protects nothing"]
pub struct Predicate(pub(crate) Condition);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Column { name: String, value: Value },
    Meta { key: String, value: Value },
    Table(TableName),
    Nothing,
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
}

impl Predicate {
    /// The row's column `name` held `value` (as JSON: a number, a text, a bool), both before and after
    /// the change. A truncate, which tells no row, and a row without the column do not match.
    pub fn column(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self(Condition::Column { name: name.into(), value: value.into() })
    }

    /// The transaction's `meta` has `value` under `key`.
    pub fn meta(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self(Condition::Meta { key: key.into(), value: value.into() })
    }

    /// The change is one of this table.
    pub fn table(table: TableName) -> Self {
        Self(Condition::Table(table))
    }

    /// No change: what a host says of somebody who may see nothing.
    pub fn nothing() -> Self {
        Self(Condition::Nothing)
    }

    /// Every one of these holds. Of none, it says nothing and is an error when something is read.
    pub fn all(of: impl IntoIterator<Item = Predicate>) -> Self {
        Self(Condition::All(of.into_iter().collect()))
    }

    /// At least one of these holds. Of none, it says nothing and is an error when something is read.
    pub fn any(of: impl IntoIterator<Item = Predicate>) -> Self {
        Self(Condition::Any(of.into_iter().collect()))
    }
}
