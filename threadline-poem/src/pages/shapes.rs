//! How the tables look: in which order their columns stand, and what each of them holds.

use threadline::{AuditedTable, Change, ColumnName, Filter, Operation, Registry, TableName};

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
        let table = self.tables.iter().find(|audited| audited.table == change.table);
        let fields = fields_of(change, &order(table), |name| facts(table, name, self.is_hidden));
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

/// The columns of a table in its order; none where the table is not known.
pub(crate) fn order(table: Option<&AuditedTable>) -> Vec<String> {
    let columns = table.map_or(&[][..], |table| table.columns.as_slice());
    columns.iter().map(|column| column.name.clone()).collect()
}

/// How a column's values are to be shown: by what is deployed for it, and by its type.
pub(crate) fn facts<'t>(
    table: Option<&'t AuditedTable>,
    column: &str,
    is_hidden: bool,
) -> Facts<'t> {
    let known = table.and_then(|table| table.columns.iter().find(|known| known.name == column));
    Facts {
        redaction: known.and_then(|known| known.redaction.as_ref()),
        form: known.and_then(|known| known.data_type.as_deref()).map_or(Form::Plain, form),
        is_hidden,
        is_key: table.is_some_and(|table| table.key.iter().any(|key| key == column)),
    }
}

/// What the text of a value of this type stands for.
fn form(data_type: &str) -> Form {
    match data_type {
        "bytea" => Form::Binary,
        name if name.starts_with("timestamp") && name.ends_with("with time zone") => Form::Moment,
        _ => Form::Plain,
    }
}
