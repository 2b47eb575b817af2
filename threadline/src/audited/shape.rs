//! What an entity knows of its table that the past of the table is read by.

use std::collections::BTreeMap;

use sea_orm::sea_query::{ColumnType, sea_value_to_json_value};
use sea_orm::{ColumnTrait, IdenStatic, Iterable, PrimaryKeyToColumn};
use serde_json::Value;

use super::Audited;
use crate::spec::TableName;

/// The tables that have an entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shapes(BTreeMap<TableName, Shape>);

/// The columns of an entity, or of all entities of one table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) columns: Vec<ShapeColumn>,
    /// The columns of the primary key, if a value of each of them is told in one way only.
    pub(crate) key: Vec<KeyColumn>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ShapeColumn {
    pub(crate) name: String,
    /// Whether a Model cannot be made without a value.
    pub(crate) required: bool,
    /// Whether it can hold the text of a mask.
    pub(crate) is_text: bool,
    /// What is read where the trail has no value.
    pub(crate) stand_in: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyColumn {
    pub(crate) name: String,
    pub(crate) kind: KeyKind,
}

/// A type of which equal values are told in the same way, whatever the database makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyKind {
    Integer,
    Uuid,
}

impl Shapes {
    pub(crate) fn get(&self, table: &TableName) -> Option<&Shape> {
        self.0.get(table)
    }

    /// Adds an entity of `table`. Another one of the same table adds its columns: what either requires
    /// is required.
    pub(crate) fn add(&mut self, table: TableName, shape: Shape) {
        let Some(known) = self.0.get_mut(&table) else {
            self.0.insert(table, shape);
            return;
        };
        if known.key != shape.key {
            known.key = Vec::new();
        }
        for column in shape.columns {
            match known.columns.iter_mut().find(|other| other.name == column.name) {
                Some(other) => {
                    other.required |= column.required;
                    other.is_text &= column.is_text;
                    other.stand_in = other.stand_in.take().or(column.stand_in);
                }
                None => known.columns.push(column),
            }
        }
    }
}

impl Shape {
    pub(crate) fn of<E: Audited>() -> Self {
        let policy = E::policy();
        let columns = E::Column::iter().map(|column| {
            let def = column.def();
            ShapeColumn {
                name: column.as_str().to_owned(),
                required: !def.is_null(),
                is_text: holds_text(def.get_column_type()),
                stand_in: policy.stand_in_of(&column).map(|value| sea_value_to_json_value(&value)),
            }
        });
        let key = E::PrimaryKey::iter().map(|key| {
            let column = key.into_column();
            let kind = kind_of(column.def().get_column_type())?;
            Some(KeyColumn { name: column.as_str().to_owned(), kind })
        });
        Self { columns: columns.collect(), key: key.collect::<Option<_>>().unwrap_or_default() }
    }
}

fn kind_of(column_type: &ColumnType) -> Option<KeyKind> {
    match column_type {
        ColumnType::TinyInteger
        | ColumnType::SmallInteger
        | ColumnType::Integer
        | ColumnType::BigInteger
        | ColumnType::TinyUnsigned
        | ColumnType::SmallUnsigned
        | ColumnType::Unsigned
        | ColumnType::BigUnsigned => Some(KeyKind::Integer),
        ColumnType::Uuid => Some(KeyKind::Uuid),
        _ => None,
    }
}

fn holds_text(column_type: &ColumnType) -> bool {
    matches!(
        column_type,
        ColumnType::Text | ColumnType::String(_) | ColumnType::Char(_) | ColumnType::Custom(_)
    )
}
