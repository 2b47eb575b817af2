//! The key of a changed row, as people write it and as addresses carry it.

use serde_json::Value;
use threadline::{Change, RowKey};

/// The key of the row that changed; `None` for a truncate, which is of no row, and for a key that cannot be
/// written.
pub(crate) fn key_of(change: &Change) -> Option<RowKey> {
    let key = change.row_pk.as_ref()?;
    let mut columns = key.iter().map(|(name, value)| (name.as_str(), text(value)));
    match (columns.next(), key.len()) {
        (Some((_, value)), 1) => Some(RowKey::scalar(value)),
        (Some(first), _) => RowKey::named(std::iter::once(first).chain(columns)).ok(),
        (None, _) => None,
    }
}

/// A value as PostgreSQL writes it as text, which is how keys are compared.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
