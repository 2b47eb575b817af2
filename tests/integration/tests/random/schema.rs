//! Changes of the schema while the others write.

use std::sync::{Arc, Mutex};

use fastrand::Rng;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, TransactionTrait};
use threadline::spec::quote::Ident;
use threadline_migration::Sync;

use crate::journal::Journal;
use crate::kind::Kind;
use crate::parts;
use crate::story::{Attached, Event, Story, names};
use crate::table::{Column, Policy, Role, Table};
use crate::world::{World, push, registry};

/// The types of added columns: their values in [`Kind::value`] are constants.
const ADDED: [Kind; 4] = [Kind::Int, Kind::Text, Kind::Numeric, Kind::Bool];

pub(crate) struct SchemaChanges {
    pub(crate) db: DatabaseConnection,
    pub(crate) rng: Rng,
    pub(crate) world: World,
    pub(crate) journal: Arc<Journal>,
    pub(crate) stories: Arc<Mutex<Vec<Story>>>,
}

/// What is to be done to a table, and what it is then.
struct Change {
    table: Table,
    sql: Vec<String>,
    /// A new column, and the expression that its rows have.
    filled: Option<(i16, String)>,
    quoted: Option<i16>,
}

impl SchemaChanges {
    /// Changes one table, and sometimes makes the triggers anew for it.
    pub(crate) async fn once(&mut self) {
        if self.rng.u8(..8) == 0 {
            let sql = format!("ALTER TYPE mood ADD VALUE 'm{}'", self.rng.u16(..));
            let done = self.db.execute_unprepared(&sql).await.map(drop);
            self.journal.line("schema", &sql, Said(&done));
        }
        let number = {
            let world = self.world.read().expect("no panic before");
            self.rng.usize(..world.len())
        };
        let table = self.world.read().expect("no panic before")[number].clone();
        if let Some(change) = change(&mut self.rng, &table) {
            let text = change.sql.join("; ");
            let done = self.apply(number, change).await;
            self.journal.line("schema", &text, Said(&done));
        }
        if self.rng.bool() {
            let done = self.sync().await;
            self.journal.line("schema", "(sync)", Said(&done));
        }
    }

    async fn apply(&mut self, number: usize, change: Change) -> Result<(), DbErr> {
        let txn = self.db.begin().await?;
        for sql in &change.sql {
            txn.execute_unprepared(sql).await?;
        }
        let (position, xid) = here(&txn).await?;
        let filled = match &change.filled {
            None => None,
            Some((column, value)) => {
                let sql = format!("SELECT coalesce(to_jsonb({value}), 'null')::text");
                Some((*column, text(&txn, &sql).await?))
            }
        };
        txn.commit().await?;
        let names = Some(names(&change.table));
        let event = Event { position, xid, names, filled, quoted: change.quoted, attached: None };
        self.stories.lock().expect("no panic before")[number].events.push(event);
        self.world.write().expect("no panic before")[number] = change.table;
        Ok(())
    }

    /// Makes every trigger anew that does not fit its table any more.
    pub(crate) async fn sync(&self) -> Result<(), DbErr> {
        let tables = self.world.read().expect("no panic before").clone();
        let txn = self.db.begin().await?;
        // A name that moved from a masked column to a plain one looks like weaker redaction.
        let registry = registry(&tables);
        let sync = Sync::new(&registry).allow_weaker_redaction().without_baseline();
        sync.run(&txn).await.map_err(|error| DbErr::Custom(error.to_string()))?;
        let (position, xid) = here(&txn).await?;
        txn.commit().await?;
        let mut world = self.world.write().expect("no panic before");
        for (table, synced) in world.iter_mut().zip(&tables) {
            if let (Some(parts), Some(synced)) = (&mut table.parts, &synced.parts) {
                parts.know(synced);
            }
        }
        let mut stories = self.stories.lock().expect("no panic before");
        for (story, table) in stories.iter_mut().zip(&tables) {
            let attached = Some(Attached::to(table));
            story.events.push(Event { position, xid, attached, ..Event::default() });
        }
        Ok(())
    }
}

/// What is said of a result in the journal.
struct Said<'a>(&'a Result<(), DbErr>);

impl std::fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Ok(()) => write!(f, "done"),
            Err(error) => write!(f, "error: {error}"),
        }
    }
}

/// The next number of the trail, taken while the table is locked, and the transaction.
async fn here(txn: &impl ConnectionTrait) -> Result<(i64, u64), DbErr> {
    let sql = "SELECT nextval('threadline.audit_changes_id_seq') || ' ' || pg_current_xact_id()";
    let told = text(txn, sql).await?;
    let (position, xid) = told.split_once(' ').unwrap_or_default();
    let number = |error: std::num::ParseIntError| DbErr::Type(error.to_string());
    Ok((position.parse().map_err(number)?, xid.parse().map_err(number)?))
}

pub(crate) async fn text(db: &impl ConnectionTrait, sql: &str) -> Result<String, DbErr> {
    let statement = sea_orm::Statement::from_string(DbBackend::Postgres, sql);
    let row = db.query_one_raw(statement).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(sql.to_owned()))?.try_get_by_index(0)
}

fn change(rng: &mut Rng, table: &Table) -> Option<Change> {
    if table.parts.is_some() && rng.bool() {
        let (table, sql) = parts::change(rng, table)?;
        return Some(Change { table, sql, filled: None, quoted: None });
    }
    match rng.u8(..10) {
        0..3 => Some(add(rng, table)),
        3..5 => drop_column(rng, table),
        5..7 => rename(rng, table),
        7 => swap(rng, table),
        _ => retype(rng, table),
    }
}

fn add(rng: &mut Rng, table: &Table) -> Change {
    let mut table = table.clone();
    let number = table.next_number;
    let kind = ADDED[rng.usize(..ADDED.len())];
    let value = if rng.bool() { kind.value(rng) } else { "NULL".to_owned() };
    // A name that another column may have had.
    let name = format!("c{}", rng.usize(..20) + 1);
    let name =
        if table.columns.iter().any(|c| c.name == name) { format!("d{number}") } else { name };
    push(&mut table, &name, kind, Role::Plain, &format!("DEFAULT {value}"));
    let policies = [Policy::Plain, Policy::Plain, Policy::Plain, Policy::Masked, Policy::Quiet];
    if let Some(column) = table.columns.last_mut() {
        column.policy = policies[rng.usize(..policies.len())];
    }
    let definition = table.columns.last().map(Column::definition).unwrap_or_default();
    Change {
        sql: vec![format!("ALTER TABLE {} ADD {definition}", table.ident())],
        filled: Some((number, format!("({value})::{}", kind.sql()))),
        quoted: None,
        table,
    }
}

/// The position of a column that is no key.
fn some_column(rng: &mut Rng, table: &Table, fits: impl Fn(&Column) -> bool) -> Option<usize> {
    let fitting = |index: &usize| fits(&table.columns[*index]);
    let found: Vec<usize> = (0..table.columns.len()).filter(fitting).collect();
    (!found.is_empty()).then(|| found[rng.usize(..found.len())])
}

/// Whether nothing else names the column.
fn is_free(column: &Column) -> bool {
    !matches!(column.role, Role::Key | Role::Noted)
}

fn drop_column(rng: &mut Rng, table: &Table) -> Option<Change> {
    let mut table = table.clone();
    let index = some_column(rng, &table, is_free)?;
    let column = table.columns.remove(index);
    let sql = vec![format!("ALTER TABLE {} DROP {}", table.ident(), column.ident())];
    Some(Change { table, sql, filled: None, quoted: None })
}

fn rename(rng: &mut Rng, table: &Table) -> Option<Change> {
    let mut table = table.clone();
    // The trigger of a table that rewrites its rows names the key.
    let keys = rng.u8(..3) == 0 && !table.rewrites;
    let fits = |c: &Column| if keys { c.role == Role::Key } else { is_free(c) };
    let index = some_column(rng, &table, fits)?;
    let name = format!("{}{}", if keys { "k" } else { "c" }, rng.usize(..20) + 1);
    if table.columns.iter().any(|column| column.name == name) {
        return None;
    }
    let sql = renaming(&table, &table.columns[index].name, &name);
    table.columns[index].name = name;
    Some(Change { table, sql: vec![sql], filled: None, quoted: None })
}

fn renaming(table: &Table, from: &str, to: &str) -> String {
    format!("ALTER TABLE {} RENAME {} TO {}", table.ident(), Ident(from), Ident(to))
}

/// Two columns take each other's names.
fn swap(rng: &mut Rng, table: &Table) -> Option<Change> {
    let mut table = table.clone();
    let is_plain = |column: &Column| column.role == Role::Plain;
    let first = some_column(rng, &table, is_plain)?;
    let second = some_column(rng, &table, is_plain)?;
    let [a, b] = [first, second].map(|index| table.columns[index].name.clone());
    if a == b {
        return None;
    }
    let sql = [(&*a, "between"), (&*b, &*a), ("between", &*b)];
    let sql = sql.map(|(from, to)| renaming(&table, from, to)).to_vec();
    table.columns[first].name = b;
    table.columns[second].name = a;
    Some(Change { table, sql, filled: None, quoted: None })
}

fn retype(rng: &mut Rng, table: &Table) -> Option<Change> {
    let mut table = table.clone();
    let to = [(Kind::Int, Kind::Big), (Kind::Varchar, Kind::Text), (Kind::Big, Kind::Text)]
        [rng.usize(..3)];
    let index = some_column(rng, &table, |c| c.role == Role::Plain && c.kind == to.0)?;
    let (ident, number) = (table.columns[index].ident(), table.columns[index].number);
    table.columns[index].kind = to.1;
    let sql = format!(
        "ALTER TABLE {} ALTER {ident} DROP DEFAULT, ALTER {ident} TYPE {} USING {ident}::{}",
        table.ident(),
        to.1.sql(),
        to.1.sql()
    );
    let quoted = (to == (Kind::Big, Kind::Text)).then_some(number);
    Some(Change { table, sql: vec![sql], filled: None, quoted })
}
