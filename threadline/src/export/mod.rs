//! The changes as a document that is handed over: CSV, JSON, NDJSON or Parquet.
//!
//! Every format has the same columns, documented in `docs/exports.md`, and the same bytes, whether it is
//! written or streamed. Redaction happened when a change was captured: what is masked, hashed or cut in
//! the trail is so in an export. A document is of one moment: what is committed while it is written is
//! not in it.
//!
//! ```no_run
//! use threadline::export::{Csv, Ndjson};
//! use threadline::{Export, Filter};
//! # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
//! // Into a file, or anything else that can be written to:
//! let mut file = std::fs::File::create("changes.csv").map_err(threadline::Error::Output)?;
//! let exported = Export::new(&Filter::new()).write(&db, Csv::new(), &mut file).await?;
//! println!("{} changes, there are more: {}", exported.returned_count, exported.truncated);
//!
//! // As a stream of bytes, for the body of a response or an upload:
//! let bytes = Export::new(&Filter::new()).unlimited().stream(&db, Ndjson::new()).await?;
//! # Ok(())
//! # }
//! ```

#[cfg(doctest)]
#[doc = include_str!("../../../docs/exports.md")]
mod guide {}

mod column;
mod csv;
mod format;
mod guard;
mod json;
mod line;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
mod row;
mod select;
mod sink;
mod stream;

pub use column::{Column, ColumnSet, Kind};
pub use csv::Csv;
pub use format::{FORMAT_VERSION, Format, FormatName, Head};
pub use json::{Json, Ndjson};
pub use options::{DEFAULT_MAX_ROWS, Export, Exported};
#[cfg(feature = "parquet")]
pub use parquet::Parquet;
pub use row::{Cell, Row};
pub use stream::ExportStream;
