//! A statement about the past out of one about now.

use std::collections::BTreeMap;

use sea_orm::{Statement, Value, Values};

use super::Mode;
use super::pushdown::Bound;
use super::statement::{self, Opening, Reading, Reference};
use super::table::PastTable;
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
    let mut pasts =
        Pasts { registry, at: &parameter, mode, ctes: Vec::new(), whole: BTreeMap::new() };
    let edits = (reading.tables.iter()).map(|table| pasts.replacement(table, &reading));
    let edits: Vec<String> = edits.collect::<Result<_, _>>()?;
    let sql = edited(&reading, &edits, &pasts.ctes);
    let values = match pasts.ctes.is_empty() {
        true => values,
        false => values.into_iter().chain([Value::from(at.utc())]).collect(),
    };
    Ok(Statement { sql, values: Some(Values(values)), ..statement })
}

/// The CTEs of a statement, as they are needed.
struct Pasts<'r> {
    registry: &'r Registry,
    at: &'r str,
    mode: Mode,
    ctes: Vec<String>,
    /// The names of those that are a whole table.
    whole: BTreeMap<TableName, String>,
}

impl Pasts<'_> {
    /// What stands where a table was named.
    fn replacement(&mut self, here: &Reference, all: &Reading) -> Result<String, Error> {
        let table = &here.table;
        let alias = here.alias.as_deref();
        let alias = alias.map(|alias| format!(" AS {}", Ident(alias))).unwrap_or_default();
        if self.registry.is_live(table) {
            return Ok(format!("{}.{}{alias}", Ident(table.schema()), Ident(table.name())));
        }
        let Some(spec) = self.registry.get(table) else {
            return Err(Error::PastUnknown { table: table.clone() });
        };
        if all.text.contains(OWN_NAME) {
            let why = format!("a name in it begins with `{OWN_NAME}`");
            return Err(Error::UnreadableStatement { why });
        }
        let shape = self.registry.shapes().get(table);
        let past = PastTable { spec, shape, at: self.at, mode: self.mode };
        let name = match (&here.bound, self.whole.get(table)) {
            (Some(bound), _) => self.add(&past, Some(bound), "NOT MATERIALIZED"),
            (None, Some(name)) => name.clone(),
            (None, None) => {
                let name = self.add(&past, None, materialized(table, all));
                self.whole.insert(table.clone(), name.clone());
                name
            }
        };
        Ok(format!("{}{alias}", Ident(&name)))
    }

    fn add(&mut self, past: &PastTable<'_>, bound: Option<&Bound>, how: &str) -> String {
        let name = format!("{OWN_NAME} {}", self.ctes.len() + 1);
        self.ctes.push(format!("{} AS {how} ({})", Ident(&name), past.select(bound)));
        name
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
    let places = (reading.tables.iter().zip(edits)).map(|(here, edit)| (here.from, here.to, edit));
    // A `WITH` comes before every table.
    for (from, to, edit) in std::iter::once((with.0, with.0, &with.1)).chain(places) {
        sql.push_str(text.get(copied..from).unwrap_or_default());
        sql.push_str(edit);
        copied = to;
    }
    sql.push_str(text.get(copied..).unwrap_or_default());
    sql
}
