use std::io::Write;

use futures_util::TryStreamExt;
use sea_orm::{StreamTrait, TransactionTrait};
use serde::Serialize;

use super::stream::open;
use super::{ColumnSet, ExportStream, Format};
use crate::{Error, Filter, TrailSource};

/// How many changes an export has at most, unless told otherwise.
pub const DEFAULT_MAX_ROWS: u64 = 10_000;

/// What to export: the changes that match a filter, in its order (the newest first, unless it says
/// otherwise), and at most 10 000 of them unless told otherwise.
///
/// The filter's own limit, which is one for pages, plays no part, and a cursor in it is an error.
#[derive(Clone, Debug)]
#[must_use = "nothing is exported until it is written or streamed"]
pub struct Export<'f> {
    pub(super) filter: &'f Filter,
    pub(super) columns: ColumnSet,
    pub(super) max_rows: Option<u64>,
}

impl<'f> Export<'f> {
    /// Everything that `filter` lets through.
    pub fn new(filter: &'f Filter) -> Self {
        Self { filter, columns: ColumnSet::default(), max_rows: Some(DEFAULT_MAX_ROWS) }
    }

    /// With these columns.
    pub fn columns(mut self, columns: ColumnSet) -> Self {
        self.columns = columns;
        self
    }

    /// At most so many changes; if there are more, [`Exported::truncated`] says so.
    pub fn max_rows(mut self, rows: u64) -> Self {
        self.max_rows = Some(rows);
        self
    }

    /// All changes, however many they are.
    pub fn unlimited(mut self) -> Self {
        self.max_rows = None;
        self
    }

    /// Begins the export, and gives the document as a stream of bytes.
    ///
    /// The stream owns what it needs, so it can become the body of a response. It holds one connection
    /// of the pool, with a transaction open, until it ends or is dropped; from a transaction it reads in
    /// a savepoint, and nothing else may use that transaction until then. It reads on as fast as it is
    /// read, so a reader that stalls keeps the transaction open: let the server bound that with
    /// `idle_in_transaction_session_timeout`.
    ///
    /// If something fails after it has begun, the stream ends with the error, and what came before is a
    /// document without an end.
    ///
    /// ```no_run
    /// # use threadline::{Error, Export, Filter, export::Json};
    /// use futures_util::TryStreamExt;
    /// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Error> {
    /// let mut document = Export::new(&Filter::new()).stream(&db, Json::new()).await?;
    /// while let Some(bytes) = document.try_next().await? {
    ///     println!("{} bytes, {} changes so far", bytes.len(), document.changes_so_far());
    /// }
    /// let exported = document.exported().expect("it has ended");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotInstalled`] if the database has no trail, [`Error::InvalidScope`], or [`Error::Db`].
    pub async fn stream<S, F>(&self, source: &S, format: F) -> Result<ExportStream, Error>
    where
        S: TrailSource<Connection: TransactionTrait<Transaction: StreamTrait + 'static>>,
        F: Format + 'static,
    {
        open(self, source, format).await
    }

    /// Writes the document to `writer`, and says how many changes it has.
    ///
    /// It blocks its thread while it writes, which for a file or a pipe is as it should be; for anything
    /// slower take the [`stream`](Self::stream).
    ///
    /// # Errors
    ///
    /// As [`stream`](Self::stream), and [`Error::Output`] if the writer fails. What was written until
    /// then has no end.
    pub async fn write<S, F, W>(
        &self,
        source: &S,
        format: F,
        mut writer: W,
    ) -> Result<Exported, Error>
    where
        S: TrailSource<Connection: TransactionTrait<Transaction: StreamTrait + 'static>>,
        F: Format + 'static,
        W: Write,
    {
        let mut stream = self.stream(source, format).await?;
        while let Some(bytes) = stream.try_next().await? {
            writer.write_all(&bytes).map_err(Error::Output)?;
        }
        writer.flush().map_err(Error::Output)?;
        stream.exported().ok_or_else(|| Error::Export("it came to no end".to_owned()))
    }
}

/// What an export had in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Exported {
    /// How many changes the document has.
    pub returned_count: u64,
    /// Whether more would have matched.
    pub truncated: bool,
    /// How many changes it could have had; `None` if it was unlimited.
    pub max_rows: Option<u64>,
}
