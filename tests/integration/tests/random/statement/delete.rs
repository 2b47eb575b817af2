//! Rows that go.

use fastrand::Rng;

use super::rows::of_a_few as few;
use super::{Generator, Statement};
use crate::table::Table;

pub(super) fn of_a_few(rng: &mut Rng, table: &Table) -> Statement {
    Statement::telling(format!("DELETE FROM {} r WHERE {}", table.ident(), few(rng, table)))
}

pub(super) fn of_many(rng: &mut Rng, table: &Table) -> Statement {
    let of = ["true", "random() < 0.5", "random() < 0.2", "random() < 0.1"][rng.usize(..4)];
    Statement::telling(format!("DELETE FROM {} WHERE {of}", table.ident()))
}

pub(super) fn truncate(rng: &mut Rng, generator: Generator<'_>) -> Statement {
    let mut names = Vec::new();
    while names.is_empty() {
        let some = (0..rng.usize(1..3)).map(|_| generator.any(rng)).collect::<Vec<_>>();
        names.extend(some.into_iter().filter(|table| table.truncates).map(Table::ident));
    }
    let how = ["", " CASCADE", " RESTART IDENTITY CASCADE"][rng.usize(..3)];
    Statement::new(format!("TRUNCATE {}{how}", names.join(", ")))
}
