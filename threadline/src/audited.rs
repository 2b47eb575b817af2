//! The bridge from a SeaORM entity to what is audited of its table.

use std::any::type_name;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use sea_orm::{EntityTrait, IdenStatic, Iterable, ModelTrait, PrimaryKeyToColumn, Value};

use crate::Error;
use crate::registry::{Registration, RegistryBuilder};
use crate::spec::{ColumnName, Placeholder, Redaction, SpecProblem, TableName, TableSpec};

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
    /// entity is none that PostgreSQL can hold, [`Error::InvalidPlaceholder`].
    fn table_spec() -> Result<TableSpec, Error> {
        let entity = Self::default();
        let schema = entity.schema_name().unwrap_or("public").to_owned();
        let spec =
            Self::policy().apply(TableSpec::new(TableName::new(schema, entity.table_name())?))?;
        let mut problems = spec.validate().err().unwrap_or_default();
        for key in Self::PrimaryKey::iter() {
            let column = ColumnName::new(key.into_column().as_str())?;
            let problem = SpecProblem::RedactedKey(column.clone());
            if spec.redactions().contains_key(&column) && !problems.contains(&problem) {
                problems.push(problem);
            }
        }
        if problems.is_empty() {
            return Ok(spec);
        }
        Err(Error::Spec { table: spec.table().clone(), problems })
    }
}

/// What the derive has been told about an entity: redaction and capture options by column.
///
/// Of a column that is both excluded and masked it says that it is excluded; that this contradicts
/// itself is an error of [`Audited::table_spec`].
#[must_use]
pub struct Policy<E: EntityTrait> {
    redactions: Vec<(&'static str, Declared)>,
    quiet: Vec<&'static str>,
    stand_ins: BTreeMap<&'static str, StandIn>,
    placeholder: Option<&'static str>,
    key: Option<Vec<&'static str>>,
    capture_noop: bool,
    entity: PhantomData<fn() -> E>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Exclude,
    Mask(Option<&'static str>),
}

impl<E: EntityTrait> Policy<E> {
    /// Every column is stored as it is.
    pub fn new() -> Self {
        Self {
            redactions: Vec::new(),
            quiet: Vec::new(),
            stand_ins: BTreeMap::new(),
            placeholder: None,
            key: None,
            capture_noop: false,
            entity: PhantomData,
        }
    }

    /// Leaves `column` out of the trail; a past row is read with `stand_in` in its place, unless
    /// [`stand_in`](Self::stand_in) says otherwise.
    pub fn exclude(mut self, column: E::Column, stand_in: StandIn) -> Self {
        self.redactions.push((column.as_str(), Declared::Exclude));
        self.stand_ins.entry(column.as_str()).or_insert(stand_in);
        self
    }

    /// Stores a text instead of the values of `column`: `placeholder`, else that of
    /// [`placeholder`](Self::placeholder), else `[REDACTED]`.
    pub fn mask(mut self, column: E::Column, placeholder: Option<&'static str>) -> Self {
        self.redactions.push((column.as_str(), Declared::Mask(placeholder)));
        self
    }

    /// Stores `column`, but records no change of quiet columns alone.
    pub fn quiet(mut self, column: E::Column) -> Self {
        self.quiet.push(column.as_str());
        self
    }

    /// Reads a past row that has no value for `column` with `value`.
    pub fn stand_in(mut self, column: E::Column, value: fn() -> Value) -> Self {
        self.stand_ins.insert(column.as_str(), StandIn(value));
        self
    }

    /// The text of every mask that has none of its own.
    pub fn placeholder(mut self, text: &'static str) -> Self {
        self.placeholder = Some(text);
        self
    }

    /// Tells the rows apart by these columns, for a table without a primary key.
    pub fn key(mut self, columns: impl IntoIterator<Item = E::Column>) -> Self {
        self.key = Some(columns.into_iter().map(|column| column.as_str()).collect());
        self
    }

    /// Records an update that changes nothing, too.
    pub fn capture_noop(mut self) -> Self {
        self.capture_noop = true;
        self
    }

    /// What becomes of the values of `column`; `None` if they are stored as they are.
    pub fn redaction(&self, column: &E::Column) -> Option<Redaction> {
        let of_column = self.redactions.iter().filter(|(name, _)| *name == column.as_str());
        let declared: Vec<Declared> = of_column.map(|(_, declared)| *declared).collect();
        if declared.contains(&Declared::Exclude) {
            return Some(Redaction::Exclude);
        }
        match declared.first()? {
            Declared::Exclude => Some(Redaction::Exclude),
            Declared::Mask(text) => {
                // A text that is no placeholder is an error of `table_spec`.
                let placeholder = self.placeholder_of(*text).unwrap_or_default();
                Some(Redaction::Mask { placeholder })
            }
        }
    }

    /// The value to read where a past row has none for `column`; `None` if none is declared.
    pub fn stand_in_of(&self, column: &E::Column) -> Option<Value> {
        self.stand_ins.get(column.as_str()).map(|stand_in| (stand_in.0)())
    }

    fn placeholder_of(&self, text: Option<&'static str>) -> Result<Placeholder, Error> {
        text.or(self.placeholder).map_or_else(|| Ok(Placeholder::default()), Placeholder::new)
    }

    fn apply(&self, mut spec: TableSpec) -> Result<TableSpec, Error> {
        for (name, declared) in &self.redactions {
            let column = ColumnName::new(*name)?;
            spec = match declared {
                Declared::Exclude => spec.exclude(column),
                Declared::Mask(text) => spec.mask(column, self.placeholder_of(*text)?),
            };
        }
        for name in &self.quiet {
            spec = spec.quieten(ColumnName::new(*name)?);
        }
        if let Some(key) = &self.key {
            spec =
                spec.keyed_by(key.iter().copied().map(ColumnName::new).collect::<Result<_, _>>()?);
        }
        Ok(if self.capture_noop { spec.capture_noop() } else { spec })
    }
}

impl<E: EntityTrait> Default for Policy<E> {
    fn default() -> Self {
        Self::new()
    }
}

impl<E: EntityTrait> fmt::Debug for Policy<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("redactions", &self.redactions)
            .field("quiet", &self.quiet)
            .field("stand_ins", &self.stand_ins.keys())
            .field("placeholder", &self.placeholder)
            .field("key", &self.key)
            .field("capture_noop", &self.capture_noop)
            .finish_non_exhaustive()
    }
}

/// The value with which a past row is read where the trail has none.
#[derive(Clone, Copy, Debug)]
pub struct StandIn(fn() -> Value);

impl StandIn {
    /// The default value of the column's Rust type; `None` for an `Option`.
    pub fn of<T: HasStandIn>() -> Self {
        Self(T::stand_in)
    }

    /// The value that `value` returns.
    pub fn from_fn(value: fn() -> Value) -> Self {
        Self(value)
    }
}

/// A column type with a value that can stand in for one that is not known: its default.
#[diagnostic::on_unimplemented(
    message = "an excluded column of type `{Self}` cannot be filled in when a past Model is read",
    label = "it has no default that is a value of a column",
    note = "make the field an `Option<_>`, or write `#[audited(exclude, stand_in = <expression>)]` on it"
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
        Self { module_path, table: E::table_spec }
    }
}

impl RegistryBuilder {
    /// Adds the entity `E`.
    pub fn register<E: Audited>(self) -> Self {
        self.add(E::table_spec(), format!("`{}`", type_name::<E>()))
    }
}
