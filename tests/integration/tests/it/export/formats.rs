//! Every format with a reader of its own, which knows nothing of how it was written.

use std::collections::BTreeMap;

use bytes::Bytes;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;
use serde_json::Value;
use serde_json::value::RawValue;
use threadline::export::{ColumnSet, Csv, Format, Json, Kind, Ndjson, Parquet};

/// A format, and how to read it back.
pub(super) struct Tried {
    pub(super) name: &'static str,
    pub(super) make: fn() -> Box<dyn Format>,
    read: fn(&[u8]) -> Result<Read, String>,
    /// What a null is read as.
    pub(super) null: Option<&'static str>,
    /// Whether a document tells its count, and so whether it is whole.
    pub(super) has_end: bool,
}

/// A document, read back: texts as they are, JSON as its text, a moment as microseconds.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Vec<Option<String>>>,
    /// `(returned_count, truncated, max_rows, filter)`
    pub(super) end: Option<(u64, bool, Option<u64>, String)>,
}

impl Tried {
    /// Reads a document that must be whole.
    pub(super) fn read(&self, document: &[u8]) -> Read {
        self.try_read(document).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    pub(super) fn try_read(&self, document: &[u8]) -> Result<Read, String> {
        (self.read)(document)
    }
}

pub(super) const FORMATS: &[Tried] = &[
    Tried {
        name: "csv",
        make: || Box::new(Csv::new().raw()),
        read: read_csv,
        null: Some(""),
        has_end: false,
    },
    Tried {
        name: "csv with the guard",
        make: || Box::new(Csv::new()),
        read: read_csv,
        null: Some(""),
        has_end: false,
    },
    Tried {
        name: "json",
        make: || Box::new(Json::new()),
        read: read_json,
        null: None,
        has_end: true,
    },
    Tried {
        name: "ndjson",
        make: || Box::new(Ndjson::new()),
        read: read_ndjson,
        null: None,
        has_end: true,
    },
    Tried {
        name: "parquet",
        make: || Box::new(Parquet::new()),
        read: read_parquet,
        null: None,
        has_end: true,
    },
];

/// The kind of the column of that name.
fn kind(name: &str) -> Kind {
    let columns = ColumnSet::WithContext.columns();
    columns.iter().find(|column| column.name == name).expect("a known column").kind
}

/// A moment is compared as what it is, and not as it is written.
fn told(name: &str, text: String) -> String {
    if kind(name) != Kind::Time || text.is_empty() {
        return text;
    }
    assert!(text.len() == 27 && text.ends_with('Z'), "{name}: {text}");
    let moment = chrono::DateTime::parse_from_rfc3339(&text).expect("RFC 3339");
    moment.timestamp_micros().to_string()
}

fn read_csv(document: &[u8]) -> Result<Read, String> {
    assert!(!document.windows(2).any(|two| two == b"\n\n"), "a blank line");
    let mut reader = csv::ReaderBuilder::new().from_reader(document);
    let header = reader.headers().map_err(|error| error.to_string())?.clone();
    let columns: Vec<String> = header.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| error.to_string())?;
        let cells = columns.iter().zip(record.iter());
        rows.push(cells.map(|(name, cell)| Some(told(name, cell.to_owned()))).collect());
    }
    Ok(Read { columns, rows, end: None })
}

fn read_json(document: &[u8]) -> Result<Read, String> {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Document {
        format_version: u32,
        generated_at: chrono::DateTime<chrono::Utc>,
        filter: String,
        changes: Vec<Box<RawValue>>,
        returned_count: u64,
        truncated: bool,
        max_rows: Option<u64>,
    }
    let document: Document = serde_json::from_slice(document).map_err(|error| error.to_string())?;
    assert_eq!(document.format_version, 1);
    assert!(chrono::Utc::now() >= document.generated_at - chrono::TimeDelta::minutes(1));
    let Document { returned_count, truncated, max_rows, filter, .. } = document;
    let mut read = objects(document.changes.iter().map(|change| change.get()))?;
    read.end = Some((returned_count, truncated, max_rows, filter));
    Ok(read)
}

fn read_ndjson(document: &[u8]) -> Result<Read, String> {
    let text = std::str::from_utf8(document).map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.split_terminator('\n').collect();
    let (last, lines) = lines.split_last().ok_or("it is empty")?;
    let end: Value = serde_json::from_str(last).map_err(|error| error.to_string())?;
    if end["end"] != Value::Bool(true) || !text.ends_with('\n') {
        return Err("there is no end record".to_owned());
    }
    let mut read = objects(lines.iter().copied())?;
    let (count, truncated) = (end["returned_count"].as_u64(), end["truncated"].as_bool());
    let filter = end["filter"].as_str().ok_or("no filter")?.to_owned();
    read.end = count.zip(truncated).map(|(c, t)| (c, t, end["max_rows"].as_u64(), filter));
    Ok(read)
}

fn objects<'a>(objects: impl Iterator<Item = &'a str>) -> Result<Read, String> {
    let mut read = Read::default();
    for object in objects {
        let cells: BTreeMap<String, &RawValue> =
            serde_json::from_str(object).map_err(|error| format!("{error}: {object}"))?;
        let all = ColumnSet::WithContext.columns();
        let names = all.iter().map(|column| column.name).filter(|name| cells.contains_key(*name));
        read.columns = names.map(str::to_owned).collect();
        assert_eq!(read.columns.len(), cells.len(), "{object}");
        let cells = read.columns.iter().map(|name| cell(name, cells[name].get()));
        read.rows.push(cells.collect());
    }
    Ok(read)
}

fn cell(name: &str, json: &str) -> Option<String> {
    match (kind(name), json) {
        (_, "null") => None,
        (Kind::Integer | Kind::Json, _) => Some(json.to_owned()),
        _ => Some(told(name, serde_json::from_str(json).expect("a text"))),
    }
}

fn read_parquet(document: &[u8]) -> Result<Read, String> {
    let file = SerializedFileReader::new(Bytes::copy_from_slice(document))
        .map_err(|error| error.to_string())?;
    let metadata = file.metadata().file_metadata();
    let notes: BTreeMap<&str, &str> = metadata
        .key_value_metadata()
        .ok_or("no metadata")?
        .iter()
        .map(|note| (note.key.as_str(), note.value.as_deref().unwrap_or_default()))
        .collect();
    assert_eq!(notes["threadline:format_version"], "1");
    let fields = metadata.schema().get_fields();
    let columns = fields.iter().map(|field| field.name().to_owned()).collect();
    let mut rows = Vec::new();
    for row in file.get_row_iter(None).map_err(|error| error.to_string())? {
        let row = row.map_err(|error| error.to_string())?;
        rows.push(row.get_column_iter().map(|(_, field)| parquet_cell(field)).collect());
    }
    let end = (
        notes["threadline:returned_count"].parse().map_err(|_| "no count")?,
        notes["threadline:truncated"] == "true",
        notes["threadline:max_rows"].parse().ok(),
        notes["threadline:filter"].to_owned(),
    );
    Ok(Read { columns, rows, end: Some(end) })
}

fn parquet_cell(field: &Field) -> Option<String> {
    match field {
        Field::Null => None,
        Field::Long(number) | Field::TimestampMicros(number) => Some(number.to_string()),
        Field::Str(text) => Some(text.clone()),
        other => panic!("{other:?}"),
    }
}
