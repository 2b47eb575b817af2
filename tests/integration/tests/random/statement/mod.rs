//! Statements at random, of all kinds.

mod delete;
mod insert;
mod many;
mod rows;
mod setting;
mod update;

use fastrand::Rng;

use crate::table::Table;

pub(crate) use insert::copy;
pub(crate) use setting::{forgery, setting};

/// A statement, and what is known of it beforehand.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(crate) sql: String,
    /// If it reports that it touched a row, then something has changed for certain.
    pub(crate) is_telling: bool,
}

impl Statement {
    fn new(sql: String) -> Self {
        Self { sql, is_telling: false }
    }

    fn telling(sql: String) -> Self {
        Self { sql, is_telling: true }
    }
}

/// Knows the tables, and what the server can do.
#[derive(Clone, Copy)]
pub(crate) struct Generator<'a> {
    pub(crate) tables: &'a [Table],
    /// Whether there is `MERGE`.
    pub(crate) merges: bool,
}

impl Generator<'_> {
    /// Anything that writes.
    pub(crate) fn write(self, rng: &mut Rng) -> Statement {
        let table = self.any(rng);
        match rng.u8(..100) {
            0..22 => insert::plain(rng, table),
            22..27 => insert::selected(rng, table),
            27..39 => insert::upsert(rng, table),
            39..58 => update::of_a_few(rng, table),
            58..66 => update::of_many(rng, table),
            66..72 => update::of_a_key(rng, table),
            72..75 => update::of_all_keys(rng, table),
            75..78 => update::from_values(rng, table),
            78..84 => delete::of_a_few(rng, table),
            84..86 => delete::of_many(rng, table),
            86..91 if self.merges => many::merge(rng, table),
            86..94 => many::with(rng, self),
            94..97 => many::block(rng, self),
            97..98 => delete::truncate(rng, self),
            _ => update::of_nothing(rng, table),
        }
    }

    /// A table, or a part of one.
    pub(crate) fn any(&self, rng: &mut Rng) -> &Table {
        let wholes: Vec<&Table> = self.tables.iter().filter(|t| t.root.is_none()).collect();
        let whole = wholes[rng.usize(..wholes.len())];
        let parts = self.tables.iter().filter(|t| t.root.as_ref() == Some(&whole.name));
        let parts: Vec<&Table> = parts.collect();
        if parts.is_empty() || rng.u8(..5) < 3 { whole } else { parts[rng.usize(..parts.len())] }
    }
}
