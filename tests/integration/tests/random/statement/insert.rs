//! Rows that are new, or meet one that is there.

use fastrand::Rng;

use super::rows::{assignments, names, row, some_columns};
use super::{Generator, Statement};
use crate::kind::Kind;
use crate::table::{Role, Table};

pub(super) fn plain(rng: &mut Rng, table: &Table) -> Statement {
    let conflict = if rng.u8(..3) > 0 { " ON CONFLICT DO NOTHING" } else { "" };
    let count = some(rng);
    Statement::telling(format!("{}{conflict}", values(rng, table, count)))
}

fn some(rng: &mut Rng) -> usize {
    if rng.bool() { 1 } else { rng.usize(2..7) }
}

/// With the name `r`, as all statements on one table.
fn values(rng: &mut Rng, table: &Table, count: usize) -> String {
    let columns = some_columns(rng, table);
    let rows: Vec<String> = (0..count).map(|_| row(rng, &columns)).collect();
    format!("INSERT INTO {} AS r ({}) VALUES {}", table.ident(), names(&columns), rows.join(", "))
}

/// Rows made of those that are there, moved to other keys.
pub(super) fn selected(rng: &mut Rng, table: &Table) -> Statement {
    let moved = |column: &crate::table::Column| match column.role {
        Role::Key => column.kind.shifted(&format!("r.{}", column.ident()), '+'),
        _ => Some(format!("r.{}", column.ident())),
    };
    let columns: Vec<_> = table
        .columns
        .iter()
        .filter(|column| !matches!(column.role, Role::Generated | Role::Unique))
        .collect();
    let Some(values) = columns.iter().map(|c| moved(c)).collect::<Option<Vec<_>>>() else {
        return plain(rng, table);
    };
    Statement::telling(format!(
        "INSERT INTO {table} ({}) SELECT {} FROM {table} r WHERE random() < 0.3 \
         ON CONFLICT DO NOTHING",
        names(&columns),
        values.join(", "),
        table = table.ident(),
    ))
}

pub(super) fn upsert(rng: &mut Rng, table: &Table) -> Statement {
    let keys: Vec<String> = table.key().map(crate::table::Column::ident).collect();
    let unique = table.columns.iter().find(|column| column.role == Role::Unique);
    let target = match unique {
        Some(unique) if rng.u8(..3) == 0 => unique.ident(),
        _ => keys.join(", "),
    };
    let (mut set, mut count) = (assignments(rng, table), some(rng));
    if rng.u8(..6) == 0
        && let Some(key) = table.key().next()
    {
        set = format!("{set}, {} = {}", key.ident(), key.value(rng));
        // A second row might be inserted where the first one moved away from, which is the same as
        // to delete a row and insert it again.
        count = 1;
    }
    let only = if rng.u8(..4) == 0 { " WHERE random() < 0.5" } else { "" };
    Statement::new(format!(
        "{} ON CONFLICT ({target}) DO UPDATE SET {set}{only}",
        values(rng, table, count)
    ))
}

/// A `COPY` from the client, and its data.
pub(crate) fn copy(rng: &mut Rng, generator: Generator<'_>) -> Option<(String, String)> {
    let table = generator.any(rng);
    let plain = |kind: Kind| matches!(kind, Kind::Int | Kind::Big | Kind::Positive | Kind::Numeric);
    let columns: Vec<_> = table
        .columns
        .iter()
        .filter(|column| column.role == Role::Key || (column.is_writable() && plain(column.kind)))
        .collect();
    if !table.key().all(|key| plain(key.kind)) {
        return None;
    }
    let data: String = (0..rng.usize(1..5))
        .map(|_| columns.iter().map(|c| c.value(rng)).collect::<Vec<_>>().join(";") + "\n")
        .collect();
    let sql = format!(
        "COPY {} ({}) FROM STDIN WITH (FORMAT csv, DELIMITER ';', NULL 'NULL', QUOTE '^')",
        table.ident(),
        names(&columns)
    );
    // A value that is an expression and no value is an error of COPY, which is as good.
    Some((sql, data.replace('\'', "")))
}
