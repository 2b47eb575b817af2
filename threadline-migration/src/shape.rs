//! What the catalog says of a table that is to be audited: plain data.

use threadline::{CaptureMode, ColumnName, TableName};

/// A column as the catalog has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CatalogColumn {
    pub(crate) name: ColumnName,
    /// The type's object id: the same in every database if it is below [`FIRST_USER_OID`].
    pub(crate) type_oid: u32,
    /// A virtual generated column: a trigger sees it as null, so it is never recorded.
    pub(crate) is_virtual: bool,
    /// A type that is or may contain `json`, which may hold what `jsonb` cannot.
    pub(crate) may_hold_json: bool,
}

/// Types from here on belong to one database.
pub(crate) const FIRST_USER_OID: u32 = 16384;

/// Whether a table stands alone, or others are recorded under its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It stands alone.
    Plain,
    /// It is the root of partitions.
    Partitioned,
    /// Other tables inherit from it.
    Inherited,
}

/// A table's columns and the key that tells its rows apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableShape {
    pub(crate) table: TableName,
    pub(crate) kind: Kind,
    /// [`CaptureMode::Statement`] or [`CaptureMode::Row`].
    pub(crate) mode: CaptureMode,
    /// Why this mode, as a clause.
    pub(crate) reason: String,
    pub(crate) columns: Vec<CatalogColumn>,
    /// In key order; never empty.
    pub(crate) key: Vec<ColumnName>,
}

impl TableShape {
    /// The columns in the form of `threadline.has_columns`, sorted by name bytewise.
    pub(crate) fn fingerprint(&self) -> Vec<String> {
        let mut columns: Vec<&CatalogColumn> = self.columns.iter().collect();
        columns.sort_by(|a, b| a.name.as_str().as_bytes().cmp(b.name.as_str().as_bytes()));
        columns
            .into_iter()
            .map(|column| match column.type_oid {
                _ if column.is_virtual => format!("virtual:{}", column.name),
                oid if oid < FIRST_USER_OID => format!("{oid}:{}", column.name),
                _ => format!("?:{}", column.name),
            })
            .collect()
    }
}
