//! What a row trigger runs, and what a TRUNCATE of a part of a tree does.

use std::collections::BTreeMap;

use threadline::spec::quote::Literal;
use threadline::trail::TRAIL;

use super::{Capture, INSERT, object};
use crate::library;
use crate::render::hole::{HoleError, fill};
use crate::render::quote::name_array;
use crate::shape::Kind;

/// What is declared where single rows are recorded.
pub(super) const VARIABLES: &str = "
    relation regclass;
    row_before jsonb;
    row_after jsonb;
    key_before jsonb;
    key_after jsonb;";

impl Capture<'_> {
    pub(super) fn look_row(&self) -> Result<String, HoleError> {
        let unchanged = if self.spec.captures_noop() { "false" } else { "NOT (OLD *<> NEW)" };
        let values = BTreeMap::from([
            ("unchanged", unchanged.to_owned()),
            ("has_columns", self.has_columns()),
            ("audited_relation", format!("{TRAIL}.audited_relation({})", self.names())),
        ]);
        fill(&library::LOOK_ROW.text(), &values)
    }

    pub(super) fn record_row(&self) -> Result<String, HoleError> {
        let values = BTreeMap::from([
            ("relation", self.relation()),
            ("schema", Literal(self.shape.table.schema()).to_string()),
            ("table", Literal(self.shape.table.name()).to_string()),
            ("trust", self.trust()),
            ("columns", name_array(self.shape.columns.iter().map(|column| &column.name))),
            ("old_row", self.row_of("OLD")),
            ("new_row", self.row_of("NEW")),
            ("old_key", self.key_of("capture.row_before")),
            ("new_key", self.key_of("capture.row_after")),
            ("update", self.update_row()),
            ("delete", self.delete_row()),
            ("insert", self.insert_row()),
            ("truncate", self.truncate()?),
        ]);
        fill(&library::RECORD_ROW.text(), &values)
    }

    /// What a TRUNCATE trigger records.
    pub(super) fn truncate(&self) -> Result<String, HoleError> {
        let mut values = BTreeMap::from([
            ("schema", Literal(self.shape.table.schema()).to_string()),
            ("table", Literal(self.shape.table.name()).to_string()),
        ]);
        if self.shape.kind == Kind::Plain {
            return fill(&library::TRUNCATE_TABLE.text(), &values);
        }
        values.insert("relation", self.relation());
        values.insert("trust", self.trust());
        values.insert("key_columns", name_array(&self.shape.key));
        values.insert("old_key", self.current_key_object("capture.row_before"));
        values.insert("delete", self.delete_row());
        fill(&library::TRUNCATE_TREE.text(), &values)
    }

    /// The row as JSON, before redaction. `record_image` takes whatever JSON there may be, which costs as
    /// much again; a child table may have columns that are not known here.
    fn row_of(&self, row: &str) -> String {
        let any = format!("{TRAIL}.record_image({row})");
        let may_hold_json = self.shape.columns.iter().any(|column| column.may_hold_json);
        if may_hold_json || self.shape.kind == Kind::Inherited {
            return any;
        }
        format!("CASE WHEN capture.is_current THEN to_jsonb({row}) ELSE {any} END")
    }

    fn key_of(&self, json: &str) -> String {
        let plain = object(self.shape.key.iter().map(|column| {
            let name = Literal(column.as_str());
            format!("{name}, {json} -> {name}")
        }));
        format!(
            "CASE WHEN capture.is_current THEN {plain}
            ELSE {} END",
            self.current_key_object(json)
        )
    }

    fn update_row(&self) -> String {
        let keep = self.keep_json("x.jo", "x.jn").map(|keep| format!("\nWHERE {keep}"));
        format!(
            "{INSERT}{names}, {hash}, capture.key_after, 'update', {image},
    d.fields, d.before, capture.captured_at
FROM (SELECT capture.row_before AS jo, capture.row_after AS jn OFFSET 0) x
CROSS JOIN LATERAL ({difference}) d{keep};",
            names = self.names(),
            hash = self.hash("capture.key_after"),
            image = self.image("x.jn"),
            difference = self.json_difference(),
            keep = keep.unwrap_or_default(),
        )
    }

    fn delete_row(&self) -> String {
        format!(
            "{INSERT}{names}, {hash}, capture.key_before, 'delete', NULL, NULL, {image},
    capture.captured_at;",
            names = self.names(),
            hash = self.hash("capture.key_before"),
            image = self.image("capture.row_before"),
        )
    }

    fn insert_row(&self) -> String {
        format!(
            "{INSERT}{names}, {hash}, capture.key_after, 'insert', {image}, NULL, NULL,
    capture.captured_at;",
            names = self.names(),
            hash = self.hash("capture.key_after"),
            image = self.image("capture.row_after"),
        )
    }
}
