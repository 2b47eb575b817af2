use chrono::SecondsFormat;
use serde_json::json;

use super::{Exported, FORMAT_VERSION, Format, Head, Row};
use crate::Error;

/// One JSON document: `{"format_version", "generated_at", "filter", "changes": […], "returned_count",
/// "truncated", "max_rows"}`, each change on a line of its own.
///
/// The count comes last, because it is not known before; a document that was cut off is not closed.
#[derive(Clone, Debug, Default)]
pub struct Json {
    has_rows: bool,
}

impl Json {
    /// The format.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Format for Json {
    fn content_type(&self) -> &'static str {
        "application/json"
    }

    fn extension(&self) -> &'static str {
        "json"
    }

    fn begin(&mut self, head: &Head, out: &mut Vec<u8>) -> Result<(), Error> {
        self.has_rows = false;
        let (at, filter) = (moment(head), json!(head.filter));
        let text = format!(
            r#"{{"format_version":{FORMAT_VERSION},"generated_at":"{at}","filter":{filter},"changes":["#
        );
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(if self.has_rows { b",\n" } else { b"\n" });
        self.has_rows = true;
        out.extend_from_slice(row.json().as_bytes());
        Ok(())
    }

    fn end(&mut self, exported: &Exported, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(format!("\n],{}}}\n", totals(exported)).as_bytes());
        Ok(())
    }
}

/// One JSON object a line, and at the end `{"end": true, "returned_count", "truncated", "max_rows",
/// "format_version", "generated_at", "filter"}`: a file without that line was cut off.
#[derive(Clone, Debug, Default)]
pub struct Ndjson {
    about: String,
}

impl Ndjson {
    /// The format.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Format for Ndjson {
    fn content_type(&self) -> &'static str {
        "application/x-ndjson"
    }

    fn extension(&self) -> &'static str {
        "ndjson"
    }

    fn begin(&mut self, head: &Head, _: &mut Vec<u8>) -> Result<(), Error> {
        let (at, filter) = (moment(head), json!(head.filter));
        self.about =
            format!(r#""format_version":{FORMAT_VERSION},"generated_at":"{at}","filter":{filter}"#);
        Ok(())
    }

    fn row(&mut self, row: &Row<'_>, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(row.json().as_bytes());
        out.push(b'\n');
        Ok(())
    }

    fn end(&mut self, exported: &Exported, out: &mut Vec<u8>) -> Result<(), Error> {
        let text = format!("{{\"end\":true,{},{}}}\n", totals(exported), self.about);
        out.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

fn moment(head: &Head) -> String {
    head.generated_at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn totals(exported: &Exported) -> String {
    format!(
        r#""returned_count":{},"truncated":{},"max_rows":{}"#,
        exported.returned_count,
        exported.truncated,
        json!(exported.max_rows)
    )
}
