//! Names of tables and columns that PostgreSQL can hold.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Error;

/// The longest name PostgreSQL keeps; it cuts longer ones without an error.
const LONGEST: usize = 63;

/// The schema of a table that names none.
const DEFAULT_SCHEMA: &str = "public";

/// The name of a table, always with its schema.
///
/// ```
/// use threadline::TableName;
///
/// let invoices = TableName::parse("billing.invoices")?;
/// assert_eq!((invoices.schema(), invoices.name()), ("billing", "invoices"));
/// assert_eq!(TableName::parse("posts")?.to_string(), "public.posts");
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct TableName {
    schema: String,
    name: String,
}

impl TableName {
    /// The table `name` in the schema `schema`, both exactly as PostgreSQL holds them: case counts,
    /// and a dot or a quote is a character like any other.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] unless both have 1 to 63 bytes and no NUL.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Result<Self, Error> {
        let (schema, name) = (checked("schema", schema.into())?, checked("table", name.into())?);
        Ok(Self { schema, name })
    }

    /// The table that `text` names: `billing.invoices`, or `posts` for `public.posts`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] as for [`new`](Self::new), and if `text` has more than one dot: such a
    /// name has to be given in two parts.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text.split_once('.') {
            None => Self::new(DEFAULT_SCHEMA, text),
            Some((schema, name)) if !name.contains('.') => Self::new(schema, name),
            Some(_) => Err(Error::InvalidName {
                what: "table",
                name: text.to_owned(),
                reason: "it has more than one dot; give the schema and the table as two names, \
                         with `TableName::new`",
            }),
        }
    }

    /// The schema.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// The table's own name, without the schema.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

/// What is stored of a table name; only valid names come back from it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    schema: String,
    name: String,
}

impl TryFrom<Parts> for TableName {
    type Error = Error;

    fn try_from(parts: Parts) -> Result<Self, Error> {
        Self::new(parts.schema, parts.name)
    }
}

/// The name of a column.
///
/// ```
/// use threadline::ColumnName;
///
/// assert_eq!(ColumnName::new("password_hash")?.as_str(), "password_hash");
/// assert!(ColumnName::new("").is_err());
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ColumnName(String);

impl ColumnName {
    /// The column `name`, exactly as PostgreSQL holds it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidName`] unless it has 1 to 63 bytes and no NUL.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        checked("column", name.into()).map(Self)
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for ColumnName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ColumnName {
    type Error = Error;

    fn try_from(name: String) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl From<ColumnName> for String {
    fn from(name: ColumnName) -> Self {
        name.0
    }
}

fn checked(what: &'static str, name: String) -> Result<String, Error> {
    let reason = match name.len() {
        0 => "it is empty",
        1..=LONGEST if name.contains('\0') => "it contains a NUL character; remove it",
        1..=LONGEST => return Ok(name),
        _ => "it is longer than the 63 bytes PostgreSQL keeps of a name; shorten it",
    };
    Err(Error::InvalidName { what, name, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_bytes() {
        assert!(ColumnName::new("a".repeat(63)).is_ok());
        assert!(ColumnName::new("a".repeat(64)).is_err());
        assert!(ColumnName::new("ä".repeat(32)).is_err());
    }

    #[test]
    fn no_part_may_be_empty_or_hold_a_nul() {
        for (schema, name) in [("", "posts"), ("public", ""), ("pub\0lic", "posts")] {
            assert!(TableName::new(schema, name).is_err(), "{schema:?} {name:?}");
        }
        assert!(TableName::parse("public.").is_err());
        assert!(TableName::parse(".posts").is_err());
    }

    #[test]
    fn a_name_with_a_dot_is_given_in_two_parts() {
        let error = TableName::parse("a.b.c").unwrap_err().to_string();
        assert!(error.contains("`TableName::new`"), "{error}");
        assert_eq!(TableName::new("a", "b.c").unwrap().name(), "b.c");
    }

    #[test]
    fn a_stored_name_is_checked_when_it_is_read() {
        let table: TableName = serde_json::from_str(r#"{"schema":"a","name":"b"}"#).unwrap();
        assert_eq!(serde_json::to_string(&table).unwrap(), r#"{"schema":"a","name":"b"}"#);
        assert!(serde_json::from_str::<TableName>(r#"{"schema":"","name":"b"}"#).is_err());
        assert!(serde_json::from_str::<ColumnName>(r#""""#).is_err());
        assert_eq!(serde_json::to_string(&ColumnName::new("id").unwrap()).unwrap(), r#""id""#);
    }
}
