//! What the derive has been told about an entity.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::num::NonZeroU32;

use sea_orm::{EntityTrait, IdenStatic, Value};

use super::HasStandIn;
use crate::Error;
use crate::spec::{CaptureMode, ColumnName, JsonPath, Placeholder, Redaction, TableSpec};

/// What the derive has been told about an entity: redaction and capture options by column.
///
/// Of a column that is redacted in two ways it says the stronger one; that this contradicts itself is
/// an error of [`Audited::table_spec`](super::Audited::table_spec).
#[must_use]
pub struct Policy<E: EntityTrait> {
    redactions: Vec<(&'static str, Declared)>,
    limits: Vec<(&'static str, u32)>,
    quiet: Vec<&'static str>,
    stand_ins: BTreeMap<&'static str, StandIn>,
    placeholder: Option<&'static str>,
    key: Option<Vec<&'static str>>,
    capture_noop: bool,
    mode: CaptureMode,
    entity: PhantomData<fn() -> E>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Declared {
    Exclude,
    Mask(Option<&'static str>),
    Hash,
    MaskJson(&'static str),
}

impl<E: EntityTrait> Policy<E> {
    /// Every column is stored as it is.
    pub fn new() -> Self {
        Self {
            redactions: Vec::new(),
            limits: Vec::new(),
            quiet: Vec::new(),
            stand_ins: BTreeMap::new(),
            placeholder: None,
            key: None,
            capture_noop: false,
            mode: CaptureMode::Auto,
            entity: PhantomData,
        }
    }

    /// Leaves `column` out of the trail; a past row is read with `stand_in` in its place, unless
    /// [`stand_in`](Self::stand_in) says otherwise.
    pub fn exclude(mut self, column: E::Column, stand_in: StandIn) -> Self {
        self.redactions.push((column.as_str(), Declared::Exclude));
        self.or_stand_in(column, stand_in)
    }

    /// Stores a text instead of the values of `column`: `placeholder`, else that of
    /// [`placeholder`](Self::placeholder), else `[REDACTED]`.
    pub fn mask(mut self, column: E::Column, placeholder: Option<&'static str>) -> Self {
        self.redactions.push((column.as_str(), Declared::Mask(placeholder)));
        self
    }

    /// Stores a keyed hash of the values of `column`. Where the hash is no value of the column's type,
    /// a past row is read with `stand_in`.
    pub fn hash(mut self, column: E::Column, stand_in: StandIn) -> Self {
        self.redactions.push((column.as_str(), Declared::Hash));
        self.or_stand_in(column, stand_in)
    }

    /// Masks the documents of `column` at `paths`, a list as [`JsonPath::parse_list`] reads it. A past
    /// row of which the whole document was masked is read with `stand_in`.
    pub fn mask_json(mut self, column: E::Column, paths: &'static str, stand_in: StandIn) -> Self {
        self.redactions.push((column.as_str(), Declared::MaskJson(paths)));
        self.or_stand_in(column, stand_in)
    }

    /// Stores size and digest of a value of `column` that has more than `bytes` bytes; a past row with
    /// such a value is read with `stand_in`.
    pub fn max_bytes(mut self, column: E::Column, bytes: u32, stand_in: StandIn) -> Self {
        self.limits.push((column.as_str(), bytes));
        self.or_stand_in(column, stand_in)
    }

    /// Captures the table by triggers of this kind.
    pub fn mode(mut self, mode: CaptureMode) -> Self {
        self.mode = mode;
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
        // What cannot be understood is an error of `table_spec`.
        let masked = || Redaction::Mask { placeholder: Placeholder::default() };
        let declared =
            of_column.map(|(_, declared)| self.declared(*declared).unwrap_or_else(|_| masked()));
        declared.reduce(Redaction::and)
    }

    /// Whether any column is redacted, and so every column may be masked that a trigger does not know.
    pub(crate) fn redacts(&self) -> bool {
        !self.redactions.is_empty()
    }

    /// The value to read where a past row has none for `column`; `None` if none is declared.
    pub fn stand_in_of(&self, column: &E::Column) -> Option<Value> {
        self.stand_ins.get(column.as_str()).map(|stand_in| (stand_in.0)())
    }

    fn placeholder_of(&self, text: Option<&'static str>) -> Result<Placeholder, Error> {
        text.or(self.placeholder).map_or_else(|| Ok(Placeholder::default()), Placeholder::new)
    }

    fn declared(&self, declared: Declared) -> Result<Redaction, Error> {
        Ok(match declared {
            Declared::Exclude => Redaction::Exclude,
            Declared::Mask(text) => Redaction::Mask { placeholder: self.placeholder_of(text)? },
            Declared::Hash => Redaction::Hash { placeholder: self.placeholder_of(None)? },
            Declared::MaskJson(paths) => Redaction::MaskJson {
                paths: JsonPath::parse_list(paths)?,
                placeholder: self.placeholder_of(None)?,
            },
        })
    }

    fn or_stand_in(mut self, column: E::Column, stand_in: StandIn) -> Self {
        self.stand_ins.entry(column.as_str()).or_insert(stand_in);
        self
    }

    pub(super) fn apply(&self, mut spec: TableSpec) -> Result<TableSpec, Error> {
        for (name, declared) in &self.redactions {
            spec = spec.redact(ColumnName::new(*name)?, self.declared(*declared)?);
        }
        for (name, bytes) in &self.limits {
            let bytes = NonZeroU32::new(*bytes).ok_or(Error::InvalidLimit)?;
            spec = spec.max_bytes(ColumnName::new(*name)?, bytes);
        }
        for name in &self.quiet {
            spec = spec.quieten(ColumnName::new(*name)?);
        }
        if let Some(key) = &self.key {
            spec =
                spec.keyed_by(key.iter().copied().map(ColumnName::new).collect::<Result<_, _>>()?);
        }
        let spec = spec.in_mode(self.mode);
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
            .field("limits", &self.limits)
            .field("quiet", &self.quiet)
            .field("stand_ins", &self.stand_ins.keys())
            .field("placeholder", &self.placeholder)
            .field("key", &self.key)
            .field("capture_noop", &self.capture_noop)
            .field("mode", &self.mode)
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
