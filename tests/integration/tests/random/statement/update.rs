//! Rows that change, and keys that do.

use fastrand::Rng;

use super::Statement;
use super::rows::{assignments, of_a_few as few};
use crate::table::Table;

pub(super) fn of_a_few(rng: &mut Rng, table: &Table) -> Statement {
    let (set, of) = (assignments(rng, table), few(rng, table));
    Statement::new(format!("UPDATE {} r SET {set} WHERE {of}", table.ident()))
}

pub(super) fn of_many(rng: &mut Rng, table: &Table) -> Statement {
    let of = ["true", "random() < 0.5", "random() < 0.9"][rng.usize(..3)];
    Statement::new(format!("UPDATE {} r SET {} WHERE {of}", table.ident(), assignments(rng, table)))
}

/// No row, or no change.
pub(super) fn of_nothing(rng: &mut Rng, table: &Table) -> Statement {
    if rng.bool() {
        let set = assignments(rng, table);
        return Statement::new(format!("UPDATE {} r SET {set} WHERE false", table.ident()));
    }
    let column = table.columns[rng.usize(..table.columns.len())].ident();
    Statement::new(format!("UPDATE {} SET {column} = {column}", table.ident()))
}

pub(super) fn of_a_key(rng: &mut Rng, table: &Table) -> Statement {
    let of = few(rng, table);
    let set: Vec<String> =
        table.key().map(|key| format!("{} = {}", key.ident(), key.value(rng))).collect();
    let also = if rng.bool() { format!(", {}", assignments(rng, table)) } else { String::new() };
    Statement::new(format!("UPDATE {} r SET {}{also} WHERE {of}", table.ident(), set.join(", ")))
}

/// Many keys at once, to where none is, and back again.
pub(super) fn of_all_keys(rng: &mut Rng, table: &Table) -> Statement {
    let sign = if rng.bool() { '+' } else { '-' };
    let Some(key) = table.key().next() else { return of_a_key(rng, table) };
    let Some(moved) = key.kind.shifted(&format!("r.{}", key.ident()), sign) else {
        return of_a_key(rng, table);
    };
    let (key, also) = (key.ident(), assignments(rng, table));
    let also = if rng.bool() { format!(", {also}") } else { String::new() };
    Statement::new(format!("UPDATE {} r SET {key} = {moved}{also}", table.ident()))
}

pub(super) fn from_values(rng: &mut Rng, table: &Table) -> Statement {
    let Some(key) = table.key().next() else { return of_many(rng, table) };
    let values: Vec<String> = (0..4).map(|_| format!("({})", key.value(rng))).collect();
    Statement::new(format!(
        "UPDATE {} r SET {} FROM (VALUES {}) v (key) WHERE r.{} = v.key",
        table.ident(),
        assignments(rng, table),
        values.join(", "),
        key.ident(),
    ))
}
