//! Reads from the catalog everything that is installed, in one statement.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};
use serde::Deserialize;
use threadline::trail::{OwnSql, TRAIL};
use threadline::{CaptureMode, ColumnName, TableName, TableSpec};

use crate::catalog::all;
use crate::error::Error;
use crate::install::installed_version;
use crate::shape::TableShape;

const INSPECT: OwnSql = OwnSql(include_str!("../sql/read/inspect.sql"));

/// Everything of Threadline's that a database holds.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Installed {
    /// 0 if the schema is not there.
    #[serde(skip)]
    pub(crate) version: i32,
    /// The role that owns the trail.
    pub(crate) owner: String,
    /// What was ever attached.
    pub(crate) tables: Vec<Recorded>,
    /// The functions of the schema, by name.
    pub(crate) functions: BTreeMap<String, Function>,
    /// The triggers that call them, and all others on attached tables.
    pub(crate) triggers: Vec<Trigger>,
}

/// What attaching recorded about a table, and where the table is now.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Recorded {
    table_schema: String,
    table_name: String,
    pub(crate) capture_mode: CaptureMode,
    pub(crate) key_columns: Vec<String>,
    pub(crate) columns: Vec<String>,
    pub(crate) positions: Vec<String>,
    policy: serde_json::Value,
    /// Of the function's body, and who owned it. Older versions did not record them.
    pub(crate) function_hash: Option<String>,
    pub(crate) function_owner: Option<String>,
    pub(crate) since: DateTime<Utc>,
    /// From when on every row is in the trail.
    pub(crate) complete_since: Option<DateTime<Utc>>,
    pub(crate) detached_at: Option<DateTime<Utc>>,
    /// The table's object id; `None` if there is no table of this name.
    pub(crate) relation: Option<i64>,
    pub(crate) is_partitioned: bool,
    pub(crate) current_positions: Vec<String>,
    /// Its partitions and child tables, at any distance.
    pub(crate) members: Vec<Member>,
}

/// A partition or child of an attached table.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Member {
    table_schema: String,
    table_name: String,
    pub(crate) relation: i64,
}

/// A function as the catalog has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Function {
    /// The SHA-256 of its body as UTF-8, in hexadecimal digits, as attaching records it.
    pub(crate) body_hash: String,
    pub(crate) language: String,
    pub(crate) is_definer: bool,
    pub(crate) settings: Vec<String>,
    pub(crate) owner: String,
    /// Whether everybody may execute it.
    pub(crate) is_public: bool,
}

/// A trigger as the catalog has it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Trigger {
    table_schema: String,
    table_name: String,
    pub(crate) relation: i64,
    /// The tables it is a partition or a child of, at any distance.
    pub(crate) ancestors: Vec<i64>,
    pub(crate) name: String,
    /// Whether its function is one of Threadline's schema.
    pub(crate) is_ours: bool,
    pub(crate) function: String,
    /// `pg_trigger.tgtype`.
    pub(crate) kind: i16,
    /// `pg_trigger.tgenabled`.
    pub(crate) enabled: String,
    pub(crate) old_table: Option<String>,
    pub(crate) new_table: Option<String>,
    /// Whether it has a condition, or fires for some columns only.
    pub(crate) is_restricted: bool,
    pub(crate) is_constraint: bool,
    /// Whether it is there because a partitioned table has it.
    pub(crate) is_inherited: bool,
    pub(crate) drop_sql: String,
}

impl Installed {
    /// What is recorded about `table`, if it is attached.
    pub(crate) fn attached(&self, table: &TableName) -> Option<&Recorded> {
        self.recorded(table).filter(|recorded| recorded.detached_at.is_none())
    }

    /// What is recorded about `table`, attached or not.
    pub(crate) fn recorded(&self, table: &TableName) -> Option<&Recorded> {
        self.tables.iter().find(|recorded| recorded.is_about(table))
    }

    /// The policy that is in force on `table`; `None` if it is not attached.
    pub(crate) fn policy(&self, table: &TableName) -> Result<Option<TableSpec>, Error> {
        let policy = self.attached(table).map(Recorded::policy).transpose();
        policy.map_err(|reason| Error::Refused { table: table.clone(), reason })
    }

    /// The names of the tables that are attached, sorted.
    pub(crate) fn names(&self) -> Result<Vec<TableName>, Error> {
        let attached = self.tables.iter().filter(|recorded| recorded.detached_at.is_none());
        let mut names = attached.map(Recorded::table).collect::<Result<Vec<_>, Error>>()?;
        names.sort();
        Ok(names)
    }
}

impl Recorded {
    pub(crate) fn table(&self) -> Result<TableName, Error> {
        Ok(TableName::new(&self.table_schema, &self.table_name)?)
    }

    fn is_about(&self, table: &TableName) -> bool {
        self.table_schema == table.schema() && self.table_name == table.name()
    }

    /// Whether the table is as it was attached: another capture function would mean another policy.
    pub(crate) fn is_of(&self, shape: &TableShape) -> bool {
        let key: Vec<&str> = shape.key.iter().map(ColumnName::as_str).collect();
        self.columns == shape.fingerprint()
            && self.positions == self.current_positions
            && self.key_columns == key
            && self.capture_mode == shape.mode
    }

    /// The stored policy, or why it cannot be read.
    pub(crate) fn policy(&self) -> Result<TableSpec, String> {
        let policy: Result<TableSpec, _> = serde_json::from_value(self.policy.clone());
        let why = match policy {
            Ok(spec) if self.is_about(spec.table()) => return Ok(spec),
            Ok(spec) => format!("it is about {}", spec.table()),
            Err(error) => error.to_string(),
        };
        Err(format!(
            "its policy in {TRAIL}.audited_tables cannot be read ({why}); detach the table and \
             attach it again"
        ))
    }
}

impl Member {
    pub(crate) fn table(&self) -> Result<TableName, Error> {
        Ok(TableName::new(&self.table_schema, &self.table_name)?)
    }
}

impl Trigger {
    /// The table it is on.
    pub(crate) fn table(&self) -> Result<TableName, Error> {
        Ok(TableName::new(&self.table_schema, &self.table_name)?)
    }
}

/// Everything that is installed on the database; nothing, if the schema is not there.
pub(crate) async fn inspect<C: ConnectionTrait>(db: &C) -> Result<Installed, Error> {
    let version = installed_version(db).await?;
    if version == 0 {
        return Ok(Installed::default());
    }
    let rows = all(db, &INSPECT.text(), []).await?;
    let Some(row) = rows.first() else { return Ok(Installed::default()) };
    let installed: serde_json::Value = row.try_get("", "installed")?;
    let installed: Installed =
        serde_json::from_value(installed).map_err(|error| DbErr::Type(error.to_string()))?;
    Ok(Installed { version, ..installed })
}
