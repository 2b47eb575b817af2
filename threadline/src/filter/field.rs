use std::fmt;

use super::text::{decoded, encoded, escaped, unescaped};
use crate::ColumnName;

/// What a column held, as text: `status:paid`. `null` is no value, and `\null` the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldIs {
    /// The column.
    pub column: ColumnName,
    /// Its value as text; `None` is null.
    pub value: Option<String>,
}

impl FieldIs {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (column, value) = text
            .split_once(':')
            .ok_or("write the column and its value, as in `status:paid` or `status:null`")?;
        let column = column_from(column)?;
        let (value, is_escaped) = unescaped(value);
        if value.contains('\0') {
            return Err("no value contains a NUL character".to_owned());
        }
        let value = (is_escaped || value != "null").then(|| value.to_owned());
        Ok(Self { column, value })
    }
}

impl fmt::Display for FieldIs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = match &self.value {
            Some(text) => escaped(text, text == "null"),
            None => "null".to_owned(),
        };
        write!(f, "{}:{value}", column_to(&self.column))
    }
}

/// A column's name, in which a colon is percent-encoded.
pub(super) fn column_from(text: &str) -> Result<ColumnName, String> {
    let name = decoded(text).ok_or("the name of the column is no text in UTF-8")?;
    ColumnName::new(name).map_err(|error| error.to_string())
}

pub(super) fn column_to(column: &ColumnName) -> String {
    encoded(column.as_str(), ":")
}
