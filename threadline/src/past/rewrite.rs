//! A statement about the past out of one about now.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{Statement, Value, Values};

use super::Mode;
use super::pushdown::{Bound, Place};
use super::statement::{self, Opening, Reading, Reference};
use super::table::{Keys, PastTable};
use crate::spec::TableName;
use crate::spec::quote::Ident;
use crate::{Error, Moment, Registry, trail};

/// What the CTEs are called that this adds: nobody else's may be.
const OWN_NAME: &str = "threadline past";

/// `statement` with every audited table replaced by what it was.
pub(super) fn rewritten(
    statement: Statement,
    at: Moment,
    registry: &Registry,
    mode: Mode,
) -> Result<Statement, Error> {
    // Before anything is asked for in a schema that nobody named.
    trail::schema()?;
    let reading = statement::read(&statement.sql, registry.shapes())?;
    let values = statement.values.map_or_else(Vec::new, |values| values.0);
    if reading.parameters > values.len() {
        let why = format!("it has {} parameters and {} values", reading.parameters, values.len());
        return Err(Error::UnreadableStatement { why });
    }
    let parameter = format!("${}::timestamptz", values.len() + 1);
    let mut pasts = Pasts::new(&reading, registry, &parameter, mode);
    let edits = (reading.tables.iter()).map(|table| pasts.replacement(table));
    let edits: Vec<String> = edits.collect::<Result<_, _>>()?;
    let sql = edited(&reading, &edits, &pasts.ctes);
    let values = match pasts.ctes.is_empty() {
        true => values,
        false => values.into_iter().chain([Value::from(at.utc())]).collect(),
    };
    Ok(Statement { sql, values: Some(Values(values)), ..statement })
}

/// The audited tables that a statement reads, each once.
pub(super) fn tables(sql: &str, registry: &Registry) -> Vec<TableName> {
    let reading = statement::read(sql, registry.shapes());
    let tables = reading.map(|reading| reading.tables).unwrap_or_default();
    let tables: BTreeSet<TableName> = tables.into_iter().map(|one| one.table).collect();
    tables.into_iter().filter(|table| registry.get(table).is_some()).collect()
}

/// The CTEs of a statement, as they are needed.
struct Pasts<'r> {
    reading: &'r Reading,
    registry: &'r Registry,
    at: &'r str,
    mode: Mode,
    ctes: Vec<String>,
    /// The names of those that are a whole table, and of those that are for one place.
    whole: BTreeMap<TableName, String>,
    bounded: HashMap<Place, String>,
}

impl<'r> Pasts<'r> {
    fn new(reading: &'r Reading, registry: &'r Registry, at: &'r str, mode: Mode) -> Self {
        let (whole, bounded) = (BTreeMap::new(), HashMap::new());
        Self { reading, registry, at, mode, ctes: Vec::new(), whole, bounded }
    }

    /// What stands where a table was named.
    fn replacement(&mut self, here: &Reference) -> Result<String, Error> {
        let table = &here.table;
        let alias = here.alias.as_deref();
        let alias = alias.map(|alias| format!(" AS {}", Ident(alias))).unwrap_or_default();
        if self.registry.is_live(table) {
            return Ok(format!("{}.{}{alias}", Ident(table.schema()), Ident(table.name())));
        }
        if self.reading.text.contains(OWN_NAME) {
            let why = format!("a name in it begins with `{OWN_NAME}`");
            return Err(Error::UnreadableStatement { why });
        }
        Ok(format!("{}{alias}", Ident(&self.cte(here)?)))
    }

    /// The name of the CTE that has the past of what is named here.
    fn cte(&mut self, here: &Reference) -> Result<String, Error> {
        let table = &here.table;
        let known = match here.bound {
            Some(_) => self.bounded.get(&here.place),
            None => self.whole.get(table),
        };
        if let Some(name) = known {
            return Ok(name.clone());
        }
        let select = self.select(here)?;
        let how = match here.bound {
            Some(_) => "NOT MATERIALIZED",
            None => materialized(table, self.reading),
        };
        let name = format!("{OWN_NAME} {}", self.ctes.len() + 1);
        self.ctes.push(format!("{} AS {how} ({select})", Ident(&name)));
        match here.bound {
            Some(_) => self.bounded.insert(here.place, name.clone()),
            None => self.whole.insert(table.clone(), name.clone()),
        };
        Ok(name)
    }

    fn select(&mut self, here: &Reference) -> Result<String, Error> {
        let table = &here.table;
        let unknown = || Error::PastUnknown { table: table.clone() };
        let spec = self.registry.get(table).ok_or_else(unknown)?;
        let shape = self.registry.shapes().get(table);
        let past = PastTable { spec, shape, at: self.at, mode: self.mode };
        Ok(match &here.bound {
            None => past.select(None),
            Some(Bound::Keys(keys)) => past.select(Some(&Keys::Told(keys))),
            Some(Bound::In { place, columns }) => {
                let other = self.reading.tables.iter().find(|other| other.place == *place);
                let cte = self.cte(other.ok_or_else(unknown)?)?;
                past.select(Some(&Keys::In { cte: &cte, columns }))
            }
        })
    }
}

/// A past that is read once is planned together with what reads it. One that is read often, or in a place
/// that is run often, is made once: it takes a pass over the history of the table.
fn materialized(table: &TableName, all: &Reading) -> &'static str {
    let mut same = all.tables.iter().filter(|one| one.table == *table && one.bound.is_none());
    let is_once = same.next().is_some_and(|one| !one.repeated) && same.next().is_none();
    if is_once { "NOT MATERIALIZED" } else { "MATERIALIZED" }
}

fn edited(reading: &Reading, edits: &[String], ctes: &[String]) -> String {
    let text = &reading.text;
    let (mut sql, mut copied) = (String::with_capacity(text.len() * 2), 0);
    let ctes = ctes.join(", ");
    let with = match reading.with {
        _ if ctes.is_empty() => (0, String::new()),
        Opening::New(at) => (at, format!("WITH {ctes} ")),
        Opening::Before(at) => (at, format!("{ctes}, ")),
    };
    let tables = (reading.tables.iter().zip(edits)).map(|(one, edit)| (one.from, one.to, &**edit));
    let cuts = reading.cuts.iter().map(|(from, to)| (*from, *to, ""));
    let mut places: Vec<_> =
        std::iter::once((with.0, with.0, &*with.1)).chain(tables).chain(cuts).collect();
    places.sort_by_key(|(from, ..)| *from);
    for (from, to, edit) in places {
        sql.push_str(text.get(copied..from).unwrap_or_default());
        sql.push_str(edit);
        copied = to;
    }
    sql.push_str(text.get(copied..).unwrap_or_default());
    sql
}
