use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Change, Operation, Surrogate};

/// How much of the old values a [`ChangeDiff`] knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum BeforeValues {
    /// None: an insert or a truncate has none.
    None,
    /// Those of the changed columns.
    Sparse,
    /// The whole last row, of a delete.
    Full,
}

/// One column of a [`ChangeDiff`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldChange {
    /// The column.
    pub name: String,
    /// `"set"` for a column of an inserted row, in a document that tells those too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    /// Its old value; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    /// Its new value; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
    /// `"omitted"` if the column changed, but its old value was not stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior_state: Option<&'static str>,
    /// `"hashed"` or `"truncated"` if `before` is no value, but what is stored in place of one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before_is: Option<&'static str>,
    /// The same of `after`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after_is: Option<&'static str>,
}

impl FieldChange {
    /// Of a column with what it held on two occasions.
    pub(crate) fn between(name: &str, before: Option<Value>, after: Option<Value>) -> Self {
        Self {
            kind: None,
            name: name.to_owned(),
            prior_state: None,
            before_is: surrogate(&before),
            after_is: surrogate(&after),
            before,
            after,
        }
    }
}

/// A change as a document for people and machines: [`change_diff`] makes it.
///
/// Its JSON is stable: `schema_version` moves when a key changes its meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChangeDiff {
    /// The version of this document's form.
    pub schema_version: u32,
    /// How much is known of the old values.
    pub before_values: BeforeValues,
    /// `INSERT`, `UPDATE`, `DELETE`, `TRUNCATE` or `BASELINE`.
    pub op: String,
    /// The change's number.
    pub id: i64,
    /// The transaction it belongs to.
    pub transaction_id: i64,
    /// The action it belongs to.
    pub action_id: Option<i64>,
    /// The table's schema.
    pub table_schema: String,
    /// The table's name.
    pub table_name: String,
    /// The row's key by column; null for a truncate.
    pub row_pk: Option<Map<String, Value>>,
    /// When it was captured: ISO 8601 in UTC with microseconds.
    #[serde(serialize_with = "iso")]
    pub captured_at: DateTime<Utc>,
    /// The whole row afterwards; null for a delete and a truncate.
    pub data_after: Option<Map<String, Value>>,
    /// The whole row before; null unless it was deleted.
    pub data_before: Option<Map<String, Value>>,
    /// What an update changed, column by column, sorted; empty otherwise.
    pub field_changes: Vec<FieldChange>,
}

impl ChangeDiff {
    /// Tells the columns of an inserted row as field changes, too, sorted, each of the kind `"set"`. Every
    /// other change stays as it is.
    ///
    /// ```no_run
    /// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
    /// let entry = threadline::audit_change(&db, 7).await?;
    /// for field in threadline::change_diff(&entry.change).expand_insert_fields().field_changes {
    ///     println!("{}: {:?}", field.name, field.after);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn expand_insert_fields(mut self) -> Self {
        if self.op != "INSERT" {
            return self;
        }
        let mut fields: Vec<FieldChange> = self
            .data_after
            .iter()
            .flatten()
            .map(|(name, after)| FieldChange {
                kind: Some("set"),
                ..FieldChange::between(name, None, Some(after.clone()))
            })
            .collect();
        fields.sort_by(|a, b| a.name.cmp(&b.name));
        self.field_changes = fields;
        self
    }
}

/// Tells a change column by column.
///
/// An update names each changed column with its old and new value. A column that is masked shows its
/// placeholder, and one that is excluded does not appear, as in everything that is stored; where a hash
/// or the size of a value is stored in its place, the field says so. An insert
/// has its row in `data_after`, a delete in `data_before`, and neither has field changes.
pub fn change_diff(change: &Change) -> ChangeDiff {
    let is_delete = change.op == Operation::Delete;
    ChangeDiff {
        schema_version: 1,
        before_values: match change.op {
            Operation::Update => BeforeValues::Sparse,
            Operation::Delete => BeforeValues::Full,
            _ => BeforeValues::None,
        },
        op: change.op.as_str().to_uppercase(),
        id: change.id,
        transaction_id: change.transaction_id,
        action_id: change.action_id,
        table_schema: change.table.schema().to_owned(),
        table_name: change.table.name().to_owned(),
        row_pk: change.row_pk.clone(),
        captured_at: change.captured_at,
        data_after: change.data_after.clone(),
        data_before: if is_delete { change.changed_from.clone() } else { None },
        field_changes: field_changes(change),
    }
}

fn field_changes(change: &Change) -> Vec<FieldChange> {
    let value = |row: &Option<Map<String, Value>>, name: &str| {
        row.as_ref().and_then(|row| row.get(name)).cloned()
    };
    let mut fields: Vec<FieldChange> = change
        .changed_fields
        .iter()
        .map(|name| {
            let before = value(&change.changed_from, name);
            let after = value(&change.data_after, name);
            FieldChange {
                kind: None,
                prior_state: before.is_none().then_some("omitted"),
                before_is: surrogate(&before),
                after_is: surrogate(&after),
                before,
                after,
                name: name.clone(),
            }
        })
        .collect();
    fields.sort_by(|a, b| a.name.cmp(&b.name));
    fields
}

fn surrogate(stored: &Option<Value>) -> Option<&'static str> {
    Some(Surrogate::of(stored.as_ref()?)?.as_str())
}

fn iso<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Micros, true))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::TableName;

    fn object(value: Value) -> Option<Map<String, Value>> {
        value.as_object().cloned()
    }

    fn change(op: Operation) -> Change {
        Change {
            id: 9,
            transaction_id: 3,
            action_id: None,
            table: TableName::new("public", "posts").expect("a plain name"),
            row_pk: object(json!({"id": 1})),
            op,
            data_after: object(json!({"id": 1, "title": "new", "body": null})),
            changed_fields: Vec::new(),
            changed_from: None,
            captured_at: DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap_or_default(),
        }
    }

    #[test]
    fn an_update_tells_each_changed_column_sorted() {
        let mut update = change(Operation::Update);
        update.changed_fields = vec!["title".to_owned(), "body".to_owned(), "gone".to_owned()];
        update.changed_from = object(json!({"title": "old", "body": "text"}));
        let diff = serde_json::to_value(change_diff(&update)).expect("serializes");
        assert_eq!(
            diff["field_changes"],
            json!([
                {"name": "body", "before": "text", "after": null},
                {"name": "gone", "prior_state": "omitted"},
                {"name": "title", "before": "old", "after": "new"},
            ])
        );
        assert_eq!(diff["op"], "UPDATE");
        assert_eq!(diff["before_values"], "sparse");
        assert_eq!(diff["captured_at"], "2023-11-14T22:13:20.123456Z");
    }

    #[test]
    fn what_stands_in_place_of_a_value_is_told_from_one() {
        let (hash, truncated) = (
            json!(format!("hmac:{}", "0".repeat(64))),
            json!({"$truncated": {"bytes": 9, "sha256": "ab"}}),
        );
        let mut update = change(Operation::Update);
        update.changed_fields = vec!["body".to_owned(), "email".to_owned()];
        update.changed_from = object(json!({"email": hash, "body": "short"}));
        update.data_after = object(json!({"email": null, "body": truncated}));
        let diff = serde_json::to_value(change_diff(&update)).expect("serializes");
        assert_eq!(
            diff["field_changes"],
            json!([
                {"name": "body", "before": "short", "after": truncated, "after_is": "truncated"},
                {"name": "email", "before": hash, "after": null, "before_is": "hashed"},
            ])
        );
    }

    #[test]
    fn an_insert_tells_its_columns_if_it_is_asked_to() {
        let plain = change_diff(&change(Operation::Insert));
        assert!(plain.field_changes.is_empty());
        let diff = serde_json::to_value(plain.expand_insert_fields()).expect("serializes");
        assert_eq!(
            diff["field_changes"],
            json!([
                {"name": "body", "kind": "set", "after": null},
                {"name": "id", "kind": "set", "after": 1},
                {"name": "title", "kind": "set", "after": "new"},
            ])
        );
        let update = change_diff(&change(Operation::Update));
        assert_eq!(update.clone().expand_insert_fields(), update);
    }

    #[test]
    fn a_delete_has_its_last_row_before_and_none_after() {
        let mut delete = change(Operation::Delete);
        delete.changed_from = delete.data_after.take();
        let diff = change_diff(&delete);
        assert_eq!(diff.data_before, object(json!({"id": 1, "title": "new", "body": null})));
        assert_eq!(diff.data_after, None);
        assert!(diff.field_changes.is_empty());
    }
}
