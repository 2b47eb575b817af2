use sea_orm::sea_query::{Alias, ColumnType, Expr, PostgresQueryBuilder, Query};
use sea_orm::{ColumnTrait, IdenStatic, Iterable, PrimaryKeyToColumn};
use serde_json::{Map, Value};

use super::version::Note;
use crate::audited::Policy;
use crate::model::Surrogate;
use crate::spec::quote::{Ident, Literal};
use crate::spec::{JsonPath, Placeholder, Redaction, TableName};
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
            let source = if self.is_text_in_place(&column) {
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

    /// What a column reads as that is masked without having been declared so: the trigger did not know
    /// it, or could not hash it. A text is left out, because it can be read as it is.
    pub(super) fn placeholders(&self) -> Value {
        let columns = E::Column::iter().filter(|column| !holds_text(column));
        let pairs =
            columns.filter_map(|c| Some((c.as_str().to_owned(), self.placeholder(&c)?.into())));
        Value::Object(pairs.collect())
    }

    /// What is wrong with taking `stored` for the value of the column `name`.
    pub(super) fn surrogate_note(&self, name: &str, stored: &Value) -> Option<Note> {
        let column = name.to_owned();
        match Surrogate::of(stored) {
            Some(Surrogate::Hash(hash)) => return Some(Note::Hashed { column, hash }),
            Some(Surrogate::Truncated { bytes, sha256 }) => {
                return Some(Note::Truncated { column, bytes, sha256 });
            }
            None => {}
        }
        let of_model = E::Column::iter().find(|column| column.as_str() == name)?;
        let placeholder = self.placeholder(&of_model)?;
        if *stored == placeholder {
            return Some(Note::Masked { column });
        }
        let redaction = self.policy.redaction(&of_model);
        let Some(Redaction::MaskJson { .. }) = redaction else { return None };
        let paths: Vec<_> = JsonPath::all_of(stored, &placeholder).into_iter().collect();
        (!paths.is_empty()).then_some(Note::MaskedParts { column, paths })
    }

    /// What stands in place of a value of `column` that is masked without having been declared so;
    /// `None` if that cannot be, because nothing of the table is redacted.
    fn placeholder(&self, column: &E::Column) -> Option<String> {
        match self.policy.redaction(column) {
            Some(Redaction::Exclude | Redaction::Mask { .. }) => None,
            Some(redaction) => redaction.placeholder().map(ToString::to_string),
            None => self.policy.redacts().then(|| Placeholder::default().to_string()),
        }
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

    /// The columns that are on the Model and not in the image, in which they would be expected.
    pub(super) fn newer_than(&self, image: &Map<String, Value>) -> Vec<E::Column> {
        let absent = |c: &E::Column| !image.contains_key(c.as_str());
        let expected = |c: &E::Column| {
            !matches!(self.policy.redaction(c), Some(Redaction::Exclude | Redaction::Mask { .. }))
        };
        E::Column::iter().filter(|c| absent(c) && expected(c)).collect()
    }

    fn is_masked(&self, column: &E::Column) -> bool {
        matches!(self.policy.redaction(column), Some(Redaction::Mask { .. }))
    }

    /// Whether the column is stored as another text than its own, which may be longer.
    fn is_text_in_place(&self, column: &E::Column) -> bool {
        let redaction = self.policy.redaction(column);
        holds_text(column)
            && matches!(redaction, Some(Redaction::Mask { .. } | Redaction::Hash { .. }))
    }
}

fn holds_text(column: &impl ColumnTrait) -> bool {
    matches!(
        column.def().get_column_type(),
        ColumnType::Text | ColumnType::String(_) | ColumnType::Char(_) | ColumnType::Custom(_)
    )
}
