//! What is stored of a row, after redaction.

use threadline::spec::quote::{Ident, Literal};
use threadline::trail::TRAIL;
use threadline::{ColumnName, Redaction};

use super::{Capture, object};
use crate::render::quote::name_array;
use crate::shape::CatalogColumn;

/// The text a column that nothing is known of reads as, on a table with any redaction.
const UNKNOWN: &str = "[REDACTED]";

impl Capture<'_> {
    pub(super) fn excluded(&self) -> Vec<&ColumnName> {
        let virtual_columns = self.shape.columns.iter().filter(|c| c.is_virtual).map(|c| &c.name);
        let excluded = self.spec.redactions().iter().filter_map(|(name, redaction)| {
            matches!(redaction, Redaction::Exclude).then_some(name)
        });
        excluded.chain(virtual_columns).collect()
    }

    pub(super) fn placeholder(&self, column: &ColumnName) -> Option<&str> {
        match self.spec.redactions().get(column) {
            Some(Redaction::Mask { placeholder }) => Some(placeholder.as_str()),
            _ => None,
        }
    }

    pub(super) fn masked(&self) -> Vec<(&ColumnName, &str)> {
        let columns = self.spec.redactions().keys();
        columns.filter_map(|name| Some((name, self.placeholder(name)?))).collect()
    }

    pub(super) fn redacts(&self) -> bool {
        !self.excluded().is_empty() || !self.masked().is_empty()
    }

    /// The placeholders as one json document: `'{"tax": "[REDACTED]"}'::jsonb`.
    pub(super) fn placeholders(&self) -> String {
        let pairs = self.masked().into_iter().map(|(name, text)| {
            (name.as_str().to_owned(), serde_json::Value::String(text.to_owned()))
        });
        let document = serde_json::Value::Object(pairs.collect());
        format!("{}::jsonb", Literal(&document.to_string()))
    }

    /// The image of a row whose columns are known to be the declared ones.
    pub(super) fn typed_image(&self, row: &str) -> String {
        // Converting a whole row would convert what is not stored, too, and may fail for it.
        if self.redacts() || self.shape.columns.iter().any(|column| column.may_hold_json) {
            return self.image_by_columns(row);
        }
        format!("to_jsonb({row}.*)")
    }

    /// As [`typed_image`](Self::typed_image), column by column, so that one can be treated apart.
    pub(super) fn image_by_columns(&self, row: &str) -> String {
        let pairs: Vec<String> = self
            .visible()
            .into_iter()
            .map(|column| {
                format!("{}, {}", Literal(column.name.as_str()), self.stored(column, row))
            })
            .collect();
        // A function takes a hundred arguments.
        let chunks = pairs.chunks(45).map(|chunk| object(chunk.iter().cloned()));
        format!("({})", chunks.collect::<Vec<_>>().join(" || "))
    }

    /// What is stored of a column's value in a row with typed columns.
    pub(super) fn stored(&self, column: &CatalogColumn, row: &str) -> String {
        let name = Ident(column.name.as_str());
        match self.placeholder(&column.name) {
            Some(text) => format!("{}::text", Literal(text)),
            None if column.may_hold_json => format!("{TRAIL}.json_image(to_json({row}.{name}))"),
            None => format!("{row}.{name}"),
        }
    }

    /// The image of a row of any shape: a column that is not known is masked.
    pub(super) fn image(&self, json: &str) -> String {
        if !self.redacts() {
            return json.to_owned();
        }
        format!(
            "(SELECT coalesce(jsonb_object_agg(e.key, {value}), '{{}}') FROM jsonb_each({json}) e
        WHERE e.key <> ALL ({excluded}))",
            value = self.redacted_value(),
            excluded = name_array(self.excluded()),
        )
    }

    /// What is stored of `e.value`, the value of column `e.key`.
    pub(super) fn redacted_value(&self) -> String {
        if !self.redacts() {
            return "e.value".to_owned();
        }
        let plain = self.shape.columns.iter().map(|column| &column.name);
        let plain = plain.filter(|name| self.placeholder(name).is_none());
        format!(
            "CASE WHEN e.key = ANY ({}) AND e.key = ANY (capture.trusted) THEN e.value \
             ELSE coalesce({} -> e.key, to_jsonb({}::text)) END",
            name_array(plain),
            self.placeholders(),
            Literal(UNKNOWN),
        )
    }
}
