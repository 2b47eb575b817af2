//! Which rows of a table can matter in a place, where the statement says it by their key.

use std::collections::HashMap;

use sqlparser::ast::{Select, TableFactor};

use crate::audited::Shapes;

/// Keys, one of which a row must have to matter. Each is one SQL expression for each column of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bound(pub(super) Vec<Vec<String>>);

/// The bounds of the tables in the queries that were looked at.
pub(super) struct Bounds<'s> {
    shapes: &'s Shapes,
    found: HashMap<*const TableFactor, Bound>,
}

impl<'s> Bounds<'s> {
    pub(super) fn new(shapes: &'s Shapes) -> Self {
        Self { shapes, found: HashMap::new() }
    }

    pub(super) fn look_at(&mut self, _select: &Select) {
        let _ = self.shapes;
    }

    pub(super) fn take(&mut self, factor: &TableFactor) -> Option<Bound> {
        self.found.remove(&std::ptr::from_ref(factor))
    }
}
