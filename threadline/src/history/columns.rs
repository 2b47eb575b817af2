use sea_orm::sea_query::{Alias, ColumnType, Expr, PostgresQueryBuilder, Query};
use sea_orm::{ColumnTrait, IdenStatic, Iterable, PrimaryKeyToColumn};
use serde_json::{Map, Value};

use crate::audited::Policy;
use crate::spec::quote::{Ident, Literal};
use crate::spec::{Redaction, TableName};
use crate::{Audited, Error};

/// How an entity's columns are read out of an image.
pub(super) struct Columns<'a, E: Audited> {
    policy: &'a Policy<E>,
    table: TableName,
}

impl<'a, E: Audited> Columns<'a, E> {
    pub(super) fn new(policy: &'a Policy<E>) -> Result<Self, Error> {
        Ok(Self { policy, table: E::table_spec()?.table().clone() })
    }

    pub(super) fn table(&self) -> &TableName {
        &self.table
    }

    pub(super) fn key_names(&self) -> Vec<&'static str> {
        E::PrimaryKey::iter().map(|key| key.into_column().as_str()).collect()
    }

    /// The table as SQL has it.
    pub(super) fn relation(&self) -> String {
        format!("{}.{}", Ident(self.table.schema()), Ident(self.table.name()))
    }

    /// The SELECT list that `FromQueryResult` expects, out of the record `r.whole`. SeaORM's own
    /// `select_as` tells which columns are cast, enums among them.
    pub(super) fn select_list(&self) -> String {
        let mut select = Query::select();
        for column in E::Column::iter() {
            let name = column.as_str();
            // A placeholder must not go through the column's type: it may be too long for it.
            let source = if self.is_masked_text(&column) {
                format!("(c.image ->> {})", Literal(name))
            } else {
                format!("(r.whole).{}", Ident(name))
            };
            select.expr_as(column.select_as(Expr::cust(source)), Alias::new(name));
        }
        let text = select.to_string(PostgresQueryBuilder);
        text.strip_prefix("SELECT ").unwrap_or(&text).to_owned()
    }

    /// The columns whose stored text is a placeholder and no value.
    pub(super) fn masked(&self) -> Vec<String> {
        let columns = E::Column::iter();
        columns.filter(|c| self.is_masked(c)).map(|c| c.as_str().to_owned()).collect()
    }

    /// What is read where an image says nothing, by column.
    pub(super) fn stand_ins(&self) -> Value {
        let pairs = E::Column::iter()
            .filter_map(|column| Some((column.as_str().to_owned(), self.stand_in(&column)?)));
        Value::Object(pairs.collect())
    }

    pub(super) fn stand_in(&self, column: &E::Column) -> Option<Value> {
        let value = self.policy.stand_in_of(column)?;
        Some(sea_orm::sea_query::sea_value_to_json_value(&value))
    }

    /// The columns that are on the Model, neither redacted nor in the image.
    pub(super) fn newer_than(&self, image: &Map<String, Value>) -> Vec<E::Column> {
        let absent = |c: &E::Column| !image.contains_key(c.as_str());
        let expected = |c: &E::Column| self.policy.redaction(c).is_none();
        E::Column::iter().filter(|c| absent(c) && expected(c)).collect()
    }

    fn is_masked(&self, column: &E::Column) -> bool {
        matches!(self.policy.redaction(column), Some(Redaction::Mask { .. }))
    }

    fn is_masked_text(&self, column: &E::Column) -> bool {
        let holds_text = matches!(
            column.def().get_column_type(),
            ColumnType::Text | ColumnType::String(_) | ColumnType::Char(_) | ColumnType::Custom(_)
        );
        holds_text && self.is_masked(column)
    }
}
