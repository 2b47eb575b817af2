//! The capture function of one table.
//!
//! Two families of statements record the same thing. The *typed* one names columns and is fast for
//! many rows; it is valid only while the table's columns are the ones it was made for. The *json*
//! ones name no column, so no schema change can make a business write fail, and on a table with any
//! redaction they mask every column they do not know.

mod difference;
mod existing;
mod image;
mod key;
mod row;
mod value;

pub(crate) use existing::recorder;

use std::collections::BTreeMap;

use threadline::spec::quote::{Ident, Literal};
use threadline::trail::{OwnSql, TRAIL};
use threadline::{CaptureMode, TableSpec};

use crate::library;
use crate::render::compare::same_key;
use crate::render::hole::{HoleError, fill};
use crate::render::quote::{dollar_tag, name_array, text_array};
use crate::shape::{CatalogColumn, Kind, TableShape};

const INSERT: OwnSql = OwnSql(
    "INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, ",
);

/// The capture function of one table as `CREATE OR REPLACE FUNCTION`.
pub(crate) fn function(shape: &TableShape, spec: &TableSpec) -> Result<String, HoleError> {
    let capture = Capture { shape, spec };
    let (variables, look, record) = match shape.mode {
        CaptureMode::Row => (row::VARIABLES, capture.look_row()?, capture.record_row()?),
        _ => ("", capture.look_statement()?, capture.record_statement()?),
    };
    let mut values = BTreeMap::from([
        ("function", crate::render::table::function_name(&shape.table)),
        ("key_columns", name_array(&shape.key)),
        ("settings", crate::render::settings::differ(shape)),
        ("variables", variables.to_owned()),
        ("look", format!("{}{look}", capture.detached())),
        ("record", record),
    ]);
    let names: String = values.values().map(String::as_str).collect();
    values.insert("tag", dollar_tag(&names, "capture"));
    fill(&library::CAPTURE.text(), &values)
}

struct Capture<'a> {
    shape: &'a TableShape,
    spec: &'a TableSpec,
}

impl Capture<'_> {
    fn look_statement(&self) -> Result<String, HoleError> {
        let values = BTreeMap::from([
            ("has_columns", self.has_columns()),
            ("may_repeat", format!("{TRAIL}.may_repeat_rows({})", self.names())),
        ]);
        fill(&library::LOOK_STATEMENT.text(), &values)
    }

    fn record_statement(&self) -> Result<String, HoleError> {
        let values = BTreeMap::from([
            ("schema", Literal(self.shape.table.schema()).to_string()),
            ("table", Literal(self.shape.table.name()).to_string()),
            ("trust", self.trust()),
            ("repeats", self.repeats()),
            ("update_one", self.update_one()),
            ("update_many", self.update_many()),
            ("update_any", self.update_any()),
            ("insert", self.insert()),
            ("insert_any", self.insert_any()),
            ("delete", self.delete()),
            ("delete_any", self.delete_any()),
            ("truncate", self.truncate()?),
        ]);
        fill(&library::RECORD_STATEMENT.text(), &values)
    }

    fn update_one(&self) -> String {
        let key = self.typed_key("n");
        format!(
            "{INSERT}{names}, {hash}, {key}, 'update', {image},
    {fields},
    {before},
    capture.captured_at
FROM old_rows o, new_rows n
WHERE {same_key} AND ({changed});",
            names = self.names(),
            hash = self.hash(&key),
            image = self.typed_image("n"),
            fields = self.typed_fields(),
            before = self.typed_before(),
            same_key = same_key(&self.key_columns(), "o", "n"),
            changed = self.changed_typed(),
        )
    }

    fn update_many(&self) -> String {
        let key: Vec<&CatalogColumn> = self.key_columns();
        let first = Ident(self.shape.key[0].as_str()).to_string();
        let (old_gone, new_gone) = (format!("o.{first} IS NULL"), format!("n.{first} IS NULL"));
        let (old_key, new_key) = (self.typed_key("o"), self.typed_key("n"));
        let row_key = format!("CASE WHEN {new_gone} THEN {old_key} ELSE {new_key} END");
        format!(
            "{INSERT}{names},
    {hash},
    {row_key},
    CASE WHEN {new_gone} THEN 'delete'::{TRAIL}.change_op
        WHEN {old_gone} THEN 'insert'::{TRAIL}.change_op
        ELSE 'update'::{TRAIL}.change_op END,
    CASE WHEN {new_gone} THEN NULL ELSE {new_image} END,
    CASE WHEN {new_gone} OR {old_gone} THEN NULL ELSE {fields} END,
    CASE WHEN {new_gone} THEN {old_image} WHEN {old_gone} THEN NULL ELSE {before} END,
    capture.captured_at
FROM old_rows o FULL JOIN new_rows n ON {join}
WHERE {keep};",
            names = self.names(),
            hash = self.hash(&row_key),
            new_image = self.typed_image("n"),
            old_image = self.typed_image("o"),
            fields = self.typed_fields(),
            before = self.typed_before(),
            join = same_key(&key, "o", "n"),
            keep = self.keep_typed(&old_gone, &new_gone),
        )
    }

    fn update_any(&self) -> String {
        let keep = self.keep_json("x.jo", "x.jn").unwrap_or_else(|| {
            let differs = difference::json_differs("x.jo", "x.jn");
            // Of a row that came to its key and was written there again, the version in between is
            // in both tables, and is no update that changed nothing.
            if self.spec.captures_noop() { format!("x.is_step OR {differs}") } else { differs }
        });
        // A row that one statement touched more than once is paired with itself in the order in which
        // that happened.
        let side = |relation: &str| {
            format!(
                "(SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN {key} END AS k
        FROM (SELECT {TRAIL}.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM {relation} s OFFSET 0) r OFFSET 0) i)",
                key = self.current_key_object("r.j"),
            )
        };
        format!(
            "{INSERT}{names}, {hash}, x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::{TRAIL}.change_op
        WHEN x.jo IS NULL THEN 'insert'::{TRAIL}.change_op
        ELSE 'update'::{TRAIL}.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN {new_image} END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN {old_image} WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, {no_key}) AS k,
        coalesce(n.pos, o.pos) AS pos, n.pos = o.pos AS is_step
    FROM {old} o
    FULL JOIN {new} n ON o.k = n.k AND o.nth = n.nth
    OFFSET 0) x
CROSS JOIN LATERAL ({difference}) d
WHERE x.jo IS NULL OR x.jn IS NULL OR ({keep})
ORDER BY x.pos;",
            names = self.names(),
            hash = self.hash("x.k"),
            new_image = self.image("x.jn"),
            old_image = self.image("x.jo"),
            no_key = self.no_key(),
            old = side("old_rows"),
            new = side("new_rows"),
            difference = self.json_difference(),
        )
    }

    fn insert(&self) -> String {
        let key = self.typed_key("n");
        format!(
            "{INSERT}{names}, {hash}, {key}, 'insert', {image}, NULL, NULL, capture.captured_at
FROM new_rows n;",
            names = self.names(),
            hash = self.hash(&key),
            image = self.typed_image("n"),
        )
    }

    fn insert_any(&self) -> String {
        format!(
            "{INSERT}{names}, {hash}, {key}, 'insert', {image}, NULL, NULL, capture.captured_at
FROM (SELECT {TRAIL}.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;",
            names = self.names(),
            hash = self.hash(&self.current_key_object("x.j")),
            key = self.current_key_object("x.j"),
            image = self.image("x.j"),
        )
    }

    fn delete(&self) -> String {
        let key = self.typed_key("o");
        format!(
            "{INSERT}{names}, {hash}, {key}, 'delete', NULL, NULL, {image}, capture.captured_at
FROM old_rows o;",
            names = self.names(),
            hash = self.hash(&key),
            image = self.typed_image("o"),
        )
    }

    fn delete_any(&self) -> String {
        format!(
            "{INSERT}{names}, {hash}, {key}, 'delete', NULL, NULL, {image}, capture.captured_at
FROM (SELECT {TRAIL}.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;",
            names = self.names(),
            hash = self.hash(&self.current_key_object("x.j")),
            key = self.current_key_object("x.j"),
            image = self.image("x.j"),
        )
    }

    /// Whether one statement has touched a row more than once. A key that is in both tables just once
    /// was either changed once, or not there before and after.
    fn repeats(&self) -> String {
        let key: Vec<String> =
            self.shape.key.iter().map(|column| format!("r.{}", Ident(column.as_str()))).collect();
        let twice = |relation: &str| {
            format!(
                "EXISTS (SELECT FROM {relation} r GROUP BY {} HAVING count(*) > 1)",
                key.join(", ")
            )
        };
        format!("{} OR {}", twice("new_rows"), twice("old_rows"))
    }

    /// Whether the table has the columns that this text was made for.
    fn has_columns(&self) -> String {
        let columns = text_array(self.shape.fingerprint().iter().map(String::as_str));
        let has = format!("{TRAIL}.has_columns({}, {columns}, {})", self.names(), self.redacts());
        format!("({has} AND {})", self.is_the_audited_one())
    }

    /// Whether the table that fires, or its root, is the one of the audited name: one that was renamed
    /// may not be taken for another that has its name now.
    fn is_the_audited_one(&self) -> String {
        let relation = match self.shape.kind {
            Kind::Partitioned => "pg_partition_root(TG_RELID)::oid".to_owned(),
            Kind::Plain | Kind::Inherited => self.relation(),
        };
        format!("{relation} IS NOT DISTINCT FROM {TRAIL}.audited_relation({})::oid", self.names())
    }

    /// Whose columns the policy is about, where a trigger runs.
    fn relation(&self) -> String {
        match self.shape.kind {
            Kind::Plain => "TG_RELID".to_owned(),
            Kind::Partitioned | Kind::Inherited => format!("{TRAIL}.root_of(TG_RELID)"),
        }
    }

    /// Finds out which columns are still what their names say, where that matters, and which ones a
    /// trigger does not see.
    fn trust(&self) -> String {
        let unseen = format!("capture.unseen := {TRAIL}.virtual_columns(TG_RELID);");
        if !self.redacts() {
            return unseen;
        }
        let trusted = format!("{TRAIL}.trusted_columns({}, {})", self.relation(), self.names());
        // A table that is no part of the root any more has places of its own, which mean nothing.
        let trusted = match self.shape.kind {
            Kind::Plain => trusted,
            Kind::Partitioned | Kind::Inherited => {
                format!("CASE WHEN {} THEN {trusted} ELSE '{{}}' END", self.is_the_audited_one())
            }
        };
        format!("{unseen}\n        capture.trusted := {trusted};")
    }

    /// A table that was detached from its partitioned root keeps the triggers that it was given itself,
    /// but is not a part of what is audited any more.
    fn detached(&self) -> &'static str {
        match self.shape.kind {
            Kind::Partitioned => {
                "    IF TG_OP = 'TRUNCATE' AND pg_partition_root(TG_RELID) IS NULL THEN
        RETURN NULL;
    END IF;\n"
            }
            Kind::Plain | Kind::Inherited => "",
        }
    }

    fn names(&self) -> String {
        let table = &self.shape.table;
        format!("{}, {}", Literal(table.schema()), Literal(table.name()))
    }
}

fn object(pairs: impl Iterator<Item = String>) -> String {
    format!("jsonb_build_object({})", pairs.collect::<Vec<_>>().join(", "))
}
