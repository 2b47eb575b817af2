//! The parts that statements are made of: rows, assignments, conditions.

use fastrand::Rng;

use crate::kind::KEYS;
use crate::table::{Column, Role, Table};

/// The columns that a new row gives values for: the key, and some of the others.
pub(super) fn some_columns<'a>(rng: &mut Rng, table: &'a Table) -> Vec<&'a Column> {
    let chosen = |column: &&Column, rng: &mut Rng| match column.role {
        Role::Key => true,
        Role::Identity => rng.u8(..4) == 0,
        Role::Generated => false,
        Role::Plain | Role::Noted | Role::Unique | Role::Reference(_) => rng.u8(..4) > 0,
    };
    table.columns.iter().filter(|column| chosen(column, rng)).collect()
}

pub(super) fn names(columns: &[&Column]) -> String {
    columns.iter().map(|column| column.ident()).collect::<Vec<_>>().join(", ")
}

/// `(1, 'a', NULL)`.
pub(super) fn row(rng: &mut Rng, columns: &[&Column]) -> String {
    let values: Vec<String> = columns.iter().map(|column| column.value(rng)).collect();
    format!("({})", values.join(", "))
}

/// `a = 1, b = b || 'x'`, of columns that are no key.
pub(super) fn assignments(rng: &mut Rng, table: &Table) -> String {
    let mut columns: Vec<&Column> = table
        .columns
        .iter()
        .filter(|column| column.is_writable() && column.role != Role::Key)
        .collect();
    rng.shuffle(&mut columns);
    columns.truncate(rng.usize(1..4));
    let assign = |column: &&Column| format!("{} = {}", column.ident(), new_value(rng, column));
    columns.iter().map(assign).collect::<Vec<_>>().join(", ")
}

fn new_value(rng: &mut Rng, column: &Column) -> String {
    // In an upsert the bare name would mean two tables.
    match rng.u8(..6) {
        0 => format!("r.{}", column.ident()),
        1..3 if column.role == Role::Plain => {
            let old = format!("r.{}", column.ident());
            column.kind.changed(&old).unwrap_or_else(|| column.value(rng))
        }
        _ => column.value(rng),
    }
}

/// A condition on the key of the row `r`, that a few rows meet.
pub(super) fn of_a_few(rng: &mut Rng, table: &Table) -> String {
    let one = rng.bool();
    let test = |column: &Column| {
        if one {
            return format!("r.{} = {}", column.ident(), column.value(rng));
        }
        let keys: Vec<String> = (0..4).map(|_| column.value(rng)).collect();
        format!("r.{} IN ({})", column.ident(), keys.join(", "))
    };
    table.key().take(1).map(test).collect::<Vec<_>>().join(" AND ")
}

/// The first key column is one of those below `KEYS / 2`, or not.
pub(super) fn in_lower_half(table: &Table, column: &str, is: bool) -> String {
    let Some(key) = table.key().next() else { return "false".to_owned() };
    let keys: Vec<String> = (0..KEYS / 2).map(|n| key.kind.key(n)).collect();
    format!("{column} {}IN ({})", if is { "" } else { "NOT " }, keys.join(", "))
}
