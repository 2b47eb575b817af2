//! How the tables look: in which order their columns stand, and what each of them holds.

use threadline::{
    AuditedTable, Change, ColumnName, Filter, Operation, Registry, TableColumn, TableName,
};

use super::key::key_of;
use crate::view::{Facts, FieldDiff, Form, Links, fields_of};

/// What is known of the tables, to show their changes with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shapes {
    tables: Vec<AuditedTable>,
    /// Columns of which an update alone is no news, by table.
    quiet: Vec<(TableName, Vec<String>)>,
    is_hidden: bool,
}

impl Shapes {
    /// `is_hidden` says that the viewer may not see values.
    pub(crate) fn new(tables: Vec<AuditedTable>, registry: &Registry, is_hidden: bool) -> Self {
        let quiet = registry.tables().map(|spec| {
            let columns = spec.quiet().iter().map(|column| column.as_str().to_owned());
            (spec.table().clone(), columns.collect())
        });
        let quiet = quiet.collect();
        Self { tables, quiet, is_hidden }
    }

    /// The columns of a change in the order of its table, each with a link to the changes of this column
    /// of this row.
    pub(crate) fn fields(&self, change: &Change, links: &Links) -> Vec<FieldDiff> {
        let columns = self.columns(&change.table);
        let order: Vec<String> = columns.iter().map(|column| column.name.clone()).collect();
        let fields = fields_of(change, &order, |name| {
            let column = columns.iter().find(|column| column.name == name);
            Facts {
                redaction: column.and_then(|column| column.redaction.as_ref()),
                form: column.map(form).unwrap_or_default(),
                is_hidden: self.is_hidden,
            }
        });
        let linked = fields.into_iter().map(|field| match history(change, &field.name) {
            Some(filter) => field.linked(links.timeline(&filter)),
            None => field,
        });
        linked.collect()
    }

    /// Columns such as `updated_at`, of which an update alone is no news.
    pub(crate) fn quiet(&self, table: &TableName) -> Vec<String> {
        let found = self.quiet.iter().find(|(named, _)| named == table);
        found.map(|(_, columns)| columns.clone()).unwrap_or_default()
    }

    fn columns(&self, table: &TableName) -> &[TableColumn] {
        let found = self.tables.iter().find(|audited| audited.table == *table);
        found.map_or(&[], |audited| audited.columns.as_slice())
    }
}

/// The changes of one column of the row.
fn history(change: &Change, column: &str) -> Option<Filter> {
    // An insert and a delete change no column of a row: they make it, or take it away.
    if change.op != Operation::Update {
        return None;
    }
    let filter = Filter::new().table(change.table.clone()).row(key_of(change)?);
    Some(filter.changed(ColumnName::new(column).ok()?))
}

fn form(column: &TableColumn) -> Form {
    match column.data_type.as_deref() {
        Some("bytea") => Form::Binary,
        Some(time) if time.starts_with("timestamp") && time.ends_with("with time zone") => {
            Form::Moment
        }
        _ => Form::Plain,
    }
}
