//! What a host may write to bring back what was: proposals, which nobody but the host writes.

use std::fmt;

use sea_orm::{EntityTrait, IdenStatic};
use serde::Serialize;
use serde_json::Value;

use super::Deed;

/// What to write to bring back what was. Threadline never writes it: the host does, within an action of its
/// own, after whoever asked for it has seen [`conflicts`](Self::conflicts) and
/// [`untouched`](Self::untouched).
///
/// Ask for it in the transaction that writes it, and lock the row there before
/// (`find_by_id(…).lock_exclusive()`), if others may write the row at the same time.
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
/// use sea_orm::ActiveModelTrait;
/// use threadline::{ProposedAction, prelude::*};
///
/// # async fn example(db: sea_orm::DatabaseConnection, ctx: AuditContext) -> Result<(), threadline::Error> {
/// let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(1);
/// let txn = db.audit_begin(&ctx, Action::new("post.restore").reason("deleted by mistake")).await?;
/// let proposal = post::Entity::restore(7, yesterday, &txn).await?;
/// match proposal.action {
///     ProposedAction::Insert => drop(proposal.model.insert(&txn).await?),
///     ProposedAction::Update => drop(proposal.model.update(&txn).await?),
///     _ => {}
/// }
/// txn.commit().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Proposal<E: EntityTrait> {
    /// What to do with the model.
    pub action: ProposedAction,
    /// To insert: the columns that are known, and no others. To update: the current row, with the columns
    /// set that differ. To delete: the current row.
    pub model: E::ActiveModel,
    /// What the model would change, column by column.
    pub fields: Vec<ProposedField>,
    /// The columns that have been changed since by somebody else, whose work would be lost. Only
    /// `undo` has conflicts: to restore means to go back behind whatever came since.
    pub conflicts: Vec<Conflict>,
    /// The columns that differ, or may differ, and are not in the model, each with the reason.
    pub untouched: Vec<Untouched>,
}

impl<E: EntityTrait> Proposal<E> {
    /// What it would change in this column.
    pub fn of(&self, column: E::Column) -> Option<&ProposedField> {
        self.fields.iter().find(|field| field.column == column.as_str())
    }
}

/// What to do with the model of a [`Proposal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum ProposedAction {
    /// `model.insert(…)`: the row is gone.
    Insert,
    /// `model.update(…)`.
    Update,
    /// `model.delete(…)`: the row was not there before the change that is to be undone.
    Delete,
    /// The row is as it should be already.
    Nothing,
}

/// A column that a [`Proposal`] would change, with its values as the trail tells them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ProposedField {
    /// The column.
    pub column: String,
    /// What it holds now; `None` if the row is gone.
    pub current: Option<Value>,
    /// What it would hold; `None` if the row is to be deleted.
    pub proposed: Option<Value>,
}

/// A column of which the current value is not what the change wrote that is to be undone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Conflict {
    /// The column.
    pub column: String,
    /// What it holds now, and would lose.
    pub current: Option<Value>,
    /// What the change wrote.
    pub written: Option<Value>,
    /// Who wrote last, if it is recorded and the reader may see it.
    pub last: Option<Deed>,
}

/// A column that a [`Proposal`] leaves alone.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Untouched {
    /// The column.
    pub column: String,
    /// Why.
    pub why: WhyUntouched,
}

/// Why a [`Proposal`] leaves a column alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyUntouched {
    /// Its values are not in the trail.
    Excluded,
    /// The trail has a placeholder instead of its values, or in parts of them.
    Masked,
    /// The trail has a hash instead of its values.
    Hashed,
    /// The value was too large to be stored.
    TooLarge,
    /// Nothing is recorded of it: the row is older than the column, or the old value was not stored.
    NotRecorded,
    /// What was stored does not fit the column as it is today.
    Unfit,
    /// The table has the column no longer.
    Dropped,
    /// The table has the column, and the Model has not.
    NotOnModel,
    /// The database computes it.
    Generated,
    /// The database numbers it (`GENERATED ALWAYS AS IDENTITY`), and takes another value only with
    /// `OVERRIDING SYSTEM VALUE`. If it belongs to the key, it is set nevertheless, so that writing the
    /// model fails instead of making another row.
    Identity,
}

impl fmt::Display for WhyUntouched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Excluded => "its values are not in the trail",
            Self::Masked => "the trail has a placeholder instead of it",
            Self::Hashed => "the trail has a hash instead of it",
            Self::TooLarge => "it was too large to be stored",
            Self::NotRecorded => "nothing is recorded of it",
            Self::Unfit => "what was stored does not fit the column as it is today",
            Self::Dropped => "the table has it no longer",
            Self::NotOnModel => "the table has it, and the Model has not",
            Self::Generated => "the database computes it",
            Self::Identity => "the database numbers it",
        })
    }
}
