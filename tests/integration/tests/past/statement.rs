//! Random statements that write.

use fastrand::Rng;

use crate::rows::{KEYS, KINDS, Kind, number};

pub(crate) fn write(rng: &mut Rng) -> String {
    let kind = &KINDS[rng.usize(..KINDS.len())];
    match rng.u8(..40) {
        0..12 => insert(rng, kind),
        12..16 => upsert(rng, kind),
        16..22 => update(rng, kind, one_row),
        22..27 => update(rng, kind, some_rows),
        27..30 => delete(rng, kind, one_row),
        30 => delete(rng, kind, some_rows),
        31..34 => rekey(rng, kind),
        34 => shift(rng, kind),
        35 => swap(rng, kind),
        36 => move_money(rng),
        37 => back(rng, kind),
        38 if rng.bool() => truncate(rng),
        _ => both(rng),
    }
}

/// The rows that are there when it begins.
pub(crate) fn first_rows(rng: &mut Rng) -> Vec<String> {
    let fill = |kind: &Kind| {
        let rows: Vec<String> = (0..KEYS).step_by(2).map(|n| (kind.row)(rng, n)).collect();
        let rows = rows.join(", ");
        format!(
            "INSERT INTO {} ({}) VALUES {rows} ON CONFLICT DO NOTHING",
            kind.table, kind.columns
        )
    };
    KINDS.iter().map(fill).collect()
}

type Where = fn(&mut Rng, &Kind) -> String;

fn one_row(rng: &mut Rng, kind: &Kind) -> String {
    (kind.at)(number(rng))
}

fn some_rows(rng: &mut Rng, kind: &Kind) -> String {
    (kind.some)(rng)
}

/// Rows with different keys.
fn values(rng: &mut Rng, kind: &Kind) -> String {
    let count = [1, 1, 3, 7][rng.usize(..4)];
    let first = number(rng);
    let rows: Vec<String> = (0..count).map(|n| (kind.row)(rng, (first + n * 5) % KEYS)).collect();
    rows.join(", ")
}

fn insert(rng: &mut Rng, kind: &Kind) -> String {
    let rest = if rng.u8(..4) == 0 { "" } else { " ON CONFLICT DO NOTHING" };
    format!("INSERT INTO {} ({}) VALUES {}{rest}", kind.table, kind.columns, values(rng, kind))
}

fn upsert(rng: &mut Rng, kind: &Kind) -> String {
    let first = kind.columns.rsplit(", ").next().unwrap_or_default();
    format!(
        "INSERT INTO {} ({}) VALUES {} ON CONFLICT ({}) DO UPDATE SET {first} = EXCLUDED.{first}",
        kind.table,
        kind.columns,
        values(rng, kind),
        kind.key
    )
}

fn update(rng: &mut Rng, kind: &Kind, rows: Where) -> String {
    format!("UPDATE {} SET {} WHERE {}", kind.table, (kind.set)(rng), rows(rng, kind))
}

fn delete(rng: &mut Rng, kind: &Kind, rows: Where) -> String {
    format!("DELETE FROM {} WHERE {}", kind.table, rows(rng, kind))
}

fn rekey(rng: &mut Rng, kind: &Kind) -> String {
    let (from, to) = (number(rng), number(rng));
    format!("UPDATE {} SET {} WHERE {}", kind.table, (kind.rekey)(to), (kind.at)(from))
}

/// Every key becomes another one, and none is ever taken twice.
fn shift(rng: &mut Rng, kind: &Kind) -> String {
    match kind.table {
        "posts" | "people" | "billing.invoices" => {
            format!("UPDATE {} SET id = -id WHERE id > {}", kind.table, number(rng))
        }
        "lines" => "UPDATE lines SET doc = -doc".to_owned(),
        _ => rekey(rng, kind),
    }
}

/// The row is gone and there again within one statement string, which is one transaction.
fn swap(rng: &mut Rng, kind: &Kind) -> String {
    let n = number(rng);
    format!(
        "DELETE FROM {table} WHERE {}; INSERT INTO {table} ({}) VALUES {} ON CONFLICT DO NOTHING",
        (kind.at)(n),
        kind.columns,
        (kind.row)(rng, n),
        table = kind.table,
    )
}

/// What was taken here is given there, and no moment may see only the half of it.
fn move_money(rng: &mut Rng) -> String {
    let (from, to, amount) = (number(rng), number(rng), rng.u8(..50));
    format!(
        "UPDATE billing.invoices SET amount = amount - {amount} WHERE id = {from}; \
         UPDATE billing.invoices SET amount = amount + {amount} WHERE id = {to}"
    )
}

/// An update and its contrary.
fn back(rng: &mut Rng, kind: &Kind) -> String {
    let rows = one_row(rng, kind);
    format!(
        "UPDATE {table} SET {} WHERE {rows}; UPDATE {table} SET {} WHERE {rows}",
        (kind.set)(rng),
        (kind.set)(rng),
        table = kind.table,
    )
}

/// Two tables in one statement.
fn both(rng: &mut Rng) -> String {
    format!(
        "WITH gone AS (DELETE FROM comments WHERE person_id = {} RETURNING person_id) \
         UPDATE people SET name = 'gone' WHERE id IN (SELECT person_id FROM gone)",
        number(rng)
    )
}

pub(crate) fn truncate(rng: &mut Rng) -> String {
    let table = KINDS[rng.usize(..KINDS.len())].table;
    match rng.u8(..4) {
        // What comes back at once is newer than the truncate.
        0 => format!(
            "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM {table} LIMIT 5; \
             TRUNCATE {table} CASCADE; INSERT INTO {table} SELECT * FROM kept; DROP TABLE kept"
        ),
        1 => "TRUNCATE tags, post_tags".to_owned(),
        _ => format!("TRUNCATE {table} CASCADE"),
    }
}
