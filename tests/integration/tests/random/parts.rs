//! The partitions of a table. It stays one table, whichever of its parts is written.

use std::collections::BTreeSet;

use fastrand::Rng;
use threadline::spec::quote::Ident;

use crate::kind::{KEYS, Kind, SHIFT};
use crate::table::{Column, Role, Table};
use crate::world::push;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Hash,
    List,
    Range,
}

/// The column that only a child table has.
pub(crate) const EXTRA: &str = "only the child's";

/// What a part holds.
#[derive(Clone, Debug)]
struct Bound {
    sql: String,
    /// The numbers of the keys that fit, or some that may.
    keys: Vec<usize>,
}

/// A table that is attached to its parent and may be written by its own name.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    name: String,
    bound: Bound,
    /// The names of its own parts.
    parts: Vec<String>,
    /// Whether it was there when the triggers were made. Those of TRUNCATE are not inherited.
    is_known: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Parts {
    by: By,
    /// The number of the key column that decides.
    column: i16,
    attached: Vec<Part>,
    /// What may be attached later.
    later: Vec<Bound>,
    /// No name is used twice.
    next: usize,
}

/// How a part comes to be.
#[derive(Clone, Copy, Debug)]
enum Shape {
    /// Made as a part, with the columns of the whole.
    Same,
    /// Made apart, with other columns before, and attached.
    Shifted,
    /// Made of parts.
    Divided,
}

/// Divides a table that has no rows yet, and whose key is known.
pub(crate) fn divide(rng: &mut Rng, table: &mut Table) {
    let keys: Vec<&Column> = table.key().collect();
    let Some(column) = keys.get(rng.usize(..keys.len().max(1))) else { return };
    let by = match column.kind {
        Kind::Int | Kind::Big | Kind::Numeric | Kind::Date | Kind::Timestamptz => {
            [By::Hash, By::List, By::Range][rng.usize(..3)]
        }
        _ => [By::Hash, By::List][rng.usize(..2)],
    };
    let (mut later, column) = (bounds(rng, by, column.kind), column.number);
    let first = later.split_off(rng.usize(1..later.len()));
    table.parts = Some(Parts { by, column, attached: Vec::new(), later, next: 0 });
    for bound in first {
        attach(rng, table, bound);
    }
}

fn bounds(rng: &mut Rng, by: By, kind: Kind) -> Vec<Bound> {
    let mut bounds: Vec<Bound> = match by {
        By::Hash => [(2, 0), (4, 1), (4, 3)]
            .map(|(modulus, rest)| Bound {
                sql: format!("FOR VALUES WITH (MODULUS {modulus}, REMAINDER {rest})"),
                keys: (0..KEYS).collect(),
            })
            .to_vec(),
        By::List => (0..4)
            .map(|group| grouped(kind, group))
            .map(|(values, keys)| Bound { sql: format!("FOR VALUES IN ({values})"), keys })
            .filter(|bound| !bound.keys.is_empty())
            .collect(),
        By::Range => [(0, 6), (6, KEYS), (SHIFT, SHIFT + 9), (SHIFT + 9, SHIFT + KEYS)]
            .map(|(from, to)| Bound {
                sql: format!("FOR VALUES FROM ({}) TO ({})", kind.key(from), kind.key(to)),
                keys: (from..to).collect(),
            })
            .to_vec(),
    };
    rng.shuffle(&mut bounds);
    if by != By::Hash && rng.u8(..3) > 0 {
        bounds.push(Bound { sql: "DEFAULT".to_owned(), keys: (0..KEYS + SHIFT).collect() });
    }
    bounds
}

/// One of four groups of keys: the values, and their numbers.
fn grouped(kind: Kind, group: usize) -> (String, Vec<usize>) {
    let fits = |n: &usize| kind.key(*n).bytes().map(usize::from).sum::<usize>() % 4;
    let keys: Vec<usize> = (0..KEYS).filter(|n| fits(n) == group).collect();
    let values: BTreeSet<String> = keys.iter().map(|n| kind.key(*n)).collect();
    (values.into_iter().collect::<Vec<_>>().join(", "), keys)
}

/// Gives a table a child. A key is in one of the two only: together they are one table in the trail.
pub(crate) fn bear(rng: &mut Rng, table: &mut Table) {
    let Some(column) = table.key().next() else { return };
    let groups = (0..4).map(|group| grouped(column.kind, group));
    let groups: Vec<_> = groups.filter(|(_, keys)| !keys.is_empty()).collect();
    let (values, keys) = groups[rng.usize(..groups.len())].clone();
    let (root, name, column) = (table.ident(), format!("{} child", table.name), column.ident());
    let key: Vec<String> = table.key().map(Column::ident).collect();
    table.made = vec![
        format!(
            "CREATE TABLE {} ({} text, PRIMARY KEY ({}), CHECK ({column} IN ({values}))) \
             INHERITS ({root})",
            Ident(&name),
            Ident(EXTRA),
            key.join(", ")
        ),
        format!("ALTER TABLE {root} ADD CHECK ({column} NOT IN ({values})) NO INHERIT"),
    ];
    table.child = Some((name, keys));
}

/// The statements that attach one more part.
fn attach(rng: &mut Rng, table: &mut Table, bound: Bound) -> Vec<String> {
    let (root, columns) = (table.ident(), shuffled(rng, table));
    let keys: Vec<String> = table.key().map(Column::ident).collect();
    let Some(parts) = &mut table.parts else { return Vec::new() };
    let (name, sql) = (format!("{} {}", table.name, parts.next), &bound.sql);
    parts.next += 1;
    let ident = Ident(&name).to_string();
    let mut inner = Vec::new();
    let statements = match [Shape::Same, Shape::Shifted, Shape::Divided][rng.usize(..3)] {
        Shape::Same => vec![format!("CREATE TABLE {ident} PARTITION OF {root} {sql}")],
        Shape::Shifted => {
            let columns = columns.unwrap_or(format!("LIKE {root} INCLUDING GENERATED"));
            vec![
                format!("CREATE TABLE {ident} (gone int, {columns})"),
                format!("ALTER TABLE {ident} DROP gone"),
                format!("ALTER TABLE {root} ATTACH PARTITION {ident} {sql}"),
            ]
        }
        Shape::Divided => {
            let key = &keys[rng.usize(..keys.len())];
            let whole =
                format!("CREATE TABLE {ident} PARTITION OF {root} {sql} PARTITION BY HASH ({key})");
            inner = vec![format!("{name} a"), format!("{name} b")];
            let part = |(rest, inner): (usize, &String)| {
                format!(
                    "CREATE TABLE {} PARTITION OF {ident} \
                     FOR VALUES WITH (MODULUS 2, REMAINDER {rest})",
                    Ident(inner)
                )
            };
            [whole].into_iter().chain(inner.iter().enumerate().map(part)).collect()
        }
    };
    parts.attached.push(Part { name, bound, parts: inner, is_known: false });
    table.made.extend(statements.iter().cloned());
    statements
}

/// The columns in another order, while nothing has changed them since they were made.
fn shuffled(rng: &mut Rng, table: &Table) -> Option<String> {
    let definition = |column: &Column| {
        let rest = match column.role {
            Role::Key | Role::Generated => &*column.rest,
            _ => "",
        };
        format!("{} {} {rest}", column.ident(), column.kind.sql())
    };
    let mut columns: Vec<String> = table.columns.iter().map(definition).collect();
    rng.shuffle(&mut columns);
    (!table.is_made).then(|| columns.join(", "))
}

/// A change of what the table is made of, and its statements.
pub(crate) fn change(rng: &mut Rng, table: &Table) -> Option<(Table, Vec<String>)> {
    let mut table = table.clone();
    let root = table.ident();
    let parts = table.parts.as_mut()?;
    if rng.bool() && !parts.later.is_empty() {
        let bound = parts.later.remove(rng.usize(..parts.later.len()));
        let statements = attach(rng, &mut table, bound);
        return Some((table, statements));
    }
    if parts.attached.is_empty() {
        return None;
    }
    let at = rng.usize(..parts.attached.len());
    let part = &parts.attached[at];
    let ident = Ident(&part.name).to_string();
    let mut statements = vec![
        format!("LOCK TABLE {root} IN ACCESS EXCLUSIVE MODE"),
        format!("ALTER TABLE {root} DETACH PARTITION {ident}"),
    ];
    if rng.bool() {
        // Nobody writes it in between, so it comes back with the rows it had.
        statements.push(format!("ALTER TABLE {ident} ADD gone int"));
        statements.push(format!("ALTER TABLE {ident} DROP gone"));
        statements.push(format!("ALTER TABLE {root} ATTACH PARTITION {ident} {}", part.bound.sql));
    } else {
        statements.push(format!(
            "DO $do$ BEGIN IF EXISTS (SELECT FROM {ident}) THEN \
             RAISE EXCEPTION 'it has rows'; END IF; END $do$"
        ));
        statements.push(format!("DROP TABLE {ident}"));
        let part = parts.attached.remove(at);
        parts.later.push(part.bound);
    }
    Some((table, statements))
}

impl Parts {
    /// ` PARTITION BY …`
    pub(crate) fn clause(&self, table: &Table) -> String {
        let column = table.columns.iter().find(|column| column.number == self.column);
        let by = match self.by {
            By::Hash => "HASH",
            By::List => "LIST",
            By::Range => "RANGE",
        };
        format!(" PARTITION BY {by} ({})", column.map(Column::ident).unwrap_or_default())
    }

    /// The triggers have been made for what is attached now.
    pub(crate) fn know(&mut self, names: &Parts) {
        let known: BTreeSet<&String> = names.attached.iter().map(|part| &part.name).collect();
        for part in &mut self.attached {
            part.is_known |= known.contains(&part.name);
        }
    }
}

/// The tables and their parts, which may be written by name.
pub(crate) fn with_parts(tables: &[Table]) -> Vec<Table> {
    let mut all = tables.to_vec();
    for table in tables {
        all.extend(table.child.as_ref().map(|(name, keys)| child(table, name, keys)));
        let Some(parts) = &table.parts else { continue };
        for part in &parts.attached {
            for name in [&part.name].into_iter().chain(&part.parts) {
                let mut written = Table {
                    name: name.clone(),
                    root: Some(table.name.clone()),
                    parts: None,
                    truncates: part.is_known,
                    ..table.clone()
                };
                for column in written.columns.iter_mut().filter(|c| c.number == parts.column) {
                    column.keys = Some(part.bound.keys.clone());
                }
                all.push(written);
            }
        }
    }
    all
}

fn child(table: &Table, name: &str, keys: &[usize]) -> Table {
    let mut child =
        Table { name: name.to_owned(), root: Some(table.name.clone()), ..table.clone() };
    if let Some(column) = child.columns.iter_mut().find(|column| column.role == Role::Key) {
        column.keys = Some(keys.to_vec());
    }
    push(&mut child, EXTRA, Kind::Text, Role::Plain, "");
    child
}
