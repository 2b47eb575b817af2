//! What is known of a table's columns besides the values of a row.

use threadline::AuditedTable;

use crate::view::{Facts, Form};

/// How a column's values are to be shown: by what is deployed for it, and by its type.
pub(crate) fn facts<'t>(table: &'t AuditedTable, column: &str, is_hidden: bool) -> Facts<'t> {
    let Some(known) = table.columns.iter().find(|known| known.name == column) else {
        return Facts { is_hidden, ..Facts::default() };
    };
    let form = match known.data_type.as_deref() {
        Some(name) if name.starts_with("timestamp") && name.ends_with("with time zone") => {
            Form::Moment
        }
        Some("bytea") => Form::Binary,
        _ => Form::Plain,
    };
    Facts { redaction: known.redaction.as_ref(), form, is_hidden }
}

/// Columns that the row has not and the table has, and the other way round, by name.
pub(super) fn drifted(
    table: &AuditedTable,
    image: &serde_json::Map<String, serde_json::Value>,
) -> (Vec<String>, Vec<String>) {
    let is_excluded = |name: &str| {
        matches!(facts(table, name, false).redaction, Some(threadline::Redaction::Exclude))
    };
    let known = table.columns.iter().map(|column| column.name.clone());
    let later = known.filter(|name| !image.contains_key(name) && !is_excluded(name)).collect();
    let is_gone = |name: &&String| table.columns.iter().all(|column| column.name != **name);
    let gone =
        if table.exists { image.keys().filter(is_gone).cloned().collect() } else { Vec::new() };
    (later, gone)
}
