use std::borrow::Cow;
use std::fmt;
use std::mem;
use std::sync::Arc;

use ::parquet::basic::Compression;
use ::parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;
use chrono::{DateTime, SecondsFormat};

use super::sink::Sink;
use super::{Cell, Column, Exported, FORMAT_VERSION, Format, Head, Kind, Row};
use crate::Error;

/// How many bytes of values make a row group: this much is held in memory before it is written.
const GROUP_BYTES: usize = 8 * 1024 * 1024;
/// How many changes make one, if they are small.
const GROUP_ROWS: usize = 50_000;

/// Parquet, compressed with Snappy: for warehouses and data frames.
///
/// A time is a `TIMESTAMP` of microseconds in UTC, a JSON column the text of the document with the logical
/// type `JSON`. Version, time, filter and counts are key-value metadata of the file, under `threadline:…`.
/// It is written in groups of about 8 MiB. A file that was cut off has no footer, and no reader opens it.
#[derive(Default)]
pub struct Parquet {
    file: Option<File>,
}

struct File {
    sink: Sink,
    writer: SerializedFileWriter<Sink>,
    group: Group,
}

impl Parquet {
    /// The format.
    pub fn new() -> Self {
        Self::default()
    }

    fn file(&mut self) -> Result<&mut File, Error> {
        self.file
            .as_mut()
            .ok_or_else(|| Error::Export("a row came before the beginning".to_owned()))
    }
}

impl Format for Parquet {
    fn content_type(&self) -> &'static str {
        "application/vnd.apache.parquet"
    }

    fn extension(&self) -> &'static str {
        "parquet"
    }

    fn begin(&mut self, head: &Head, out: &mut Vec<u8>) -> Result<(), Error> {
        let schema = parse_message_type(&schema(head.columns)).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!("threadline ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let sink = Sink::default();
        let mut writer =
            SerializedFileWriter::new(sink.clone(), Arc::new(schema), Arc::new(properties))
                .map_err(failed)?;
        note(&mut writer, "format_version", FORMAT_VERSION.to_string());
        let at = head.generated_at.to_rfc3339_opts(SecondsFormat::Micros, true);
        note(&mut writer, "generated_at", at);
        note(&mut writer, "filter", head.filter.clone());
        sink.drain_to(out);
        self.file = Some(File { sink, writer, group: Group::new(head.columns) });
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        let file = self.file()?;
        file.group.push(row.cells()?)?;
        if file.group.is_full() {
            file.group.write(&mut file.writer).map_err(failed)?;
            file.sink.drain_to(out);
        }
        Ok(())
    }

    fn end(&mut self, exported: &Exported, out: &mut Vec<u8>) -> Result<(), Error> {
        let file = self.file()?;
        file.group.write(&mut file.writer).map_err(failed)?;
        note(&mut file.writer, "returned_count", exported.returned_count.to_string());
        note(&mut file.writer, "truncated", exported.truncated.to_string());
        let limit = exported.max_rows.map_or_else(|| "null".to_owned(), |rows| rows.to_string());
        note(&mut file.writer, "max_rows", limit);
        file.writer.finish().map_err(failed)?;
        file.sink.drain_to(out);
        Ok(())
    }
}

impl fmt::Debug for Parquet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parquet").finish_non_exhaustive()
    }
}

fn note(writer: &mut SerializedFileWriter<Sink>, key: &str, value: String) {
    writer.append_key_value_metadata(KeyValue::new(format!("threadline:{key}"), value));
}

fn failed(error: ParquetError) -> Error {
    Error::Export(error.to_string())
}

fn schema(columns: &[Column]) -> String {
    let fields = columns.iter().map(|column| {
        let presence = if column.nullable { "optional" } else { "required" };
        let (base, logical) = match column.kind {
            Kind::Integer => ("int64", ""),
            Kind::Time => ("int64", " (TIMESTAMP(MICROS,true))"),
            Kind::Text => ("binary", " (STRING)"),
            Kind::Json => ("binary", " (JSON)"),
        };
        format!("{presence} {base} {}{logical};", column.name)
    });
    format!("message change {{ {} }}", fields.collect::<String>())
}

/// The values of the changes that will be the next row group, column by column.
struct Group {
    columns: Vec<Values>,
    rows: usize,
    bytes: usize,
}

/// The values that are there, and for every change whether it has one.
struct Values {
    column: &'static Column,
    integers: Vec<i64>,
    texts: Vec<ByteArray>,
    present: Vec<i16>,
}

impl Group {
    fn new(columns: &'static [Column]) -> Self {
        let columns = columns.iter().map(|column| Values {
            column,
            integers: Vec::new(),
            texts: Vec::new(),
            present: Vec::new(),
        });
        Self { columns: columns.collect(), rows: 0, bytes: 0 }
    }

    fn push(&mut self, cells: Vec<Cell<'_>>) -> Result<(), Error> {
        for (values, cell) in self.columns.iter_mut().zip(cells) {
            self.bytes += values.push(cell)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.bytes >= GROUP_BYTES || self.rows >= GROUP_ROWS
    }

    fn write(&mut self, writer: &mut SerializedFileWriter<Sink>) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = writer.next_row_group()?;
        for values in &mut self.columns {
            if let Some(column) = group.next_column()? {
                values.write(column)?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

impl Values {
    /// Keeps a value, and says how much it takes.
    fn push(&mut self, cell: Cell<'_>) -> Result<usize, Error> {
        let text = match cell {
            Cell::Null => {
                self.present.push(0);
                return Ok(0);
            }
            Cell::Integer(number) => {
                self.integers.push(number);
                None
            }
            Cell::Time(moment) => {
                self.integers.push(microseconds(&moment)?);
                None
            }
            Cell::Text(text) => Some(text),
            Cell::Json(json) => Some(Cow::Borrowed(json)),
        };
        self.present.push(1);
        let taken = text.as_ref().map_or(8, |text| text.len() + size_of::<ByteArray>());
        self.texts.extend(text.map(|text| ByteArray::from(text.into_owned().into_bytes())));
        Ok(taken)
    }

    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        let (integers, texts) = (mem::take(&mut self.integers), mem::take(&mut self.texts));
        let present = mem::take(&mut self.present);
        let present = self.column.nullable.then_some(present.as_slice());
        match self.column.kind {
            Kind::Integer | Kind::Time => {
                writer.typed::<Int64Type>().write_batch(&integers, present, None)?
            }
            Kind::Text | Kind::Json => {
                writer.typed::<ByteArrayType>().write_batch(&texts, present, None)?
            }
        };
        writer.close()
    }
}

fn microseconds(moment: &str) -> Result<i64, Error> {
    let read = DateTime::parse_from_rfc3339(moment);
    let read = read.map_err(|error| Error::Unreadable(format!("the time `{moment}`: {error}")))?;
    Ok(read.timestamp_micros())
}
