use serde_json::Value;

use crate::ActorRef;
use crate::spec::TableName;

/// A condition on changes, of which a scope is made.
///
/// It is about everything that a change tells: a row that was moved from one tenant to another satisfies
/// the condition neither for the one nor for the other, because its change tells of both.
///
/// A transaction is seen by whoever sees one of its changes: who, when, from where and its outermost
/// action. Its other changes are not, nor the actions in which only those were made; and actions without
/// a change, as failed attempts, are seen without a scope only.
///
/// ```
/// use threadline::{Predicate, TableName};
///
/// // The tickets and replies of one organization, and the organization itself.
/// let of = |organization: i64| -> Result<Predicate, threadline::Error> {
///     Ok(Predicate::any([
///         Predicate::column("organization_id", organization),
///         Predicate::all([
///             Predicate::table(TableName::parse("organizations")?),
///             Predicate::key("id", organization),
///         ]),
///     ]))
/// };
/// let predicate = of(7)?;
/// # drop(predicate);
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a condition that nobody applies protects nothing"]
pub struct Predicate(pub(crate) Condition);

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    /// One of the values, both before and after the change.
    Column {
        name: String,
        values: Vec<Value>,
    },
    /// One of the values in the row's key.
    Key {
        name: String,
        values: Vec<Value>,
    },
    /// One of the values in the transaction's `meta`.
    Meta {
        key: String,
        values: Vec<Value>,
    },
    Actor(ActorRef),
    Table(TableName),
    Nothing,
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
}

/// There is no "not": what nobody thought of would be seen, as a row that lacks the column, or a table
/// that comes later.
impl Predicate {
    /// The row's column `name` held `value`, both before and after the change. A truncate, which tells no
    /// row, and a row without the column do not match.
    ///
    /// Values are compared as JSON: the number 7 is not the text `"7"`, and [`Value::Null`] is what a
    /// column holds that is null. A UUID and a date are texts, in the form in which PostgreSQL writes
    /// them. What is redacted was never stored, so a scope cannot be about it.
    pub fn column(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::column_in(name, [value])
    }

    /// The same with one of several values. Of none, nothing is seen: somebody who belongs to no
    /// organization sees what belongs to none.
    pub fn column_in<V: Into<Value>>(
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self(Condition::Column { name: name.into(), values })
    }

    /// The column `name` of the row's key has `value`: for the tenants themselves, whose key says who
    /// they are, and for keys that begin with the tenant. A truncate does not match.
    pub fn key(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::key_in(name, [value])
    }

    /// The same with one of several values; of none, nothing is seen.
    pub fn key_in<V: Into<Value>>(
        name: impl Into<String>,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self(Condition::Key { name: name.into(), values })
    }

    /// The transaction's `meta` has `value` under `key`, because the host put it into the
    /// [`AuditContext`](crate::AuditContext): for rows that do not say themselves whose they are. It
    /// is as true as what the application said, and a write without a context does not match.
    pub fn meta(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self(Condition::Meta { key: key.into(), values: vec![value.into()] })
    }

    /// The change is one of this actor's own.
    pub fn actor(actor: ActorRef) -> Self {
        Self(Condition::Actor(actor))
    }

    /// The change is one of this table, a truncate as well.
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
