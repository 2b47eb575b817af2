//! The key of a model as text, as it stands in addresses and on the command line.

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, Value};

use crate::{Error, RowKey};

pub(super) fn row_key<M: ModelTrait>(model: &M) -> Result<RowKey, Error> {
    let mut named = Vec::new();
    for key in <M::Entity as EntityTrait>::PrimaryKey::iter() {
        let column = key.into_column();
        let name = column.as_str().to_owned();
        let text = text(&model.get(column)).ok_or_else(|| {
            Error::InvalidKey(format!(
                "`{name}` is null, or of a type that has no text of its own here; name the row by \
                 `RowKey::named`, with each value as the trail's `row_pk` has it"
            ))
        })?;
        named.push((name, text));
    }
    if let [(_, text)] = named.as_slice() {
        return Ok(RowKey::scalar(text));
    }
    RowKey::named(named)
}

/// The types whose text is the same in Rust and in the trail's JSON.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Bool(value) => value.map(|value| value.to_string()),
        Value::TinyInt(value) => value.map(|value| value.to_string()),
        Value::SmallInt(value) => value.map(|value| value.to_string()),
        Value::Int(value) => value.map(|value| value.to_string()),
        Value::BigInt(value) => value.map(|value| value.to_string()),
        Value::SmallUnsigned(value) => value.map(|value| value.to_string()),
        Value::Unsigned(value) => value.map(|value| value.to_string()),
        Value::BigUnsigned(value) => value.map(|value| value.to_string()),
        Value::String(value) => value.clone(),
        Value::Char(value) => value.map(|value| value.to_string()),
        Value::Uuid(value) => value.map(|value| value.to_string()),
        Value::ChronoDate(value) => value.map(|value| value.format("%Y-%m-%d").to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_the_same_in_the_trail_has_a_text() {
        assert_eq!(text(&7_i64.into()).as_deref(), Some("7"));
        assert_eq!(text(&"a/b".into()).as_deref(), Some("a/b"));
        assert_eq!(text(&Value::Int(None)), None);
        assert_eq!(text(&1.5_f64.into()), None);
    }
}
