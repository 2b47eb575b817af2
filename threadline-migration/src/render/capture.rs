//! The capture function of one table.
//!
//! Two families of statements record the same thing. The *typed* one names columns and is fast for
//! many rows; it is valid only while the table's columns are the ones it was made for. The *json*
//! ones name no column, so no schema change can make a business write fail, and on a table with any
//! redaction they mask every column they do not know.

use std::collections::BTreeMap;

use threadline::{ColumnName, Redaction, TableSpec};

use super::compare::{differs, same_key};
use super::hole::{HoleError, fill};
use super::quote::{Ident, Literal, dollar_tag, name_array, text_array};
use crate::library;
use crate::shape::{CatalogColumn, TableShape};

const INSERT: &str = "INSERT INTO threadline.audit_changes (
    transaction_id, action_id, table_schema, table_name, row_hash, row_pk, op, data_after,
    changed_fields, changed_from, captured_at)
SELECT capture.transaction_id, capture.action_id, ";

/// The text a column that nothing is known of reads as, on a table with any redaction.
const UNKNOWN: &str = "[REDACTED]";

/// The capture function of one table as `CREATE OR REPLACE FUNCTION`.
pub(crate) fn function(shape: &TableShape, spec: &TableSpec) -> Result<String, HoleError> {
    let capture = Capture { shape, spec };
    let mut values = BTreeMap::from([
        ("function", super::table::function_name(&shape.table)),
        ("schema", Literal(shape.table.schema()).to_string()),
        ("table", Literal(shape.table.name()).to_string()),
        ("key_columns", name_array(&shape.key)),
        ("settings", super::settings::differ(shape)),
        ("has_columns", capture.has_columns()),
        ("may_repeat", format!("threadline.may_repeat_rows({})", capture.names())),
        ("update_one", capture.update_one()),
        ("update_many", capture.update_many()),
        ("update_any", capture.update_any()),
        ("insert", capture.insert()),
        ("insert_any", capture.insert_any()),
        ("delete", capture.delete()),
        ("delete_any", capture.delete_any()),
    ]);
    let names: String = values.values().map(String::as_str).collect();
    values.insert("tag", dollar_tag(&names, "capture"));
    fill(library::CAPTURE, &values)
}

struct Capture<'a> {
    shape: &'a TableShape,
    spec: &'a TableSpec,
}

impl Capture<'_> {
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
    CASE WHEN {new_gone} THEN 'delete'::threadline.change_op
        WHEN {old_gone} THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
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
            if self.spec.captures_noop() { "true" } else { "x.jo <> x.jn" }.to_owned()
        });
        // A row that one statement touched more than once is paired with itself in the order in which
        // that happened.
        let side = |relation: &str| {
            format!(
                "(SELECT i.j, i.k, i.pos, row_number() OVER (PARTITION BY i.k ORDER BY i.pos) AS nth
    FROM (SELECT r.j, r.pos, CASE WHEN array_position(capture.key_columns, NULL) IS NULL
            AND r.j ?& capture.key_columns THEN {key} END AS k
        FROM (SELECT threadline.row_image(row_to_json(s.*)) AS j, row_number() OVER () AS pos
            FROM {relation} s OFFSET 0) r OFFSET 0) i)",
                key = self.current_key_object("r.j"),
            )
        };
        format!(
            "{INSERT}{names}, {hash}, x.k,
    CASE WHEN x.jn IS NULL THEN 'delete'::threadline.change_op
        WHEN x.jo IS NULL THEN 'insert'::threadline.change_op
        ELSE 'update'::threadline.change_op END,
    CASE WHEN x.jn IS NOT NULL THEN {new_image} END,
    CASE WHEN x.jn IS NOT NULL AND x.jo IS NOT NULL THEN d.fields END,
    CASE WHEN x.jn IS NULL THEN {old_image} WHEN x.jo IS NOT NULL THEN d.before END,
    capture.captured_at
FROM (
    SELECT o.j AS jo, n.j AS jn, coalesce(n.k, o.k, {no_key}) AS k,
        coalesce(n.pos, o.pos) AS pos
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
FROM (SELECT threadline.row_image(row_to_json(n.*)) AS j FROM new_rows n OFFSET 0) x;",
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
FROM (SELECT threadline.row_image(row_to_json(o.*)) AS j FROM old_rows o OFFSET 0) x;",
            names = self.names(),
            hash = self.hash(&self.current_key_object("x.j")),
            key = self.current_key_object("x.j"),
            image = self.image("x.j"),
        )
    }

    /// Whether the table has the columns that this text was made for.
    fn has_columns(&self) -> String {
        let columns = text_array(self.shape.fingerprint().iter().map(String::as_str));
        format!("threadline.has_columns({}, {columns}, {})", self.names(), self.redacts())
    }

    fn names(&self) -> String {
        let table = &self.shape.table;
        format!("{}, {}", Literal(table.schema()), Literal(table.name()))
    }
}

/// Keys.
impl Capture<'_> {
    fn key_columns(&self) -> Vec<&CatalogColumn> {
        let find = |name: &ColumnName| self.shape.columns.iter().find(|c| c.name == *name);
        self.shape.key.iter().filter_map(find).collect()
    }

    /// The hash by which a row's history is found. It is stored and not an expression of the index,
    /// because an expression is prepared anew for every statement.
    fn hash(&self, key: &str) -> String {
        let table = format!("{}.{}", self.shape.table.schema(), self.shape.table.name());
        format!("jsonb_hash_extended({key}, hashtextextended({}, 0))", Literal(&table))
    }

    /// The key out of a row with typed columns.
    fn typed_key(&self, row: &str) -> String {
        object(self.shape.key.iter().map(|column| {
            format!("{}, {row}.{}", Literal(column.as_str()), Ident(column.as_str()))
        }))
    }

    /// The key under its declared names, out of the columns that hold it now.
    fn current_key_object(&self, json: &str) -> String {
        format!(
            "(SELECT jsonb_object_agg(c.declared, {json} -> c.actual) \
             FROM unnest({}, capture.key_columns) AS c(declared, actual))",
            name_array(&self.shape.key)
        )
    }

    /// A key of which nothing is known: its columns were dropped.
    fn no_key(&self) -> String {
        object(self.shape.key.iter().map(|column| format!("{}, NULL", Literal(column.as_str()))))
    }
}

/// Images and redaction.
impl Capture<'_> {
    fn excluded(&self) -> Vec<&ColumnName> {
        let virtual_columns = self.shape.columns.iter().filter(|c| c.is_virtual).map(|c| &c.name);
        let excluded = self.spec.redactions().iter().filter_map(|(name, redaction)| {
            matches!(redaction, Redaction::Exclude).then_some(name)
        });
        excluded.chain(virtual_columns).collect()
    }

    fn placeholder(&self, column: &ColumnName) -> Option<&str> {
        match self.spec.redactions().get(column) {
            Some(Redaction::Mask { placeholder }) => Some(placeholder.as_str()),
            _ => None,
        }
    }

    fn masked(&self) -> Vec<(&ColumnName, &str)> {
        let columns = self.spec.redactions().keys();
        columns.filter_map(|name| Some((name, self.placeholder(name)?))).collect()
    }

    fn redacts(&self) -> bool {
        !self.excluded().is_empty() || !self.masked().is_empty()
    }

    /// The placeholders as one json document: `'{"tax": "[REDACTED]"}'::jsonb`.
    fn placeholders(&self) -> String {
        let pairs = self.masked().into_iter().map(|(name, text)| {
            (name.as_str().to_owned(), serde_json::Value::String(text.to_owned()))
        });
        let document = serde_json::Value::Object(pairs.collect());
        format!("{}::jsonb", Literal(&document.to_string()))
    }

    /// The image of a row whose columns are known to be the declared ones.
    fn typed_image(&self, row: &str) -> String {
        // Converting a whole row would convert what is not stored, too, and may fail for it.
        if self.redacts() || self.shape.columns.iter().any(|column| column.may_hold_json) {
            return self.image_by_columns(row);
        }
        format!("to_jsonb({row}.*)")
    }

    /// As [`typed_image`](Self::typed_image), column by column, so that one can be treated apart.
    fn image_by_columns(&self, row: &str) -> String {
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
    fn stored(&self, column: &CatalogColumn, row: &str) -> String {
        let name = Ident(column.name.as_str());
        match self.placeholder(&column.name) {
            Some(text) => format!("{}::text", Literal(text)),
            None if column.may_hold_json => format!("threadline.json_image(to_json({row}.{name}))"),
            None => format!("{row}.{name}"),
        }
    }

    /// The image of a row of any shape: a column that is not known is masked.
    fn image(&self, json: &str) -> String {
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
    fn redacted_value(&self) -> String {
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

/// Differences.
impl Capture<'_> {
    /// `fields` and `before` of `x.jo` against `x.jn`, whatever the columns.
    fn json_difference(&self) -> String {
        let visible = match self.excluded() {
            excluded if excluded.is_empty() => String::new(),
            excluded => format!(" AND e.key <> ALL ({})", name_array(excluded)),
        };
        format!(
            "SELECT coalesce(jsonb_object_agg(e.key, {value}), '{{}}') AS before,
        coalesce(array_agg(e.key), '{{}}') AS fields
    FROM jsonb_each(x.jo) e WHERE x.jn -> e.key IS DISTINCT FROM e.value{visible}",
            value = self.redacted_value(),
        )
    }

    fn visible(&self) -> Vec<&CatalogColumn> {
        let excluded = self.excluded();
        self.shape.columns.iter().filter(|c| !excluded.contains(&&c.name)).collect()
    }

    fn typed_fields(&self) -> String {
        let cases: Vec<String> = self
            .visible()
            .into_iter()
            .map(|column| {
                let name = Literal(column.name.as_str());
                format!("CASE WHEN {} THEN {name} END", differs(column, "o", "n"))
            })
            .collect();
        format!("array_remove(ARRAY[{}]::text[], NULL)", cases.join(",\n        "))
    }

    fn typed_before(&self) -> String {
        let cases: Vec<String> = self
            .visible()
            .into_iter()
            .map(|column| {
                let name = Literal(column.name.as_str());
                let old = self.stored(column, "o");
                let changed = differs(column, "o", "n");
                format!(
                    "CASE WHEN {changed} THEN jsonb_build_object({name}, {old}) ELSE '{{}}' END"
                )
            })
            .collect();
        cases.join("\n        || ")
    }

    /// The condition that keeps an update whose only change may be in quiet columns, as json.
    fn keep_json(&self, old: &str, new: &str) -> Option<String> {
        let quiet = self.spec.quiet();
        (!quiet.is_empty() && !self.spec.captures_noop())
            .then(|| format!("{old} - {quiet} <> {new} - {quiet}", quiet = name_array(quiet)))
    }

    fn keep_typed(&self, old_gone: &str, new_gone: &str) -> String {
        format!("{old_gone} OR {new_gone} OR {}", self.changed_typed())
    }

    /// Whether an update of a row counts: the stored image differs, or a column that is not quiet.
    fn changed_typed(&self) -> String {
        if self.spec.captures_noop() {
            return "true".to_owned();
        }
        if self.spec.quiet().is_empty() {
            return "o.* *<> n.*".to_owned();
        }
        let loud = self.shape.columns.iter().filter(|c| !self.spec.quiet().contains(&c.name));
        loud.map(|column| differs(column, "o", "n")).collect::<Vec<_>>().join(" OR ")
    }
}

fn object(pairs: impl Iterator<Item = String>) -> String {
    format!("jsonb_build_object({})", pairs.collect::<Vec<_>>().join(", "))
}
