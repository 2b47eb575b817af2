use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};

use super::{Column, Csv, Exported, Json, Ndjson, Row};
use crate::Error;

/// The version of what an export tells: it moves when a column or a key changes its meaning, and not
/// when one is added.
pub const FORMAT_VERSION: u32 = 1;

/// How the changes are written down.
///
/// A document is [`begin`](Self::begin), [`row`](Self::row) for each change and [`end`](Self::end), each
/// of which appends to what was written. An export that fails half way never calls `end`.
pub trait Format: Send {
    /// The media type, as `text/csv; charset=utf-8`.
    fn content_type(&self) -> &'static str;

    /// The usual extension of a file, as `csv`.
    fn extension(&self) -> &'static str;

    /// What comes before the first change.
    ///
    /// # Errors
    ///
    /// Whatever keeps the format from writing.
    fn begin(&mut self, head: &Head, out: &mut Vec<u8>) -> Result<(), Error>;

    /// One change.
    ///
    /// # Errors
    ///
    /// Whatever keeps the format from writing.
    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Error>;

    /// What comes after the last change.
    ///
    /// # Errors
    ///
    /// Whatever keeps the format from writing.
    fn end(&mut self, exported: &Exported, out: &mut Vec<u8>) -> Result<(), Error>;
}

impl Format for Box<dyn Format> {
    fn content_type(&self) -> &'static str {
        (**self).content_type()
    }

    fn extension(&self) -> &'static str {
        (**self).extension()
    }

    fn begin(&mut self, head: &Head, out: &mut Vec<u8>) -> Result<(), Error> {
        (**self).begin(head, out)
    }

    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        (**self).row(row, out)
    }

    fn end(&mut self, exported: &Exported, out: &mut Vec<u8>) -> Result<(), Error> {
        (**self).end(exported, out)
    }
}

/// What is known of an export before its first change.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Head {
    /// When it was begun, in UTC, by the clock of the database: what was committed before is in it.
    pub generated_at: DateTime<Utc>,
    /// The filter, in its canonical text.
    pub filter: String,
    /// The columns, in order.
    pub columns: &'static [Column],
}

/// A format by its name, as a command line or a URL has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FormatName {
    /// [`Csv`].
    Csv,
    /// [`Json`].
    Json,
    /// [`Ndjson`].
    Ndjson,
    /// [`Parquet`](super::Parquet).
    #[cfg(feature = "parquet")]
    Parquet,
}

impl FormatName {
    /// Every format of this build.
    pub const ALL: &'static [Self] = &[
        Self::Csv,
        Self::Json,
        Self::Ndjson,
        #[cfg(feature = "parquet")]
        Self::Parquet,
    ];

    /// `csv`, `json`, `ndjson` or `parquet`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            #[cfg(feature = "parquet")]
            Self::Parquet => "parquet",
        }
    }

    /// The format, as it is unless told otherwise.
    ///
    /// ```
    /// use threadline::export::{Format, FormatName};
    ///
    /// let name: FormatName = "ndjson".parse()?;
    /// assert_eq!(name.format().content_type(), "application/x-ndjson");
    /// assert!("xls".parse::<FormatName>().is_err());
    /// # Ok::<(), threadline::Error>(())
    /// ```
    pub fn format(self) -> Box<dyn Format> {
        match self {
            Self::Csv => Box::new(Csv::new()),
            Self::Json => Box::new(Json::new()),
            Self::Ndjson => Box::new(Ndjson::new()),
            #[cfg(feature = "parquet")]
            Self::Parquet => Box::new(super::Parquet::new()),
        }
    }
}

impl fmt::Display for FormatName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for FormatName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::ALL.iter().copied().find(|known| known.as_str() == name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|known| known.as_str()).collect();
            Error::Export(format!(
                "`{name}` is no format; known are {}{}",
                known.join(", "),
                if cfg!(feature = "parquet") {
                    ""
                } else {
                    " (and parquet, with the feature `parquet`)"
                }
            ))
        })
    }
}
