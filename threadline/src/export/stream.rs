use std::fmt;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use async_stream::try_stream;
use chrono::{DateTime, Utc};
use futures_util::{Stream, TryStreamExt};
use sea_orm::{
    ConnectionTrait, DbBackend, Statement, StreamTrait, TransactionSession, TransactionTrait,
};

use super::line::Lines;
use super::select::select;
use super::{Column, Export, Exported, Format, Head, Row};
use crate::filter::DEFAULT_LIMIT;
use crate::query::sql::Binds;
use crate::{Error, TrailSource, trail};

/// How many bytes are given at once, about.
const CHUNK_BYTES: usize = 64 * 1024;
/// How many changes are asked for at once. They are read one by one, so it bounds what is left to read
/// when a reader stops, and not the memory.
const BATCH: u64 = 1000;

/// The document, as bytes: a [`Stream`] of `Result<Vec<u8>, Error>`. [`Export::stream`] makes it.
pub struct ExportStream {
    steps: Pin<Box<dyn Stream<Item = Result<Step, Error>> + Send>>,
    content_type: &'static str,
    changes: u64,
    exported: Option<Exported>,
    has_ended: bool,
}

/// A piece of the document, and how many changes there were with it.
struct Step {
    bytes: Vec<u8>,
    changes: u64,
    exported: Option<Exported>,
}

impl ExportStream {
    /// The document's media type.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// How many changes were given so far.
    pub fn changes_so_far(&self) -> u64 {
        self.changes
    }

    /// What the document had in it: `None` until its last byte was given, and for ever if that never
    /// came.
    pub fn exported(&self) -> Option<Exported> {
        self.exported
    }
}

impl Stream for ExportStream {
    type Item = Result<Vec<u8>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let step = match self.steps.as_mut().poll_next(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(step) => step,
        };
        Poll::Ready(match step {
            Some(Ok(step)) => {
                self.changes = step.changes;
                self.exported = step.exported;
                Some(Ok(step.bytes))
            }
            last => {
                self.has_ended = true;
                last.map(|failed| failed.map(|step| step.bytes))
            }
        })
    }
}

impl fmt::Debug for ExportStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExportStream")
            .field("content_type", &self.content_type)
            .field("changes", &self.changes)
            .field("exported", &self.exported)
            .finish_non_exhaustive()
    }
}

/// Opens a cursor, which sees one moment of the database for as long as it is open.
///
/// A cursor and not one long answer, because a reader that stops would otherwise have to be sent the rest
/// before its connection can be used again.
pub(super) async fn open<S, F>(
    export: &Export<'_>,
    source: &S,
    format: F,
) -> Result<ExportStream, Error>
where
    S: TrailSource<Connection: TransactionTrait<Transaction: StreamTrait + 'static>>,
    F: Format + 'static,
{
    // Before anything is asked for in a schema that nobody named.
    trail::schema()?;
    let mut binds = Binds::default();
    let select = select(export, source, &mut binds)?;
    let txn = source.connection().begin().await.map_err(Error::from_read)?;
    let generated_at = now(&txn).await?;
    let cursor = cursor();
    let declare = format!("DECLARE {cursor} NO SCROLL CURSOR FOR {select}");
    txn.execute_raw(binds.statement(&declare)).await.map_err(Error::from_read)?;
    let columns = export.columns.columns();
    let filter = export.filter.clone().limit(DEFAULT_LIMIT).to_string();
    let head = Head { generated_at, filter, columns };
    let content_type = format.content_type();
    let rows = Rows { txn, fetch: format!("FETCH {BATCH} FROM {cursor}"), columns };
    let steps = Box::pin(steps(rows, format, head, export.max_rows));
    Ok(ExportStream { steps, content_type, changes: 0, exported: None, has_ended: false })
}

/// A cursor's name of its own: one transaction may have several exports.
fn cursor() -> String {
    static OPENED: AtomicU64 = AtomicU64::new(0);
    format!("threadline_export_{}", OPENED.fetch_add(1, Ordering::Relaxed))
}

/// The server's clock, just before it fixes what the export sees.
async fn now(txn: &impl ConnectionTrait) -> Result<DateTime<Utc>, Error> {
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp()");
    let row = txn.query_one_raw(statement).await.map_err(Error::from_read)?;
    let row =
        row.ok_or_else(|| Error::Unreadable("the server does not tell the time".to_owned()))?;
    Ok(row.try_get_by_index(0)?)
}

/// Where the changes come from.
struct Rows<T> {
    txn: T,
    fetch: String,
    columns: &'static [Column],
}

fn steps<T, F>(
    rows: Rows<T>,
    mut format: F,
    head: Head,
    max_rows: Option<u64>,
) -> impl Stream<Item = Result<Step, Error>> + Send + 'static
where
    T: StreamTrait + TransactionSession + Send + 'static,
    F: Format + 'static,
{
    try_stream! {
        let Rows { txn, fetch, columns } = rows;
        let mut lines = Lines::new(columns);
        let mut out = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 4);
        let (mut changes, mut truncated, mut is_last) = (0, false, false);
        format.begin(&head, &mut out)?;
        while !is_last {
            let mut fetched = 0;
            let batch = txn
                .stream_raw(Statement::from_string(DbBackend::Postgres, &fetch))
                .await
                .map_err(Error::from_read)?;
            let mut batch = pin!(batch);
            while let Some(row) = batch.try_next().await.map_err(Error::from_read)? {
                fetched += 1;
                // The one that was asked for only to know whether there are more.
                if max_rows == Some(changes) {
                    truncated = true;
                    continue;
                }
                let json = lines.join(&row)?;
                format.row(&Row::new(json, columns), &mut out)?;
                changes += 1;
                if out.len() >= CHUNK_BYTES {
                    let next = Vec::with_capacity(out.capacity());
                    yield Step { bytes: mem::replace(&mut out, next), changes, exported: None };
                }
            }
            is_last = fetched < BATCH;
        }
        txn.commit().await?;
        let exported = Exported { returned_count: changes, truncated, max_rows };
        format.end(&exported, &mut out)?;
        yield Step { bytes: out, changes, exported: Some(exported) };
    }
}
