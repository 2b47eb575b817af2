//! What is known of a table's columns besides the values of a row.

use threadline::AuditedTable;

use crate::pages::shapes::facts;

/// Columns that the row has not and the table has, and the other way round, by name.
pub(super) fn drifted(
    table: &AuditedTable,
    image: &serde_json::Map<String, serde_json::Value>,
) -> (Vec<String>, Vec<String>) {
    let is_excluded = |name: &str| {
        matches!(facts(Some(table), name, false).redaction, Some(threadline::Redaction::Exclude))
    };
    let known = table.columns.iter().map(|column| column.name.clone());
    let later = known.filter(|name| !image.contains_key(name) && !is_excluded(name)).collect();
    let is_gone = |name: &&String| table.columns.iter().all(|column| column.name != **name);
    let gone =
        if table.exists { image.keys().filter(is_gone).cloned().collect() } else { Vec::new() };
    (later, gone)
}
