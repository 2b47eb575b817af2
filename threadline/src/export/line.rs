//! From what the server sends to the object of a change.

use sea_orm::QueryResult;

use super::Column;
use super::column::OF_CHANGES;
use crate::Error;

/// Puts changes and contexts together: a context is sent only where it is another one.
pub(super) struct Lines {
    line: String,
    context: String,
    has_context: bool,
}

impl Lines {
    pub(super) fn new(columns: &[Column]) -> Self {
        let has_context = columns.len() > OF_CHANGES;
        Self { line: String::new(), context: String::new(), has_context }
    }

    /// The object of the change in `row`.
    pub(super) fn join(&mut self, row: &QueryResult) -> Result<&str, Error> {
        let change: String = row.try_get_by_index(0)?;
        if !self.has_context {
            self.line = change;
            return Ok(&self.line);
        }
        if let Some(context) = row.try_get_by_index::<Option<String>>(1)? {
            self.context = context;
        }
        let parts = change.strip_suffix('}').zip(self.context.strip_prefix('{'));
        let (change, context) = parts.ok_or_else(|| {
            Error::Unreadable("a change to export came without its context".to_owned())
        })?;
        self.line.clear();
        self.line.extend([change, ",", context]);
        Ok(&self.line)
    }
}
