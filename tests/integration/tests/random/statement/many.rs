//! Statements that do several things at once.

use fastrand::Rng;

use super::rows::{assignments, in_lower_half, names, of_a_few, row, some_columns};
use super::{Generator, Statement, update};
use crate::table::Table;

/// What it inserts is what it did not find. One that inserts another key might insert the row that it
/// deletes, as in [`with`].
pub(super) fn merge(rng: &mut Rng, table: &Table) -> Statement {
    let Some(key) = table.key().next() else { return update::of_many(rng, table) };
    let columns = some_columns(rng, table);
    let keys: Vec<String> =
        (0..5).map(|_| format!("({}, {})", key.value(rng), rng.u8(..3))).collect();
    let values: Vec<String> = columns
        .iter()
        .map(|c| if c.number == key.number { "s.key".to_owned() } else { c.value(rng) })
        .collect();
    Statement::new(format!(
        "MERGE INTO {} r USING (SELECT DISTINCT ON (1) * FROM (VALUES {}) v (key, what)) s \
         ON r.{} = s.key \
         WHEN MATCHED AND s.what = 0 THEN DELETE \
         WHEN MATCHED THEN UPDATE SET {} \
         WHEN NOT MATCHED AND s.what < 2 THEN INSERT ({}) VALUES ({})",
        table.ident(),
        keys.join(", "),
        key.ident(),
        assignments(rng, table),
        names(&columns),
        values.join(", "),
    ))
}

/// Several writes in one statement. None deletes a row that another one inserts: which of the two
/// came first is not told to statement triggers, and that is a known limit.
pub(super) fn with(rng: &mut Rng, generator: Generator<'_>) -> Statement {
    let a = generator.any(rng);
    let mut b = generator.any(rng);
    while b.recorded() == a.recorded() {
        b = generator.any(rng);
    }
    let update = |rng: &mut Rng, t: &Table, of: &str| {
        format!("UPDATE {} r SET {} WHERE {of}", t.ident(), assignments(rng, t))
    };
    let delete_a = format!("DELETE FROM {} r WHERE {}", a.ident(), of_a_few(rng, a));
    let columns = some_columns(rng, b);
    let insert_b = format!(
        "INSERT INTO {} ({}) VALUES {} ON CONFLICT DO NOTHING",
        b.ident(),
        names(&columns),
        row(rng, &columns)
    );
    let first = a.key().next().map_or("id".to_owned(), |key| format!("r.{}", key.ident()));
    let (lower, upper) = (in_lower_half(a, &first, true), in_lower_half(a, &first, false));
    Statement::new(match rng.u8(..4) {
        0 => format!("WITH gone AS ({delete_a} RETURNING 1) {insert_b}"),
        1 => format!("WITH gone AS ({delete_a}) {}", update(rng, b, "random() < 0.5")),
        2 => {
            let of_b = of_a_few(rng, b);
            format!("WITH u AS ({}), i AS ({insert_b}) SELECT", update(rng, b, &of_b))
        }
        _ => format!("WITH u AS ({}) {}", update(rng, a, &lower), update(rng, a, &upper)),
    })
}

/// A block whose inner part fails and is taken back, within one statement of the client.
pub(super) fn block(rng: &mut Rng, generator: Generator<'_>) -> Statement {
    let statements: Vec<String> = (0..3)
        .map(|_| {
            let table = generator.any(rng);
            update::of_a_few(rng, table).sql
        })
        .collect();
    let fails = if rng.bool() { "RAISE EXCEPTION 'on purpose';" } else { "" };
    let [first, second, third] = [&statements[0], &statements[1], &statements[2]];
    Statement::new(format!(
        "DO $do$ BEGIN {first}; \
         BEGIN {second}; {fails} EXCEPTION WHEN OTHERS THEN NULL; END; {third}; END $do$"
    ))
}
