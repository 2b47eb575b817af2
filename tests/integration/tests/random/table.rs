//! A table as the test knows it: what it was made as, and what became of it.

use fastrand::Rng;
use threadline::spec::quote::Ident;
use threadline::{CaptureMode, ColumnName, Placeholder, TableName, TableSpec};

use crate::kind::Kind;
use crate::parts::Parts;

/// What a masked column reads as.
pub(crate) const MASK: &str = "***";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    Plain,
    Excluded,
    Masked,
    Quiet,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Key,
    Plain,
    /// Unique beside the key, so that an upsert has something else to meet.
    Unique,
    /// The database makes its values.
    Generated,
    Identity,
    /// The number of the table it references.
    Reference(usize),
    /// A trigger of the table writes it, see [`Table::rewrites`].
    Noted,
}

#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// As PostgreSQL counts the columns of a table: no other column ever has it.
    pub(crate) number: i16,
    pub(crate) kind: Kind,
    pub(crate) role: Role,
    pub(crate) policy: Policy,
    /// The numbers of the keys it may have, if it is not any; see [`crate::parts`].
    pub(crate) keys: Option<Vec<usize>>,
    /// What follows name and type.
    pub(crate) rest: String,
}

impl Column {
    pub(crate) fn ident(&self) -> String {
        Ident(&self.name).to_string()
    }

    pub(crate) fn definition(&self) -> String {
        format!("{} {} {}", self.ident(), self.kind.sql(), self.rest)
    }

    pub(crate) fn is_writable(&self) -> bool {
        !matches!(self.role, Role::Generated)
    }

    /// A value for a new row or an old one.
    pub(crate) fn value(&self, rng: &mut Rng) -> String {
        match self.role {
            Role::Key | Role::Unique => match &self.keys {
                Some(keys) => self.kind.key(keys[rng.usize(..keys.len())]),
                None => self.kind.key(rng.usize(..crate::kind::KEYS)),
            },
            Role::Reference(_) if rng.u8(..5) < 2 => "NULL".to_owned(),
            Role::Reference(_) => self.kind.key(rng.usize(..crate::kind::KEYS)),
            Role::Identity => rng.u16(..).to_string(),
            Role::Plain | Role::Noted | Role::Generated => self.kind.value(rng),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) name: String,
    pub(crate) columns: Vec<Column>,
    pub(crate) next_number: i16,
    pub(crate) records_noop: bool,
    pub(crate) mode: CaptureMode,
    /// Whether a TRUNCATE by its own name is recorded.
    pub(crate) truncates: bool,
    /// Whether a row trigger of its own writes every row again.
    pub(crate) rewrites: bool,
    /// What it is made of, if it is partitioned.
    pub(crate) parts: Option<Parts>,
    /// The name under which it is recorded, if it is a part.
    pub(crate) root: Option<String>,
    /// The name of a table that inherits from it, and the numbers of the keys that only that has.
    pub(crate) child: Option<(String, Vec<usize>)>,
    /// What made its parts.
    pub(crate) made: Vec<String>,
    /// Whether the database has it.
    pub(crate) is_made: bool,
}

impl Table {
    pub(crate) fn ident(&self) -> String {
        Ident(&self.name).to_string()
    }

    pub(crate) fn key(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().filter(|column| column.role == Role::Key)
    }

    pub(crate) fn create(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(Column::definition).collect();
        let key: Vec<String> = self.key().map(Column::ident).collect();
        format!(
            "CREATE TABLE {} ({}, PRIMARY KEY ({})){}{}{}",
            self.ident(),
            columns.join(", "),
            key.join(", "),
            self.parts.as_ref().map(|parts| parts.clause(self)).unwrap_or_default(),
            self.made.iter().map(|sql| format!("; {sql}")).collect::<String>(),
            if self.rewrites { self.rewriting() } else { String::new() }
        )
    }

    fn rewriting(&self) -> String {
        let same = |key: &Column| format!("r.{0} = new.{0}", key.ident());
        let same_key: Vec<String> = self.key().map(same).collect();
        format!(
            "; CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $do$ BEGIN
                UPDATE {table} r SET noted = coalesce(r.noted, 0) + 1 WHERE {same_key};
                RETURN NULL; END $do$;
            CREATE TRIGGER rewrite AFTER INSERT OR UPDATE ON {table} FOR EACH ROW
                WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION {function}()",
            function = Ident(&format!("rewrite {}", self.name)),
            table = self.ident(),
            same_key = same_key.join(" AND "),
        )
    }

    /// The name under which it is recorded.
    pub(crate) fn recorded(&self) -> &str {
        self.root.as_deref().unwrap_or(&self.name)
    }

    /// What the table's policy is, by the names its columns have now.
    pub(crate) fn spec(&self) -> TableSpec {
        let table = TableName::new("public", self.name.clone()).expect("a table's name");
        let mut spec = TableSpec::new(table).in_mode(self.mode);
        for column in &self.columns {
            let name = ColumnName::new(column.name.clone()).expect("a column's name");
            spec = match column.policy {
                Policy::Plain => spec,
                Policy::Excluded => spec.exclude(name),
                Policy::Masked => spec.mask(name, Placeholder::new(MASK).expect("a placeholder")),
                Policy::Quiet => spec.quieten(name),
            };
        }
        if self.records_noop { spec.capture_noop() } else { spec }
    }
}
