use sea_orm::sea_query::{Alias, ColumnType, Expr, PostgresQueryBuilder, Query};
use sea_orm::{ColumnTrait, IdenStatic, Iterable, PrimaryKeyToColumn};
use serde_json::{Map, Value};

use super::one_row::OneRow;
use super::proposal::WhyUntouched;
use super::version::Note;
use crate::audited::Policy;
use crate::model::Surrogate;
use crate::query::sql::Binds;
use crate::spec::quote::{Ident, Literal};
use crate::spec::{JsonPath, Placeholder, Redaction, TableName};
use crate::{Audited, Error};

/// How an entity's columns are read out of an image.
pub(super) struct Columns<E: Audited> {
    policy: Policy<E>,
    table: TableName,
}

impl<E: Audited> Columns<E> {
    pub(super) fn new() -> Result<Self, Error> {
        Ok(Self { policy: E::policy(), table: E::table_spec()?.table().clone() })
    }

    pub(super) fn table(&self) -> &TableName {
        &self.table
    }

    /// The row of that key.
    pub(super) fn row(&self, key: Vec<sea_orm::Value>) -> OneRow {
        let names = E::PrimaryKey::iter().map(|key| key.into_column().as_str());
        OneRow::of_values(self.table.clone(), names.collect(), key)
    }

    /// The SELECT list that `FromQueryResult` expects, out of the record `record`, each name with a
    /// prefix. SeaORM's own `select_as` tells which columns are cast, enums among them. `image` is what
    /// is stored of the row, if the record was made of that.
    pub(super) fn select_list(&self, record: &str, image: Option<&str>, prefix: &str) -> String {
        let mut select = Query::select();
        for column in E::Column::iter() {
            let name = column.as_str();
            let source = match image {
                // A placeholder must not go through the column's type: it may be too long for it.
                Some(image) if self.is_text_in_place(&column) => {
                    format!("({image} ->> {})", Literal(name))
                }
                // A document that is null is stored as no value, which such a column cannot have.
                Some(_) if is_document(&column) && !column.def().is_null() => {
                    format!("coalesce(({record}).{}, 'null')", Ident(name))
                }
                _ => format!("({record}).{}", Ident(name)),
            };
            let alias = Alias::new(format!("{prefix}{name}"));
            select.expr_as(column.select_as(Expr::cust(source)), alias);
        }
        let text = select.to_string(PostgresQueryBuilder);
        text.strip_prefix("SELECT ").unwrap_or(&text).to_owned()
    }

    /// What can be read as values of an image, with the stand-ins of what is not in it.
    ///
    /// What stands in place of a value is left out: it is none of the column's type, or would be taken
    /// for a value. [`Columns::surrogate_note`] tells of the same.
    pub(super) fn values_of(&self, image: &str, binds: &mut Binds) -> String {
        format!(
            "{stand_ins}::jsonb || coalesce((
                SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each({image} - {masked}::text[]) e
                WHERE CASE jsonb_typeof(e.value)
                    WHEN 'string' THEN e.value #>> '{{}}' !~ '^hmac:[0-9a-f]{{64}}$'
                        AND e.value IS DISTINCT FROM {placeholders}::jsonb -> e.key
                    WHEN 'object' THEN e.value - '$truncated' <> '{{}}'
                        OR jsonb_typeof(e.value #> '{{$truncated,bytes}}') IS DISTINCT FROM 'number'
                        OR jsonb_typeof(e.value #> '{{$truncated,sha256}}') IS DISTINCT FROM 'string'
                    ELSE true END), '{{}}')",
            stand_ins = binds.push(self.stand_ins()),
            masked = binds.push(self.masked()),
            placeholders = binds.push(self.placeholders()),
        )
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

    /// What becomes of the values of `column`.
    pub(super) fn redaction(&self, column: &E::Column) -> Option<Redaction> {
        self.policy.redaction(column)
    }

    /// Why `stored` must not be written back. A column that is redacted today never is, and neither is what
    /// an older policy may have left: the placeholder counts, whoever wrote it.
    pub(super) fn kept_back(
        &self,
        column: &E::Column,
        stored: Option<&Value>,
    ) -> Option<WhyUntouched> {
        match self.policy.redaction(column) {
            Some(Redaction::Exclude) => return Some(WhyUntouched::Excluded),
            Some(Redaction::Hash { .. }) => return Some(WhyUntouched::Hashed),
            Some(_) => return Some(WhyUntouched::Masked),
            None => {}
        }
        let Some(stored) = stored else { return Some(WhyUntouched::NotRecorded) };
        match Surrogate::of(stored) {
            Some(Surrogate::Hash(_)) => return Some(WhyUntouched::Hashed),
            Some(Surrogate::Truncated { .. }) => return Some(WhyUntouched::TooLarge),
            None => {}
        }
        let placeholder = Placeholder::default().to_string();
        let is_masked =
            *stored == placeholder || !JsonPath::all_of(stored, &placeholder).is_empty();
        is_masked.then_some(WhyUntouched::Masked)
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

fn is_document(column: &impl ColumnTrait) -> bool {
    matches!(column.def().get_column_type(), ColumnType::Json | ColumnType::JsonBinary)
}

fn holds_text(column: &impl ColumnTrait) -> bool {
    matches!(
        column.def().get_column_type(),
        ColumnType::Text | ColumnType::String(_) | ColumnType::Char(_) | ColumnType::Custom(_)
    )
}
