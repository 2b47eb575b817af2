//! The key of a row, of which only the table knows the types.

use serde_json::Value;
use serde_json::value::RawValue;

use super::sql::Binds;
use crate::trail::TRAIL;
use crate::{ColumnName, RowKey, TableName};

/// The keys that a text may stand for, for a table that is known by its name only: as JSON, an object if the
/// columns are named, else the value of the only one.
pub(super) fn readings_of(row: &RowKey) -> Vec<String> {
    match row {
        RowKey::Scalar(text) => readings(text),
        RowKey::Named(columns) => objects(columns),
    }
}

/// The keys as rows `k(key)`, each in every way in which the trail may have it: `42` is a number where
/// the key is one, and a text where it is a text.
pub(super) fn keys(table: &TableName, rows: &[RowKey], binds: &mut Binds) -> String {
    let mut all: Vec<String> = Vec::new();
    for row in rows {
        match row {
            RowKey::Scalar(text) => {
                let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
                all.extend(readings(text).into_iter().map(|value| {
                    format!(
                        "(SELECT jsonb_build_object(h.key_columns[1], {})
                        FROM {TRAIL}.audited_tables h WHERE h.table_schema = {schema}
                            AND h.table_name = {name} AND cardinality(h.key_columns) = 1)",
                        json(value, binds)
                    )
                }));
            }
            RowKey::Named(columns) => {
                all.extend(objects(columns).into_iter().map(|object| json(object, binds)));
            }
        }
    }
    format!("unnest(ARRAY[{}]) k(key)", all.join(", "))
}

/// The key as an object, in every way in which its values may be told.
fn objects(columns: &[(ColumnName, String)]) -> Vec<String> {
    let mut objects = vec![String::new()];
    for (column, text) in columns {
        let readings = readings(text);
        let comma = if objects[0].is_empty() { "" } else { "," };
        let name = &Value::from(column.as_str());
        objects = objects
            .iter()
            .flat_map(|object| {
                readings.iter().map(move |value| format!("{object}{comma}{name}:{value}"))
            })
            .collect();
    }
    objects.into_iter().map(|pairs| format!("{{{pairs}}}")).collect()
}

/// What a key's text may stand for, as JSON. A number stays as it is written: it may be one that no
/// number of Rust holds.
fn readings(text: &str) -> Vec<String> {
    let mut all = vec![Value::from(text).to_string()];
    let is_number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    if (is_number || ["true", "false"].contains(&text))
        && serde_json::from_str::<&RawValue>(text).is_ok_and(|raw| raw.get() == text)
    {
        all.push(text.to_owned());
    }
    all
}

fn json(text: String, binds: &mut Binds) -> String {
    format!("{}::text::jsonb", binds.push(text))
}

/// That a change `c` is one of the row of `table` with the key `k.key`, in the order of the index if
/// [`FIRST_BY`] stands first in it.
///
/// The planner takes every row for one with few versions, and would fetch and sort all of them, of one
/// that has a hundred thousand, too. A range of hashes, though it is of one hash, and a comparison that
/// tells nothing of how many it leaves make it read the index in order and stop.
pub(super) fn same(table: &TableName, binds: &mut Binds) -> String {
    let (schema, name) = (binds.push(table.schema()), binds.push(table.name()));
    let hash =
        format!("jsonb_hash_extended(k.key, hashtextextended({schema} || '.' || {name}, 0))");
    format!(
        "c.row_hash >= {hash} AND c.row_hash <= {hash} AND CASE WHEN c.row_pk = k.key
            AND c.table_schema = {schema} AND c.table_name = {name} THEN true ELSE false END"
    )
}

/// See [`same`].
pub(super) const FIRST_BY: &str = "c.row_hash";
