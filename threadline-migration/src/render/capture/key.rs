//! How a row is told apart.

use threadline::ColumnName;
use threadline::spec::quote::{Ident, Literal};

use super::{Capture, object};
use crate::render::quote::name_array;
use crate::shape::CatalogColumn;

impl Capture<'_> {
    pub(super) fn key_columns(&self) -> Vec<&CatalogColumn> {
        let find = |name: &ColumnName| self.shape.columns.iter().find(|c| c.name == *name);
        self.shape.key.iter().filter_map(find).collect()
    }

    /// The hash by which a row's history is found. It is stored and not an expression of the index,
    /// because an expression is prepared anew for every statement.
    pub(super) fn hash(&self, key: &str) -> String {
        let table = format!("{}.{}", self.shape.table.schema(), self.shape.table.name());
        format!("jsonb_hash_extended({key}, hashtextextended({}, 0))", Literal(&table))
    }

    /// The key out of a row with typed columns.
    pub(super) fn typed_key(&self, row: &str) -> String {
        object(self.shape.key.iter().map(|column| {
            format!("{}, {row}.{}", Literal(column.as_str()), Ident(column.as_str()))
        }))
    }

    /// The key under its declared names, out of the columns that hold it now.
    pub(super) fn current_key_object(&self, json: &str) -> String {
        format!(
            "(SELECT jsonb_object_agg(c.declared, {json} -> c.actual) \
             FROM unnest({}, capture.key_columns) AS c(declared, actual))",
            name_array(&self.shape.key)
        )
    }

    /// A key of which nothing is known: its columns were dropped.
    pub(super) fn no_key(&self) -> String {
        object(self.shape.key.iter().map(|column| format!("{}, NULL", Literal(column.as_str()))))
    }
}
