//! The function that records the rows which a table has already, by the expressions of its capture.

use std::collections::BTreeMap;

use threadline::spec::quote::Literal;
use threadline::trail::{OwnSql, TRAIL};
use threadline::{CaptureMode, TableSpec};

use super::{Capture, INSERT};
use crate::library;
use crate::render::hole::{HoleError, fill};
use crate::render::quote::{dollar_tag, name_array, qualified, text_array};
use crate::render::table::recorder_name;
use crate::shape::{Kind, TableShape};

/// The rows of the table that the trail knows to be there.
const CHANGES: OwnSql = OwnSql(
    "threadline.audit_changes c
    WHERE c.captured_at >= capture.known_at AND (c.captured_at, c.id) > (capture.known_at, capture.known_id)",
);

/// What is declared where rows are recorded one by one.
const VARIABLES: &str = "
    member regclass;
    row_after jsonb;
    key_after jsonb;";

/// The function as `CREATE OR REPLACE FUNCTION`.
pub(crate) fn recorder(shape: &TableShape, spec: &TableSpec) -> Result<String, HoleError> {
    let capture = Capture { shape, spec };
    let (variables, record) = match shape.kind {
        Kind::Inherited => (VARIABLES, capture.record_tree()?),
        Kind::Plain | Kind::Partitioned => ("", capture.record_table()?),
    };
    let mut values = BTreeMap::from([
        ("function", recorder_name(&shape.table)),
        ("key_columns", name_array(&shape.key)),
        ("schema", Literal(shape.table.schema()).to_string()),
        ("table", Literal(shape.table.name()).to_string()),
        ("variables", variables.to_owned()),
        ("record", record),
    ]);
    let names: String = values.values().map(String::as_str).collect();
    values.insert("tag", dollar_tag(&names, "record"));
    fill(&library::RECORD_ALL.text(), &values)
}

impl Capture<'_> {
    fn record_table(&self) -> Result<String, HoleError> {
        let values = BTreeMap::from([
            ("schema", Literal(self.shape.table.schema()).to_string()),
            ("table", Literal(self.shape.table.name()).to_string()),
            ("columns", text_array(self.shape.fingerprint().iter().map(String::as_str))),
            ("redacts", self.redacts().to_string()),
            ("typed", self.existing()),
            ("any", self.existing_any()),
        ]);
        fill(&library::RECORD_TABLE.text(), &values)
    }

    fn record_tree(&self) -> Result<String, HoleError> {
        let values = BTreeMap::from([
            ("schema", Literal(self.shape.table.schema()).to_string()),
            ("table", Literal(self.shape.table.name()).to_string()),
            ("key", self.current_key_object("capture.row_after")),
            ("insert", self.existing_row()),
        ]);
        fill(&library::RECORD_TREE.text(), &values)
    }

    fn existing(&self) -> String {
        let key = self.typed_key("n");
        format!(
            "{INSERT}{names}, {hash}, {key}, 'baseline', {image}, NULL, NULL, capture.captured_at
FROM {relation} n
LEFT JOIN ({known}) k ON k.row_hash = {hash} AND k.row_pk = {key}
WHERE k.row_hash IS NULL;",
            names = self.names(),
            hash = self.hash(&key),
            image = self.typed_image("n"),
            relation = qualified(&self.shape.table),
            known = self.known(),
        )
    }

    fn existing_any(&self) -> String {
        // The two keep JSON that jsonb cannot hold, each in its own way.
        let row = match self.shape.mode {
            CaptureMode::Row => format!("{TRAIL}.record_image(n.*)"),
            _ => format!("{TRAIL}.row_image(row_to_json(n.*))"),
        };
        format!(
            "{INSERT}{names}, x.h, x.k, 'baseline', {image}, NULL, NULL, capture.captured_at
FROM (SELECT y.j, y.k, {hash} AS h
    FROM (SELECT z.j, {key} AS k
        FROM (SELECT {row} AS j FROM {relation} n OFFSET 0) z
        OFFSET 0) y
    OFFSET 0) x
LEFT JOIN ({known}) k ON k.row_hash = x.h AND k.row_pk = x.k
WHERE k.row_hash IS NULL;",
            names = self.names(),
            hash = self.hash("y.k"),
            key = self.current_key_object("z.j"),
            image = self.image("x.j"),
            relation = qualified(&self.shape.table),
            known = self.known(),
        )
    }

    /// Of one row, found by its hash.
    fn existing_row(&self) -> String {
        let hash = self.hash("capture.key_after");
        format!(
            "{INSERT}{names}, {hash}, capture.key_after, 'baseline', {image}, NULL, NULL,
    capture.captured_at
WHERE coalesce((SELECT c.op FROM {CHANGES}
        AND {same_table} AND c.row_hash = {hash} AND c.row_pk = capture.key_after
    ORDER BY c.captured_at DESC, c.id DESC LIMIT 1), 'delete') = 'delete';",
            names = self.names(),
            image = self.image("capture.row_after"),
            same_table = self.same_table(),
        )
    }

    /// Hash and key of each row whose newest change is no delete.
    fn known(&self) -> String {
        format!(
            "SELECT d.row_hash, d.row_pk
    FROM (SELECT DISTINCT ON (c.row_hash, c.row_pk) c.row_hash, c.row_pk, c.op
        FROM {CHANGES}
            AND {same_table} AND c.row_hash IS NOT NULL
        ORDER BY c.row_hash, c.row_pk, c.captured_at DESC, c.id DESC) d
    WHERE d.op <> 'delete'",
            same_table = self.same_table(),
        )
    }

    fn same_table(&self) -> String {
        let table = &self.shape.table;
        let (schema, name) = (Literal(table.schema()), Literal(table.name()));
        format!("c.table_schema = {schema} AND c.table_name = {name}")
    }
}
