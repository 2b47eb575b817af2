//! What is stored of a row, after redaction.

use threadline::spec::quote::Literal;
use threadline::{ColumnName, Placeholder, Redaction};

use super::{Capture, object};
use crate::render::quote::name_array;

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
        let redaction = self.spec.redactions().get(column)?;
        redaction.placeholder().map(Placeholder::as_str)
    }

    fn replaced(&self) -> Vec<(&ColumnName, &str)> {
        let columns = self.spec.redactions().keys();
        columns.filter_map(|name| Some((name, self.placeholder(name)?))).collect()
    }

    pub(super) fn redacts(&self) -> bool {
        !self.excluded().is_empty() || !self.replaced().is_empty()
    }

    /// Whether any value is stored as something else than itself.
    fn alters(&self) -> bool {
        self.redacts() || !self.spec.limits().is_empty()
    }

    /// The placeholders as one json document: `'{"tax": "[REDACTED]"}'::jsonb`.
    fn placeholders(&self) -> String {
        let pairs = self.replaced().into_iter().map(|(name, text)| {
            (name.as_str().to_owned(), serde_json::Value::String(text.to_owned()))
        });
        let document = serde_json::Value::Object(pairs.collect());
        format!("{}::jsonb", Literal(&document.to_string()))
    }

    /// The image of a row whose columns are known to be the declared ones.
    pub(super) fn typed_image(&self, row: &str) -> String {
        // Converting a whole row would convert what is not stored, too, and may fail for it.
        if self.alters() || self.shape.columns.iter().any(|column| column.may_hold_json) {
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

    /// The image of a row of any shape: a column that is not known is masked.
    pub(super) fn image(&self, json: &str) -> String {
        if !self.alters() {
            return format!("({json} - capture.unseen)");
        }
        format!(
            "(SELECT coalesce(jsonb_object_agg(e.key, {value}), '{{}}') FROM jsonb_each({json} - capture.unseen) e
        WHERE e.key <> ALL ({excluded}))",
            value = self.redacted_value(),
            excluded = name_array(self.excluded()),
        )
    }

    /// What is stored of `e.value`, the value of column `e.key`.
    pub(super) fn redacted_value(&self) -> String {
        if !self.alters() {
            return "e.value".to_owned();
        }
        let treated = self.treated_values();
        if !self.redacts() {
            return format!("CASE{treated} ELSE e.value END");
        }
        let plain = self.shape.columns.iter().map(|column| &column.name);
        let plain = plain.filter(|name| self.placeholder(name).is_none());
        format!(
            "CASE{treated} WHEN e.key = ANY ({}) AND e.key = ANY (capture.trusted) THEN e.value \
             ELSE coalesce({} -> e.key, to_jsonb({}::text)) END",
            name_array(plain),
            self.placeholders(),
            Literal(UNKNOWN),
        )
    }
}
