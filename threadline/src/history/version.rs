use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, IdenStatic, IntoActiveModel, QueryResult,
};
use serde_json::{Map, Value};

use super::columns::Columns;
use super::difference::Difference;
use super::proposal::Proposal;
use super::propose::{Aim, Wish, propose};
use crate::model::{ActionRecord, Change, Operation, Transaction};
use crate::query::timeline::{self, TimelineEntry};
use crate::spec::JsonPath;
use crate::{ActorRef, Audited, Error, TrailSource, query};

/// One version of a row, with the change that made it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Version<E: EntityTrait> {
    /// The change as it was stored.
    pub change: Change,
    /// Who made it, and when.
    pub transaction: Transaction,
    /// The innermost action it belongs to.
    pub action: Option<ActionRecord>,
    /// The row after the change.
    pub row: Reified<E::Model>,
    /// The text of the image: its numbers are exact.
    pub(super) stored: Option<String>,
}

impl<E: EntityTrait> Version<E> {
    /// Whether the change was an update of this column.
    pub fn changed(&self, column: E::Column) -> bool {
        self.change.changed_fields.iter().any(|name| name == column.as_str())
    }

    /// What this column held before the change, as it was stored: after redaction. `None` if the row was
    /// not there, or the column was not recorded.
    pub fn before(&self, column: E::Column) -> Option<&Value> {
        let (name, change) = (column.as_str(), &self.change);
        let old = change.changed_from.as_ref().and_then(|old| old.get(name));
        match change.op {
            Operation::Update if !self.changed(column) => self.after(column),
            _ => old,
        }
    }

    /// What this column held after the change, as it was stored: after redaction. `None` if the row was
    /// gone, or the column was not recorded. As a value of the Model's type it is in [`row`](Self::row).
    pub fn after(&self, column: E::Column) -> Option<&Value> {
        self.change.data_after.as_ref()?.get(column.as_str())
    }

    /// In which columns another version of the same row differs from this one, with the values of this
    /// one as `before`. The two need not be neighbours, and need not be readable as a Model: what was
    /// stored is compared, by what it says, so that 1.0 is 1.00.
    ///
    /// ```no_run
    /// # mod post {
    /// #     use threadline::Audited;
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    /// #     #[sea_orm(table_name = "posts")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub title: String }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)] pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// use threadline::prelude::*;
    ///
    /// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
    /// let versions = post::Entity::history(7).all(&db).await?;
    /// if let [first, .., last] = versions.as_slice() {
    ///     let difference = first.diff(last);
    ///     if let Some(title) = difference.of(post::Column::Title) {
    ///         println!("{:?} became {:?}", title.before, title.after);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn diff(&self, later: &Self) -> Difference<E> {
        Difference::between(self.stored.as_deref(), later.stored.as_deref())
    }

    /// Who made the change: the actor of its action, else of its transaction.
    pub fn actor(&self) -> Option<&ActorRef> {
        let of_action = self.action.as_ref().and_then(|action| action.actor.as_ref());
        of_action.or(self.transaction.actor.as_ref())
    }
}

impl<E: Audited<Model: IntoActiveModel<E::ActiveModel>>> Version<E> {
    /// Proposes to bring the row back to this version: an update of the columns that differ from what the
    /// row holds now, or an insert if it is gone. Redacted columns, the key and what the database computes
    /// are left alone. See [`Proposal`].
    ///
    /// # Errors
    ///
    /// [`Error::NotRestorable`] if there was no row after this version, or it cannot be read by the table and
    /// the Model of today without loss: [`restore_lossy`](Self::restore_lossy) leaves out what was lost.
    /// [`Error::NotFound`] if the reader may not see the row as it is now, or the version is purged;
    /// [`Error::Db`].
    pub async fn restore(&self, db: &impl TrailSource) -> Result<Proposal<E>, Error> {
        propose(db, self.place(), Wish { aim: Aim::After, lossy: false }).await
    }

    /// As [`restore`](Self::restore), but what does not fit today's table and Model is left out, and told in
    /// [`Proposal::untouched`]. A value that a narrower column has rounded is proposed as it is read.
    ///
    /// # Errors
    ///
    /// Those of [`restore`](Self::restore); the row must still be readable as a Model.
    pub async fn restore_lossy(&self, db: &impl TrailSource) -> Result<Proposal<E>, Error> {
        propose(db, self.place(), Wish { aim: Aim::After, lossy: true }).await
    }

    /// Proposes to undo this change alone: [`AuditedHistory::undo`](super::AuditedHistory::undo).
    ///
    /// # Errors
    ///
    /// Those of [`AuditedHistory::undo`](super::AuditedHistory::undo).
    pub async fn undo(&self, db: &impl TrailSource) -> Result<Proposal<E>, Error> {
        propose(db, self.place(), Wish { aim: Aim::Undo, lossy: false }).await
    }

    fn place(&self) -> (DateTime<Utc>, i64) {
        (self.change.captured_at, self.change.id)
    }
}

/// A row of the past, read as a Model of today.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Reified<M> {
    /// The row, exactly. A column that the policy excludes or masks holds its stand-in.
    Exact(M),
    /// The row, with losses: the table or the entity has changed since, or of a value only a hash, the
    /// size or a part is stored.
    Lossy(M, Vec<Note>),
    /// The row was there, but it cannot be read as a Model of today.
    Unreadable {
        /// What was stored.
        data: Map<String, Value>,
        /// Why it cannot be read.
        why: String,
    },
    /// The row was not there, or nobody can know.
    Absent(Absence),
}

impl<M> Reified<M> {
    /// The Model, if the row was there and could be read, with losses or without.
    pub fn model(&self) -> Option<&M> {
        match self {
            Self::Exact(model) | Self::Lossy(model, _) => Some(model),
            Self::Unreadable { .. } | Self::Absent(_) => None,
        }
    }

    /// The Model by value, if the row was there and could be read.
    pub fn into_model(self) -> Option<M> {
        match self {
            Self::Exact(model) | Self::Lossy(model, _) => Some(model),
            Self::Unreadable { .. } | Self::Absent(_) => None,
        }
    }
}

/// What was lost in reading one column.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Note {
    /// The Model has a column that the row had not.
    NewerColumn {
        /// The column.
        column: String,
    },
    /// The row had a column that the table has no longer.
    DroppedColumn {
        /// The column.
        column: String,
        /// What was stored.
        stored: Value,
    },
    /// The column's type holds less than was stored.
    Recast {
        /// The column.
        column: String,
        /// What was stored.
        stored: Value,
        /// What it is read as.
        read: Value,
    },
    /// What was stored does not fit the column's type, and is read as null.
    Uncastable {
        /// The column.
        column: String,
        /// Why not, in the database's words.
        why: String,
    },
    /// Only a keyed hash of the value is stored. It is what a text column is read as.
    Hashed {
        /// The column.
        column: String,
        /// The hash: that of an equal value is the same.
        hash: String,
    },
    /// The value was larger than what is stored; the column holds its stand-in.
    Truncated {
        /// The column.
        column: String,
        /// How many bytes the value had.
        bytes: u64,
        /// Their SHA-256 in hexadecimal digits.
        sha256: String,
    },
    /// The document is stored with a placeholder at these paths.
    MaskedParts {
        /// The column.
        column: String,
        /// The paths at which the placeholder stands.
        paths: Vec<JsonPath>,
    },
    /// The whole value was masked, though it is not declared so: the trigger did not know the column,
    /// could not hash it, or its document had another form than the masked paths expect.
    Masked {
        /// The column.
        column: String,
    },
}

impl Note {
    /// The column it is about.
    pub fn column(&self) -> &str {
        match self {
            Self::NewerColumn { column }
            | Self::DroppedColumn { column, .. }
            | Self::Recast { column, .. }
            | Self::Uncastable { column, .. }
            | Self::Hashed { column, .. }
            | Self::Truncated { column, .. }
            | Self::MaskedParts { column, .. }
            | Self::Masked { column } => column,
        }
    }

    /// Whether the loss comes from a change of the table or of the Model, and not from redaction.
    pub fn is_drift(&self) -> bool {
        match self {
            Self::NewerColumn { .. }
            | Self::DroppedColumn { .. }
            | Self::Recast { .. }
            | Self::Uncastable { .. } => true,
            Self::Hashed { .. }
            | Self::Truncated { .. }
            | Self::MaskedParts { .. }
            | Self::Masked { .. } => false,
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NewerColumn { column } => write!(f, "{column}: the row is older than the column"),
            Self::DroppedColumn { column, .. } => write!(f, "{column}: no longer on the table"),
            Self::Recast { column, stored, read } => {
                write!(f, "{column}: {stored} is read as {read}")
            }
            Self::Uncastable { column, why } => write!(f, "{column}: {why}"),
            Self::Hashed { column, .. } => {
                write!(f, "{column}: only a hash of the value is stored")
            }
            Self::Truncated { column, bytes, .. } => {
                write!(f, "{column}: the value had {bytes} bytes, which was too large to be stored")
            }
            Self::MaskedParts { column, paths } => {
                let paths: Vec<String> = paths.iter().map(ToString::to_string).collect();
                write!(f, "{column}: masked at {}", paths.join(", "))
            }
            Self::Masked { column } => write!(f, "{column}: the value was masked"),
        }
    }
}

/// Why there is no row.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Absence {
    /// There was no such row, at least not yet.
    NeverExisted,
    /// The moment lies before the table was audited: nothing is known of it.
    BeforeHorizon {
        /// Since when the table is audited.
        since: DateTime<Utc>,
    },
    /// Nothing is recorded of the row up to that moment: if it was there at all, it was there before
    /// the table was audited, and was not changed on its own since.
    Unrecorded {
        /// Since when the table is audited.
        since: DateTime<Utc>,
    },
    /// The row had been deleted.
    Deleted {
        /// When.
        at: DateTime<Utc>,
        /// The transaction that deleted it.
        transaction_id: i64,
    },
    /// The table had been truncated.
    Truncated {
        /// When.
        at: DateTime<Utc>,
        /// The transaction that truncated it.
        transaction_id: i64,
    },
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverExisted => write!(f, "there was no such row"),
            Self::BeforeHorizon { since } => {
                write!(f, "nothing is known of that time: the table is audited since {since}")
            }
            Self::Unrecorded { since } => write!(
                f,
                "nothing is recorded of the row; it can only have been there before the table was \
                 audited, which is since {since}"
            ),
            Self::Deleted { at, transaction_id } => {
                write!(f, "the row was deleted at {at}, in transaction {transaction_id}")
            }
            Self::Truncated { at, transaction_id } => {
                write!(f, "the table was truncated at {at}, in transaction {transaction_id}")
            }
        }
    }
}

/// Reads a version; `None` for one whose transaction is not in the trail, as after a purge in between.
pub(super) fn version<E: Audited>(
    columns: &Columns<E>,
    row: &QueryResult,
) -> Result<Option<Version<E>>, Error> {
    let Some(TimelineEntry { change, transaction, action }) = timeline::entry(row)? else {
        return Ok(None);
    };
    let stored = row.try_get("c:", "data_after")?;
    Ok(Some(Version { row: reified(columns, &change, row)?, change, transaction, action, stored }))
}

/// Reads the row of a version. `row` has its columns, its change and its notes.
pub(super) fn reified<E: Audited>(
    columns: &Columns<E>,
    change: &Change,
    row: &QueryResult,
) -> Result<Reified<E::Model>, Error> {
    let image = query::document(row, "r:", "image")?;
    let Some(Value::Object(image)) = image else {
        return Ok(Reified::Absent(absence(change)));
    };
    let mut notes = notes(query::document(row, "r:", "notes")?);
    notes.extend(image.iter().filter_map(|(name, stored)| columns.surrogate_note(name, stored)));
    for column in columns.newer_than(&image) {
        notes.push(Note::NewerColumn { column: column.as_str().to_owned() });
        if !column.def().is_null() && columns.stand_in(&column).is_none() {
            let why = format!(
                "the row is older than the column `{}`; give it `#[audited(stand_in = …)]`",
                column.as_str()
            );
            return Ok(Reified::Unreadable { data: image, why });
        }
    }
    Ok(match E::Model::from_query_result(row, "") {
        Ok(model) if notes.is_empty() => Reified::Exact(model),
        Ok(model) => Reified::Lossy(model, notes),
        Err(error) => {
            let mut why: Vec<String> = notes.iter().map(Note::to_string).collect();
            why.push(error.to_string());
            Reified::Unreadable { data: image, why: why.join("; ") }
        }
    })
}

pub(super) fn absence(change: &Change) -> Absence {
    let (at, transaction_id) = (change.captured_at, change.transaction_id);
    match change.op {
        Operation::Truncate => Absence::Truncated { at, transaction_id },
        _ => Absence::Deleted { at, transaction_id },
    }
}

fn notes(document: Option<Value>) -> Vec<Note> {
    let Some(Value::Object(document)) = document else { return Vec::new() };
    document
        .into_iter()
        .map(|(column, mut note)| {
            let mut take = |key: &str| note.get_mut(key).map(Value::take).unwrap_or_default();
            match take("kind").as_str() {
                Some("recast") => {
                    Note::Recast { stored: take("stored"), read: take("read"), column }
                }
                Some("dropped") => Note::DroppedColumn { stored: take("stored"), column },
                _ => Note::Uncastable {
                    why: take("why").as_str().unwrap_or("it does not fit").to_owned(),
                    column,
                },
            }
        })
        .collect()
}
