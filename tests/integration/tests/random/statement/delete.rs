//! Rows that go.

use fastrand::Rng;

use super::Statement;
use super::rows::of_a_few as few;
use crate::table::Table;

pub(super) fn of_a_few(rng: &mut Rng, table: &Table) -> Statement {
    Statement::telling(format!("DELETE FROM {} r WHERE {}", table.ident(), few(rng, table)))
}

pub(super) fn of_many(rng: &mut Rng, table: &Table) -> Statement {
    let of = ["true", "random() < 0.5", "random() < 0.2", "random() < 0.1"][rng.usize(..4)];
    Statement::telling(format!("DELETE FROM {} WHERE {of}", table.ident()))
}

pub(super) fn truncate(rng: &mut Rng, tables: &[Table]) -> Statement {
    let mut names: Vec<String> = tables.iter().map(Table::ident).collect();
    rng.shuffle(&mut names);
    names.truncate(rng.usize(1..3));
    let how = ["", " CASCADE", " RESTART IDENTITY CASCADE"][rng.usize(..3)];
    Statement::new(format!("TRUNCATE {}{how}", names.join(", ")))
}
