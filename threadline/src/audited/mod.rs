//! The bridge from a SeaORM entity to what is audited of its table.

mod policy;
mod shape;

use std::any::type_name;

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, Value};

use crate::Error;
use crate::registry::{Registration, RegistryBuilder};
use crate::spec::{ColumnName, SpecProblem, TableName, TableSpec};

pub use policy::{Policy, StandIn};
pub(crate) use shape::{KeyColumn, KeyKind, Shape, ShapeColumn, Shapes};

/// An entity whose table is audited. Derive it, with `#[derive(Audited)]` on the `Model`.
///
/// The derive says only what SeaORM does not know: what is redacted and how changes are captured.
/// The table, its columns and its key come from the entity itself.
pub trait Audited: EntityTrait {
    /// What the derive has been told.
    #[doc(hidden)]
    fn policy() -> Policy<Self>;

    /// What is audited of this entity's table, by the names the database has for it. An entity
    /// without a schema is in `public`.
    ///
    /// # Errors
    ///
    /// [`Error::Spec`] if the declarations contradict each other (a redacted primary key, say, which
    /// is only seen here if the entity is written by hand), [`Error::InvalidName`] if a name of the
    /// entity is none that PostgreSQL can hold, [`Error::InvalidPlaceholder`],
    /// [`Error::InvalidJsonPath`], [`Error::InvalidLimit`].
    fn table_spec() -> Result<TableSpec, Error> {
        let entity = Self::default();
        let schema = entity.schema_name().unwrap_or("public").to_owned();
        let spec =
            Self::policy().apply(TableSpec::new(TableName::new(schema, entity.table_name())?))?;
        let mut problems = spec.validate().err().unwrap_or_default();
        for key in Self::PrimaryKey::iter() {
            let column = ColumnName::new(key.into_column().as_str())?;
            if spec.redactions().contains_key(&column) {
                problems.push(SpecProblem::RedactedKey(column.clone()));
            }
            if spec.limits().contains_key(&column) {
                problems.push(SpecProblem::LimitedKey(column));
            }
        }
        problems.sort();
        problems.dedup();
        if problems.is_empty() {
            return Ok(spec);
        }
        Err(Error::Spec { table: spec.table().clone(), problems })
    }
}

/// A column type with a value that can stand in for one that is not known: its default.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` whose values are not stored cannot be filled in when a past Model is read",
    label = "it has no default that is a value of a column",
    note = "make the field an `Option<_>`, or write `#[audited(…, stand_in = <expression>)]` on it"
)]
pub trait HasStandIn {
    /// The value.
    fn stand_in() -> Value;
}

impl<T: Default + Into<Value>> HasStandIn for T {
    fn stand_in() -> Value {
        T::default().into()
    }
}

/// A column type that can hold the text of a mask, or do without it: `String`, and every `Option`,
/// which is read back as `None` if it is not of text.
///
/// Implement it for a type of your own that wraps a `String` and can be made from any text.
#[diagnostic::on_unimplemented(
    message = "a column of type `{Self}` cannot hold the text of a mask",
    label = "this is neither a `String` nor an `Option<_>`",
    note = "exclude the column instead, or make the field an `Option<{Self}>` (a masked value is then read back as `None`)",
    note = "a type that wraps any `String` can say so with `impl threadline::audited::HoldsText`"
)]
pub trait HoldsText {}

impl HoldsText for String {}
impl<T> HoldsText for Option<T> {}

/// A struct that is the `Model` of the entity `E`.
#[diagnostic::on_unimplemented(
    message = "`Audited` goes on an entity's `Model`; `{Self}` is not the one of `{E}`",
    label = "not the `Model` of `{E}`",
    note = "derive `Audited` where `DeriveEntityModel` or `DeriveModel` is derived"
)]
pub trait ModelOf<E> {}

impl<E: EntityTrait, M: ModelTrait<Entity = E>> ModelOf<E> for M {}

#[doc(hidden)]
pub fn assert_holds_text<T: HoldsText>() {}

#[doc(hidden)]
pub fn assert_model_of<M: ModelOf<E>, E>() {}

#[doc(hidden)]
pub fn into_value<T: Into<Value>>(value: T) -> Value {
    value.into()
}

impl Registration {
    /// The registration of the entity `E`, which is in the module `module_path`.
    #[must_use]
    pub const fn new<E: Audited>(module_path: &'static str) -> Self {
        Self { module_path, table: E::table_spec, shape: Shape::of::<E> }
    }
}

impl RegistryBuilder {
    /// Adds the entity `E`.
    pub fn register<E: Audited>(self) -> Self {
        self.add_entity(E::table_spec(), Shape::of::<E>, format!("`{}`", type_name::<E>()))
    }
}
