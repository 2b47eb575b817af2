use std::fmt;
use std::str::FromStr;

use super::text::{decoded, encoded};
use crate::{ColumnName, Error};

/// The key of a row as people write it: `42` where the key has one column, and
/// `order_id=7;line_no=3` where it has several, in any order. Which type a value has is known by the table
/// only, so it is text here.
///
/// In names and values `%`, `;` and `=` are written `%25`, `%3B` and `%3D`.
///
/// ```
/// use threadline::RowKey;
///
/// let key: RowKey = "order_id=7;line_no=3".parse()?;
/// assert_eq!(key, RowKey::named([("line_no", "3"), ("order_id", "7")])?);
/// assert_eq!(RowKey::scalar(42), "42".parse()?);
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowKey {
    /// The value of the key's only column.
    Scalar(String),
    /// Each column of the key with its value, sorted by name; at least one.
    Named(Vec<(ColumnName, String)>),
}

const SPECIAL: &str = ";=";

impl RowKey {
    /// The key with this value in its only column.
    pub fn scalar(value: impl ToString) -> Self {
        Self::Scalar(value.to_string())
    }

    /// The key with these values.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if there is no column, one is named twice, or a name is none.
    pub fn named<N: Into<String>, V: ToString>(
        columns: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, Error> {
        let mut named = Vec::new();
        for (name, value) in columns {
            named.push((ColumnName::new(name)?, value.to_string()));
        }
        named.sort();
        if named.is_empty() {
            return Err(Error::InvalidKey("it names no column".to_owned()));
        }
        if let Some(twice) = named.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(Error::InvalidKey(format!("it names the column `{}` twice", twice[0].0)));
        }
        Ok(Self::Named(named))
    }
}

impl FromStr for RowKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let plain = |part: &str| {
            let part = decoded(part).filter(|part| !part.contains('\0'));
            part.ok_or_else(|| Error::InvalidKey("it is no text in UTF-8".to_owned()))
        };
        if !text.contains('=') {
            if text.contains(';') {
                let why = "`;` stands between `column=value` pairs; write `%3B` for the character";
                return Err(Error::InvalidKey(why.to_owned()));
            }
            return Ok(Self::Scalar(plain(text)?));
        }
        let mut columns = Vec::new();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').ok_or_else(|| {
                Error::InvalidKey("each part must be `column=value`, joined by `;`".to_owned())
            })?;
            columns.push((plain(name)?, plain(value)?));
        }
        Self::named(columns)
    }
}

impl fmt::Display for RowKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(value) => f.write_str(&encoded(value, SPECIAL)),
            Self::Named(columns) => {
                for (position, (name, value)) in columns.iter().enumerate() {
                    let (name, value) = (encoded(name.as_str(), SPECIAL), encoded(value, SPECIAL));
                    write!(f, "{}{name}={value}", if position == 0 { "" } else { ";" })?;
                }
                Ok(())
            }
        }
    }
}
