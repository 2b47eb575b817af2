//! The key of one row, as SQL.

use sea_orm::Value;
use sea_orm::sea_query::sea_value_to_json_value;

use crate::TableName;
use crate::query::cursor::fingerprint;
use crate::query::sql::Binds;
use crate::spec::quote::{Ident, Literal};
use crate::trail::TRAIL;

/// One row of one table, by its key.
#[derive(Clone, Debug)]
pub(super) struct OneRow {
    table: TableName,
    /// Each key column as the trail names it, and as the table does now.
    names: Vec<(String, String)>,
    given: Given,
    /// Whether there is such a table now.
    has_table: bool,
}

#[derive(Clone, Debug)]
enum Given {
    /// A value for each key column, of the column's type.
    Values(Vec<Value>),
    /// The text of an object, as the trail has it.
    Told(String),
}

impl OneRow {
    /// By values of the key columns' types, in the order of `names`.
    pub(super) fn of_values(table: TableName, names: Vec<&str>, values: Vec<Value>) -> Self {
        let names = names.into_iter().map(|name| (name.to_owned(), name.to_owned())).collect();
        Self { table, names, given: Given::Values(values), has_table: true }
    }

    /// By an object with a member for each of `names`, told as the trail tells it. Without names of today,
    /// the table is gone.
    pub(super) fn told(
        table: TableName,
        names: Option<Vec<(String, String)>>,
        key: String,
    ) -> Self {
        let has_table = names.is_some();
        Self { table, names: names.unwrap_or_default(), given: Given::Told(key), has_table }
    }

    pub(super) fn table(&self) -> &TableName {
        &self.table
    }

    /// What the cursors of a walk through its versions belong to.
    pub(super) fn walk(&self, wanted: &str) -> u64 {
        let key = match &self.given {
            Given::Told(key) => key.clone(),
            Given::Values(values) => {
                let told = values.iter().map(|value| sea_value_to_json_value(value).to_string());
                told.collect::<Vec<_>>().join(",")
            }
        };
        fingerprint(&["history", &self.table.to_string(), &key, wanted])
    }

    /// The conditions that find it, for one statement.
    pub(super) fn sql(&self, binds: &mut Binds) -> RowSql {
        let (schema, name) = (binds.push(self.table.schema()), binds.push(self.table.name()));
        let key = match &self.given {
            Given::Values(values) => self.typed(values, binds),
            Given::Told(key) => format!("{}::text::jsonb", binds.push(key.as_str())),
        };
        RowSql {
            with: format!(
                "k AS MATERIALIZED (
                    SELECT k.key, jsonb_hash_extended(
                        k.key, hashtextextended({schema} || '.' || {name}, 0)) AS hash
                    FROM (SELECT {key} AS key OFFSET 0) k)"
            ),
            of_table: format!("c.table_schema = {schema} AND c.table_name = {name}"),
            exists_now: if self.has_table { self.exists_now() } else { "false".to_owned() },
        }
    }

    /// Whether the table has the row now.
    fn exists_now(&self) -> String {
        let (mut given, mut same) = (Vec::new(), Vec::new());
        for (told, now) in &self.names {
            given.push(format!("{}, (SELECT k.key FROM k) -> {}", Literal(now), Literal(told)));
            same.push(format!("b.{0} = (g.whole).{0}", Ident(now)));
        }
        format!(
            "EXISTS (SELECT FROM {relation} b, (SELECT ({TRAIL}.read_row(
                {base}, jsonb_build_object({given}))).whole OFFSET 0) g WHERE {same})",
            relation = qualified(&self.table),
            base = base(&self.table),
            given = given.join(", "),
            same = same.join(" AND "),
        )
    }

    /// The key as the trail has it: told by the table's own types, so that a `char(5)` is padded and a
    /// `numeric` has its scale, and in the time zone of the trail.
    fn typed(&self, values: &[Value], binds: &mut Binds) -> String {
        let (mut places, mut given, mut told) = (Vec::new(), Vec::new(), Vec::new());
        for (position, ((name, _), value)) in self.names.iter().zip(values).enumerate() {
            let (name, said) = (Literal(name), format!("g.said -> 'f{}'", position + 1));
            places.push(binds.push(value.clone()));
            given.push(format!("{name}, {said}"));
            told.push(format!("{name}, coalesce(nullif(p.key -> {name}, 'null'), {said})"));
        }
        // No part of it is told or read in the settings of the session.
        format!(
            "(SELECT jsonb_build_object({told})
            FROM (SELECT {TRAIL}.told_row(ROW({places})) AS said OFFSET 0) g
            CROSS JOIN LATERAL (SELECT {TRAIL}.told_row(({TRAIL}.read_row(
                {base}, jsonb_build_object({given}))).whole) AS key
                OFFSET 0) p)",
            told = told.join(", "),
            places = places.join(", "),
            given = given.join(", "),
            base = base(&self.table),
        )
    }
}

/// A row of nulls that has the table's type. It comes out of the table and not out of a cast of null, so
/// that a statement prepared before an ALTER TABLE is planned again; and not by the alias alone, which may be
/// the name of a column.
pub(super) fn base(table: &TableName) -> String {
    format!("(SELECT (b.*)::{0} FROM {0} b LIMIT 0)", qualified(table))
}

/// A table as SQL has it.
pub(super) fn qualified(table: &TableName) -> String {
    format!("{}.{}", Ident(table.schema()), Ident(table.name()))
}

/// `ORDER BY` and `LIMIT` for changes `c` of one row.
///
/// The planner takes a row to have hardly any changes. Told the limit, it would read them all and sort,
/// which is slow for one that has a hundred thousand; a limit that it cannot see makes it walk the index.
pub(super) fn ordered(ascends: bool, rows: Option<u64>) -> String {
    let by = if ascends { "c.captured_at, c.id" } else { "c.captured_at DESC, c.id DESC" };
    let limit = rows.map(|rows| format!(" LIMIT (SELECT {rows}::bigint)")).unwrap_or_default();
    format!("ORDER BY {by}{limit}")
}

/// Pieces of a statement about one row, whose key is told once, in the common table `k`.
pub(super) struct RowSql {
    /// The common table `k`.
    pub(super) with: String,
    /// Whether the table has the row now.
    pub(super) exists_now: String,
    of_table: String,
}

impl RowSql {
    /// The changes of the row: a SELECT that ends in a condition. `changes` are those to look in, as `c`.
    pub(super) fn changes(&self, changes: &str) -> String {
        format!(
            "SELECT c.* FROM {changes}
            WHERE c.row_hash = (SELECT k.hash FROM k) AND {} AND c.row_pk = (SELECT k.key FROM k)",
            self.of_table
        )
    }

    /// The truncates of its table: a SELECT that ends in a condition. A truncate has no key, so its hash
    /// is null: the index of rows holds both. An order and a limit must not come directly after it:
    /// they would make the planner walk all changes of the table until it meets a truncate.
    pub(super) fn truncates(&self, changes: &str) -> String {
        format!(
            "SELECT c.* FROM {changes}
            WHERE c.row_hash IS NULL AND c.op = 'truncate' AND {}",
            self.of_table
        )
    }

    /// The truncates that ended the row, among those for which `condition` holds: it was there, and no
    /// other truncate came between.
    pub(super) fn ending_truncates(&self, changes: &str, condition: &str) -> String {
        format!(
            "SELECT x.* FROM ({truncates} AND {condition}
                AND c.captured_at >= ({first} {oldest}) OFFSET 0) x
            WHERE EXISTS (
                SELECT FROM ({own} AND (c.captured_at, c.id) < (x.captured_at, x.id) {newest}) p
                WHERE p.op <> 'delete' AND NOT EXISTS ({truncates}
                    AND (c.captured_at, c.id) > (p.captured_at, p.id)
                    AND (c.captured_at, c.id) < (x.captured_at, x.id)))",
            truncates = self.truncates(changes),
            first = self.changes(changes).replacen("c.*", "c.captured_at", 1),
            own = self.changes(changes),
            oldest = ordered(true, Some(1)),
            newest = ordered(false, Some(1)),
        )
    }
}
