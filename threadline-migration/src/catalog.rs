//! Reads from the catalog what the tables that are to be audited look like, in one statement.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use serde::Deserialize;
use threadline::trail::OwnSql;
use threadline::{ColumnName, TableName, TableSpec};

use crate::error::Error;
use crate::mode;
use crate::population::Population;
use crate::problem::{KeyProblem, Problem};
use crate::shape::{CatalogColumn, Kind, TableShape};
use crate::unfit;

const SHAPES: OwnSql = OwnSql(include_str!("../sql/read/shape.sql"));

/// What the catalog says of a relation.
#[derive(Clone, Debug, Deserialize)]
struct Facts {
    /// `pg_class.relkind`.
    kind: String,
    /// `pg_class.relpersistence`.
    persistence: String,
    has_children: bool,
    /// What it is a part of.
    parent: Option<String>,
    columns: Vec<Column>,
    keys: Vec<Key>,
    #[serde(flatten)]
    writers: mode::Writers,
    #[serde(flatten)]
    population: Population,
}

#[derive(Clone, Debug, Deserialize)]
struct Column {
    name: String,
    type_oid: u32,
    is_virtual: bool,
    may_hold_json: bool,
}

/// A unique index that could tell rows apart.
#[derive(Clone, Debug, Deserialize)]
struct Key {
    is_primary: bool,
    columns: Vec<String>,
}

/// A table that is to be audited: its shape, or why it cannot be, and whether it holds rows.
#[derive(Clone, Debug)]
pub(crate) struct Looked {
    pub(crate) shape: Result<TableShape, Problem>,
    pub(crate) population: Population,
}

/// The shape of the table that `spec` is about, or why it cannot be audited.
pub(crate) async fn shape<C: ConnectionTrait>(
    db: &C,
    spec: &TableSpec,
) -> Result<TableShape, Error> {
    let shape = shapes(db, std::slice::from_ref(spec)).await?.into_iter().next();
    let shape = shape.map_or(Err(Problem::MissingTable), |looked| looked.shape);
    shape.map_err(|problem| problem.to_error(spec.table()))
}

/// What each of `specs` is about, in their order.
pub(crate) async fn shapes<C: ConnectionTrait>(
    db: &C,
    specs: &[TableSpec],
) -> Result<Vec<Looked>, Error> {
    if specs.is_empty() {
        return Ok(Vec::new());
    }
    let names = |part: fn(&TableName) -> &str| {
        specs.iter().map(|spec| part(spec.table()).to_owned()).collect::<Vec<String>>()
    };
    let (schemas, names) = (names(TableName::schema), names(TableName::name));
    let mut found = BTreeMap::new();
    for row in all(db, &SHAPES.text(), [schemas.into(), names.into()]).await? {
        let facts: serde_json::Value = row.try_get("", "facts")?;
        let facts: Facts =
            serde_json::from_value(facts).map_err(|error| DbErr::Type(error.to_string()))?;
        found.insert(row.try_get::<i64>("", "place")?, facts);
    }
    let looked = (1_i64..).zip(specs).map(|(place, spec)| look(spec, found.remove(&place)));
    looked.collect()
}

fn look(spec: &TableSpec, facts: Option<Facts>) -> Result<Looked, Error> {
    let Some(facts) = facts else {
        let population = Population::default();
        return Ok(Looked { shape: Err(Problem::MissingTable), population });
    };
    let population = facts.population;
    Ok(Looked { shape: shape_of(spec, facts)?, population })
}

fn shape_of(spec: &TableSpec, facts: Facts) -> Result<Result<TableShape, Problem>, Error> {
    let table = spec.table();
    let kind = match auditable_kind(table, &facts)? {
        Ok(kind) => kind,
        Err(reason) => return Ok(Err(Problem::Refused(reason))),
    };
    let columns = facts.columns.into_iter().map(column).collect::<Result<Vec<_>, Error>>()?;
    for name in spec.redactions().keys().chain(spec.limits().keys()).chain(spec.quiet()) {
        if !columns.iter().any(|column| column.name == *name) {
            return Ok(Err(Problem::UnknownColumn(name.clone())));
        }
    }
    let mut candidates = Vec::new();
    for key in facts.keys {
        let names = key.columns.into_iter().map(ColumnName::new).collect::<Result<Vec<_>, _>>()?;
        candidates.push((key.is_primary, names));
    }
    let key = match choose_key(spec, candidates) {
        Ok(key) => key,
        Err((cause, reason)) => return Ok(Err(Problem::Key(cause, reason))),
    };
    if let Some(reason) = unfit::policy(spec, &columns, &key) {
        return Ok(Err(Problem::Refused(reason)));
    }
    Ok(match mode::choose(facts.writers, kind, spec) {
        Ok((mode, reason)) => {
            Ok(TableShape { table: table.clone(), kind, mode, reason, columns, key })
        }
        Err(reason) => Err(Problem::Refused(reason)),
    })
}

fn column(column: Column) -> Result<CatalogColumn, Error> {
    let Column { name, type_oid, is_virtual, may_hold_json } = column;
    Ok(CatalogColumn { name: ColumnName::new(name)?, type_oid, is_virtual, may_hold_json })
}

/// What kind of table it is, or why it is none that could be audited.
fn auditable_kind(table: &TableName, facts: &Facts) -> Result<Result<Kind, String>, Error> {
    let own_schema = threadline::schema()?.as_str();
    let reason = match (facts.kind.as_str(), &facts.parent) {
        _ if table.schema() == own_schema => Some("it belongs to Threadline itself".to_owned()),
        ("v", _) => Some("it is a view; audit the tables beneath it".to_owned()),
        ("m", _) => Some("it is a materialized view; audit the tables it is made of".to_owned()),
        ("f", _) => Some("it is a foreign table; audit it where it lives".to_owned()),
        ("r" | "p", _) if facts.persistence == "t" => {
            Some("it is a temporary table, which ends with its session".to_owned())
        }
        ("r" | "p", Some(parent)) => Some(format!(
            "it is a part of {parent}; audit that, and it is audited with it (if it is attached by \
             itself, detach it first)"
        )),
        ("r" | "p", None) => None,
        _ => Some("it is no table".to_owned()),
    };
    Ok(match (reason, facts.kind.as_str(), facts.has_children) {
        (Some(reason), ..) => Err(reason),
        (None, "p", _) => Ok(Kind::Partitioned),
        (None, _, true) => Ok(Kind::Inherited),
        (None, _, false) => Ok(Kind::Plain),
    })
}

/// The primary key; else the declared one, if a unique index holds it.
fn choose_key(
    spec: &TableSpec,
    candidates: Vec<(bool, Vec<ColumnName>)>,
) -> Result<Vec<ColumnName>, (KeyProblem, String)> {
    let primary = candidates.iter().find(|(is_primary, _)| *is_primary).map(|(_, key)| key);
    match (primary, spec.key()) {
        (Some(primary), None) => Ok(primary.clone()),
        (Some(primary), Some(declared)) if same_columns(primary, declared) => Ok(primary.clone()),
        (Some(primary), Some(_)) => Err((
            KeyProblem::OverrideOnTableWithPrimaryKey,
            format!(
                "it has the primary key ({}); remove `key = […]` from its policy",
                list(primary)
            ),
        )),
        (None, Some(declared)) => {
            let fits = candidates.iter().any(|(_, key)| same_columns(key, declared));
            fits.then(|| declared.to_vec()).ok_or_else(|| {
                let reason = format!(
                    "no unique index holds exactly its declared key ({}); it must be valid, not \
                     partial, not deferrable, and over NOT NULL columns",
                    list(declared)
                );
                (KeyProblem::OverrideWithoutQualifyingIndex, reason)
            })
        }
        (None, None) => Err((
            KeyProblem::NoPrimaryKey,
            match candidates.first() {
                Some((_, key)) => format!(
                    "it has no primary key; a unique index would do: write `#[audited(key = [{0}])]` on \
                 the entity, or `--key '{1}={0}'` on the command line",
                    list(key),
                    spec.table()
                ),
                None => {
                    "it has no primary key and no unique index over NOT NULL columns; add one, \
                     so that its rows can be told apart"
                        .to_owned()
                }
            },
        )),
    }
}

fn same_columns(left: &[ColumnName], right: &[ColumnName]) -> bool {
    left.len() == right.len() && left.iter().all(|column| right.contains(column))
}

fn list(names: &[ColumnName]) -> String {
    names.iter().map(ColumnName::as_str).collect::<Vec<_>>().join(", ")
}

/// Runs a query with bound values.
pub(crate) async fn all<C: ConnectionTrait>(
    db: &C,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>, DbErr> {
    db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await
}
