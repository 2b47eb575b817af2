use std::borrow::Cow;
use std::fmt;

use ::csv::{Terminator, Writer, WriterBuilder};

use super::sink::Sink;
use super::{Cell, Exported, Format, Head, Row, guard};
use crate::Error;

/// CSV by RFC 4180, in UTF-8: a line of headers, commas, CRLF, quotes where they are needed.
///
/// A null is an empty cell, and a JSON column holds JSON. Unless it is [`raw`](Self::raw), whatever a
/// spreadsheet could take for a formula (`=`, `+`, `-` and `@`, also behind blanks, quotes, or what it
/// may take for a separator) gets an apostrophe in front in a text, and an escape in JSON, which for
/// JSON is the same value. Negative numbers are left alone.
///
/// CSV has no place for the count or for a mark at its end: a file that was cut off between two lines
/// cannot be told from a whole one. Compare [`Exported::returned_count`], or hand over another format.
#[derive(Default)]
pub struct Csv {
    raw: bool,
    mark: bool,
    sink: Sink,
    writer: Option<Writer<Sink>>,
}

impl Csv {
    /// The format, with the guard.
    pub fn new() -> Self {
        Self::default()
    }

    /// Without the guard: every cell is what the trail holds. For programs; in a spreadsheet, whoever
    /// can write a value can run a formula on the reader's computer.
    #[must_use]
    pub fn raw(mut self) -> Self {
        self.raw = true;
        self
    }

    /// With the mark (U+FEFF) at the start by which Excel knows that it is UTF-8.
    #[must_use]
    pub fn byte_order_mark(mut self) -> Self {
        self.mark = true;
        self
    }

    fn cell<'a>(&self, cell: Cell<'a>) -> Cow<'a, str> {
        match cell {
            Cell::Null => Cow::Borrowed(""),
            Cell::Integer(number) => Cow::Owned(number.to_string()),
            Cell::Time(moment) => moment,
            Cell::Text(text) if self.raw => text,
            Cell::Text(text) => match guard::text(&text) {
                Cow::Borrowed(_) => text,
                Cow::Owned(guarded) => Cow::Owned(guarded),
            },
            Cell::Json(json) if self.raw => Cow::Borrowed(json),
            Cell::Json(json) => guard::json(json),
        }
    }

    fn record<I, C>(&mut self, cells: I) -> Result<(), Error>
    where
        I: IntoIterator<Item = C>,
        C: AsRef<str>,
    {
        let sink = self.sink.clone();
        let writer = self.writer.get_or_insert_with(|| {
            let mut csv = WriterBuilder::new();
            csv.terminator(Terminator::CRLF).buffer_capacity(64 * 1024).from_writer(sink)
        });
        let cells = cells.into_iter().map(|cell| cell.as_ref().as_bytes().to_owned());
        writer.write_record(cells).map_err(|error| Error::Export(error.to_string()))
    }
}

impl Format for Csv {
    fn content_type(&self) -> &'static str {
        "text/csv; charset=utf-8; header=present"
    }

    fn extension(&self) -> &'static str {
        "csv"
    }

    fn begin(&mut self, head: &Head, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.mark {
            out.extend_from_slice("\u{feff}".as_bytes());
        }
        self.writer = None;
        self.record(head.columns.iter().map(|column| column.name))
    }

    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let cells: Vec<Cow<'_, str>> =
            row.cells()?.into_iter().map(|cell| self.cell(cell)).collect();
        self.record(cells)?;
        self.sink.drain_to(out);
        Ok(())
    }

    fn end(&mut self, _: &Exported, out: &mut Vec<u8>) -> Result<(), Error> {
        if let Some(mut writer) = self.writer.take() {
            writer.flush().map_err(Error::Output)?;
        }
        self.sink.drain_to(out);
        Ok(())
    }
}

impl fmt::Debug for Csv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Csv")
            .field("raw", &self.raw)
            .field("byte_order_mark", &self.mark)
            .finish_non_exhaustive()
    }
}
