//! Reads from the catalog what a table looks like and what is installed on it.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use threadline::{ColumnName, TableName, TableSpec};

use crate::error::Error;
use crate::mode;
use crate::shape::{CatalogColumn, Kind, TableShape};
use crate::unfit;

const RELATION: &str = "
SELECT c.oid::int8 AS oid, c.relkind::text AS kind, c.relpersistence::text AS persistence,
    EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid) AS has_children,
    (SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = c.oid
     ORDER BY i.inhseqno LIMIT 1) AS parent
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = $1 AND c.relname = $2";

const COLUMNS: &str = "
WITH RECURSIVE inside (attnum, type_oid) AS (
    SELECT a.attnum, a.atttypid FROM pg_attribute a
    WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT i.attnum, part.oid
    FROM inside i JOIN pg_type t ON t.oid = i.type_oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype UNION ALL SELECT t.typelem
        UNION ALL SELECT m.atttypid FROM pg_attribute m
            WHERE m.attrelid = t.typrelid AND m.attnum > 0 AND NOT m.attisdropped) part(oid)
    WHERE part.oid <> 0)
SELECT a.attname::text AS name, a.atttypid::int8 AS type_oid, a.attgenerated = 'v' AS is_virtual,
    EXISTS (SELECT FROM inside i WHERE i.attnum = a.attnum AND i.type_oid = 'json'::regtype)
        AS may_hold_json
FROM pg_attribute a
WHERE a.attrelid = $1::int8::oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

/// Every unique index that could tell rows apart, the primary key first.
const KEYS: &str = "
SELECT i.indisprimary AS is_primary,
    ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE k.position <= i.indnkeyatts ORDER BY k.position) AS columns
FROM pg_index i
WHERE i.indrelid = $1::int8::oid AND i.indisunique AND i.indisvalid AND i.indisready
  AND i.indpred IS NULL AND i.indexprs IS NULL
  AND (i.indisprimary OR (i.indimmediate AND NOT EXISTS (
      SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
      JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
      WHERE k.position <= i.indnkeyatts AND NOT a.attnotnull)))
ORDER BY i.indisprimary DESC, i.indexrelid";

/// The shape of the table that `spec` is about, or why it cannot be audited.
pub(crate) async fn shape<C: ConnectionTrait>(
    db: &C,
    spec: &TableSpec,
) -> Result<TableShape, Error> {
    let table = spec.table();
    let (oid, kind) = auditable_relation(db, table).await?;
    let rows = all(db, COLUMNS, [oid.into()]).await?;
    let columns = rows.iter().map(column).collect::<Result<Vec<_>, Error>>()?;
    for name in spec.redactions().keys().chain(spec.limits().keys()).chain(spec.quiet()) {
        if !columns.iter().any(|column| column.name == *name) {
            return Err(Error::UnknownColumn { table: table.clone(), column: name.clone() });
        }
    }
    let key = key(db, oid, spec).await?;
    if let Some(reason) = unfit::policy(spec, &columns, &key) {
        return Err(Error::Refused { table: table.clone(), reason });
    }
    let (mode, reason) = mode::choose(db, oid, kind, spec).await?;
    Ok(TableShape { table: table.clone(), kind, mode, reason, columns, key })
}

fn column(row: &QueryResult) -> Result<CatalogColumn, Error> {
    let type_oid: i64 = row.try_get("", "type_oid")?;
    Ok(CatalogColumn {
        name: ColumnName::new(row.try_get::<String>("", "name")?)?,
        type_oid: u32::try_from(type_oid).map_err(|e| DbErr::Type(e.to_string()))?,
        is_virtual: row.try_get("", "is_virtual")?,
        may_hold_json: row.try_get("", "may_hold_json")?,
    })
}

async fn auditable_relation<C: ConnectionTrait>(
    db: &C,
    table: &TableName,
) -> Result<(i64, Kind), Error> {
    let rows = all(db, RELATION, [table.schema().into(), table.name().into()]).await?;
    let Some(row) = rows.first() else {
        return Err(Error::MissingTable { table: table.clone() });
    };
    let kind: String = row.try_get("", "kind")?;
    let own_schema = threadline::schema()?.as_str();
    let persistence: String = row.try_get("", "persistence")?;
    let parent: Option<String> = row.try_get("", "parent")?;
    let reason = match kind.as_str() {
        _ if table.schema() == own_schema => Some("it belongs to Threadline itself".to_owned()),
        "v" => Some("it is a view; audit the tables beneath it".to_owned()),
        "m" => Some("it is a materialized view; audit the tables it is made of".to_owned()),
        "f" => Some("it is a foreign table; audit it where it lives".to_owned()),
        "r" | "p" => match parent {
            _ if persistence == "t" => {
                Some("it is a temporary table, which ends with its session".to_owned())
            }
            Some(parent) => Some(format!(
                "it is a part of {parent}; audit that, and it is audited with it (if it is \
                 attached by itself, detach it first)"
            )),
            None => None,
        },
        _ => Some("it is no table".to_owned()),
    };
    if let Some(reason) = reason {
        return Err(Error::Refused { table: table.clone(), reason });
    }
    let kind = match (kind.as_str(), row.try_get("", "has_children")?) {
        ("p", _) => Kind::Partitioned,
        (_, true) => Kind::Inherited,
        (_, false) => Kind::Plain,
    };
    Ok((row.try_get("", "oid")?, kind))
}

async fn key<C: ConnectionTrait>(
    db: &C,
    oid: i64,
    spec: &TableSpec,
) -> Result<Vec<ColumnName>, Error> {
    let mut candidates = Vec::new();
    for row in all(db, KEYS, [oid.into()]).await? {
        let names: Vec<String> = row.try_get("", "columns")?;
        let names = names.into_iter().map(ColumnName::new).collect::<Result<Vec<_>, _>>()?;
        candidates.push((row.try_get::<bool>("", "is_primary")?, names));
    }
    choose_key(spec, candidates)
        .map_err(|reason| Error::Refused { table: spec.table().clone(), reason })
}

/// The primary key; else the declared one, if a unique index holds it.
fn choose_key(
    spec: &TableSpec,
    candidates: Vec<(bool, Vec<ColumnName>)>,
) -> Result<Vec<ColumnName>, String> {
    let primary = candidates.iter().find(|(is_primary, _)| *is_primary).map(|(_, key)| key);
    match (primary, spec.key()) {
        (Some(primary), None) => Ok(primary.clone()),
        (Some(primary), Some(declared)) if same_columns(primary, declared) => Ok(primary.clone()),
        (Some(primary), Some(_)) => Err(format!(
            "it has the primary key ({}); remove `key = […]` from its policy",
            list(primary)
        )),
        (None, Some(declared)) => {
            let fits = candidates.iter().any(|(_, key)| same_columns(key, declared));
            fits.then(|| declared.to_vec()).ok_or_else(|| {
                format!(
                    "no unique index holds exactly its declared key ({}); it must be valid, not \
                     partial, not deferrable, and over NOT NULL columns",
                    list(declared)
                )
            })
        }
        (None, None) => Err(match candidates.first() {
            Some((_, key)) => format!(
                "it has no primary key; a unique index would do: write `#[audited(key = [{0}])]` on \
                 the entity, or `--key '{1}={0}'` on the command line",
                list(key),
                spec.table()
            ),
            None => "it has no primary key and no unique index over NOT NULL columns; add one, \
                     so that its rows can be told apart"
                .to_owned(),
        }),
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
