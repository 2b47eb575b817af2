//! A policy that does not go with the table's key and types.

use threadline::{ColumnName, Redaction, TableSpec};

use crate::shape::{CatalogColumn, FIRST_USER_OID};

const JSON: [u32; 2] = [114, 3802];

/// Why `spec` cannot be the policy of a table with these columns and this key; none if it can.
pub(crate) fn policy(
    spec: &TableSpec,
    columns: &[CatalogColumn],
    key: &[ColumnName],
) -> Option<String> {
    if let Some(column) = key.iter().find(|column| spec.redactions().contains_key(*column)) {
        return Some(format!(
            "its key column `{column}` is redacted, so no change could be tied to its row"
        ));
    }
    if let Some(column) = key.iter().find(|column| spec.limits().contains_key(*column)) {
        return Some(format!(
            "its key column `{column}` is limited by `max_bytes`, so a change of a row with a long \
             key could not be tied to it"
        ));
    }
    // A type that was made here may be a domain over json; if not, its values are masked wholly.
    let is_no_json = |column: &&CatalogColumn| {
        column.type_oid < FIRST_USER_OID && !JSON.contains(&column.type_oid)
    };
    let in_parts = |column: &&CatalogColumn| {
        matches!(spec.redactions().get(&column.name), Some(Redaction::MaskJson { .. }))
    };
    columns.iter().filter(in_parts).find(is_no_json).map(|column| {
        format!(
            "`{}` is to be masked at paths of its document, but it is neither json nor jsonb; mask it \
             wholly, or change its type",
            column.name
        )
    })
}
