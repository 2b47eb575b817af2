//! From what the server sends to the object of a change.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{QueryResult, TryGetable};

use super::column::OF_CHANGES;
use super::{Column, Kind};
use crate::Error;

/// Puts changes and contexts together: a context is sent only where it is another one.
pub(super) struct Lines {
    change: &'static [Column],
    has_context: bool,
    line: String,
    context: String,
}

impl Lines {
    pub(super) fn new(columns: &'static [Column]) -> Self {
        let (change, context) = columns.split_at(OF_CHANGES);
        Self {
            change,
            has_context: !context.is_empty(),
            line: String::new(),
            context: String::new(),
        }
    }

    /// The object of the change in `row`.
    pub(super) fn join(&mut self, row: &QueryResult) -> Result<&str, Error> {
        self.line.clear();
        for (i, column) in self.change.iter().enumerate() {
            let before = if i == 0 { '{' } else { ',' };
            let value = value(row, i, column.kind)?;
            write!(self.line, "{before}\"{}\":{value}", column.name).map_err(unwritten)?;
        }
        if !self.has_context {
            self.line.push('}');
            return Ok(&self.line);
        }
        if let Some(context) = get(row, OF_CHANGES)? {
            self.context = context;
        }
        let context = self.context.strip_prefix('{').ok_or_else(|| {
            Error::Unreadable("a change to export came without its context".to_owned())
        })?;
        self.line.extend([",", context]);
        Ok(&self.line)
    }
}

/// A value as JSON.
fn value(row: &QueryResult, i: usize, kind: Kind) -> Result<String, Error> {
    let told = match kind {
        Kind::Integer => get::<i64>(row, i)?.map(|number| number.to_string()),
        Kind::Time => get::<DateTime<Utc>>(row, i)?
            .map(|moment| format!("\"{}\"", moment.to_rfc3339_opts(SecondsFormat::Micros, true))),
        Kind::Text => {
            let text = get::<String>(row, i)?;
            text.map(|text| serde_json::to_string(&text)).transpose().map_err(unwritten)?
        }
        Kind::Json => get(row, i)?,
    };
    Ok(told.unwrap_or_else(|| "null".to_owned()))
}

fn get<T: TryGetable>(row: &QueryResult, i: usize) -> Result<Option<T>, Error> {
    Ok(row.try_get_by_index(i)?)
}

fn unwritten(error: impl std::fmt::Display) -> Error {
    Error::Export(error.to_string())
}
