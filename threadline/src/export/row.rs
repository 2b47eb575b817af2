use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{Column, Kind};
use crate::Error;

/// One change on its way into a document.
///
/// It is the text of a JSON object that the server wrote. A format of JSON copies it, another one takes
/// it apart; neither ever holds a number as anything but its digits.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    json: &'a str,
    columns: &'static [Column],
}

/// A value of a [`Row`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// Of [`Kind::Integer`].
    Integer(i64),
    /// Of [`Kind::Time`]: `2026-11-21T05:30:00.000001Z`.
    Time(Cow<'a, str>),
    /// Of [`Kind::Text`].
    Text(Cow<'a, str>),
    /// Of [`Kind::Json`]: the document's text.
    Json(&'a str),
}

impl<'a> Row<'a> {
    pub(super) fn new(json: &'a str, columns: &'static [Column]) -> Self {
        Self { json, columns }
    }

    /// The change as a JSON object of one line, with the columns as keys.
    pub fn json(&self) -> &'a str {
        self.json
    }

    /// The values, in the order of the columns.
    ///
    /// # Errors
    ///
    /// [`Error::Unreadable`] if the server wrote something else than was asked for.
    pub fn cells(&self) -> Result<Vec<Cell<'a>>, Error> {
        let unreadable = |why: String| Error::Unreadable(format!("a change to export: {why}"));
        let Raw(values) =
            serde_json::from_str(self.json).map_err(|error| unreadable(error.to_string()))?;
        if values.len() != self.columns.len() {
            return Err(unreadable(format!(
                "{} columns and {} values",
                self.columns.len(),
                values.len()
            )));
        }
        values
            .into_iter()
            .zip(self.columns)
            .map(|(value, column)| {
                cell(value.get(), column.kind)
                    .ok_or_else(|| unreadable(format!("`{}` is none", column.name)))
            })
            .collect()
    }
}

fn cell(json: &str, kind: Kind) -> Option<Cell<'_>> {
    if json == "null" {
        return Some(Cell::Null);
    }
    Some(match kind {
        Kind::Integer => Cell::Integer(json.parse().ok()?),
        Kind::Time => Cell::Time(text(json)?),
        Kind::Text => Cell::Text(text(json)?),
        Kind::Json => Cell::Json(json),
    })
}

fn text(json: &str) -> Option<Cow<'_, str>> {
    let inner = json.strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// The values of an object, in its order.
struct Raw<'a>(Vec<&'a RawValue>);

impl<'de: 'a, 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;
        impl<'de> Visitor<'de> for Values {
            type Value = Vec<&'de RawValue>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::with_capacity(32);
                while let Some((IgnoredAny, value)) = map.next_entry()? {
                    values.push(value);
                }
                Ok(values)
            }
        }
        deserializer.deserialize_map(Values).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::super::ColumnSet;
    use super::*;

    #[test]
    fn values_keep_every_digit_and_null_is_none() {
        let huge = "123456789012345678901234567890.10e0".to_owned() + &"0".repeat(3);
        let json = format!(
            r#"{{"id":9007199254740993,"transaction_id":2,"action_id":null,"table_schema":"a\"b\u0001","table_name":"é","op":"update","captured_at":"2026-11-21T05:30:00.000001Z","row_pk":{{"id": {huge}}},"data_after":null,"changed_fields":["a"],"changed_from":{}}}"#,
            "[".repeat(500) + &"]".repeat(500)
        );
        let cells = Row::new(&json, ColumnSet::Changes.columns()).cells().expect("readable");
        assert_eq!(cells[0], Cell::Integer(9_007_199_254_740_993));
        assert_eq!(cells[2], Cell::Null);
        assert_eq!(cells[3], Cell::Text("a\"b\u{1}".into()));
        assert_eq!(cells[7], Cell::Json(&format!(r#"{{"id": {huge}}}"#)));
        assert_eq!(cells[8], Cell::Null);
        assert!(matches!(cells[10], Cell::Json(text) if text.len() == 1000), "deeply nested");
    }

    #[test]
    fn a_row_of_another_shape_is_an_error() {
        let columns = ColumnSet::Changes.columns();
        let error = Row::new(r#"{"id":1}"#, columns).cells().expect_err("short");
        assert!(error.to_string().contains("11 columns and 1 values"), "{error}");
        assert!(Row::new("[]", columns).cells().is_err());
    }
}
