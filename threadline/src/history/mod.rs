//! The versions of one row, typed or as stored: what it was, and when.

mod as_of;
mod blame;
mod columns;
mod copied;
mod difference;
mod key_text;
mod one_row;
mod pair;
mod proposal;
mod propose;
mod rail;
mod reader;
mod row;
mod select;
mod version;
mod versions;
mod wanted;

use std::future::Future;

use sea_orm::sea_query::IntoValueTuple;
use sea_orm::{
    EntityTrait, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, PrimaryKeyTrait, Value,
};

use crate::{Audited, Change, Error, Moment, RowKey, TrailSource};
use as_of::Standing;
use columns::Columns;
use propose::{Aim, Wish, propose};
use select::AsStored;

pub use blame::{Blame, BlamedColumn, Deed, MAX_BLAMED_VERSIONS, row_blame, row_blame_until};
pub use copied::{row_as_of_command, row_history_command, row_history_sql};
pub use difference::Difference;
pub use pair::{ChangePair, change_pair};
pub use proposal::{Conflict, Proposal, ProposedAction, ProposedField, Untouched, WhyUntouched};
pub use rail::{MAX_RAIL, RailVersion, RowRail, row_rail, row_rail_around};
pub use reader::History;
pub use row::{RowHistory, RowStanding, RowVersions, row_as_of};
pub use version::{Absence, Note, Reified, Version};
pub use versions::Versions;

type KeyOf<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// What every audited entity can say about its past. It comes with the prelude.
pub trait AuditedHistory: Audited {
    /// The versions of one row, newest 200 unless told otherwise. A key of several columns is a tuple.
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
    /// for version in post::Entity::history(7).all(&db).await? {
    ///     println!("{} {:?}", version.change.captured_at, version.row);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    fn history(key: impl Into<KeyOf<Self>>) -> History<Self> {
        History::new(key_values::<Self>(key.into()))
    }

    /// One row as it stood at a moment, as everybody could read it then: changes of transactions that
    /// were not committed yet are left out.
    ///
    /// A row that was there before the table was audited is known from its first recorded change on,
    /// and back to the audit horizon by what that change replaced.
    ///
    /// In a scope, what stood at the moment is told only if the change that tells it is in the scope;
    /// otherwise the row reads as if it never had existed. A row whose end was the last that is in the scope
    /// reads as ended then, whoever used its key again.
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
    /// use threadline::{Reified, prelude::*};
    ///
    /// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
    /// let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(1);
    /// match post::Entity::as_of(7, yesterday, &db).await? {
    ///     Reified::Exact(post) => println!("it was called {}", post.title),
    ///     Reified::Lossy(post, notes) => println!("{} (but {notes:?})", post.title),
    ///     Reified::Unreadable { data, why } => println!("{data:?} cannot be read: {why}"),
    ///     Reified::Absent(absence) => println!("{absence}"),
    ///     _ => {}
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotAudited`] if the table is not audited (or not any more, at that moment),
    /// [`Error::NotInstalled`] if the database has no trail, [`Error::InvalidScope`], or [`Error::Db`].
    fn as_of<S: TrailSource>(
        key: impl Into<KeyOf<Self>>,
        at: impl Into<Moment>,
        db: &S,
    ) -> impl Future<Output = Result<Reified<Self::Model>, Error>> + Send {
        let (key, at) = (key_values::<Self>(key.into()), at.into());
        async move {
            let columns = Columns::<Self>::new()?;
            match as_of::standing(db, &columns.row(key), &columns, at).await? {
                Standing::There(there) => version::reified(&columns, &there.0, &there.1),
                Standing::Absent(absence) => Ok(Reified::Absent(absence)),
            }
        }
    }

    /// Of each column of a row, the change that wrote what it holds now: when, by whom, in which action
    /// and why; in one query, which reads the row's newest 10 000 changes once, without what they wrote.
    /// [`Blame::truncated`] says whether there are more.
    ///
    /// In a scope, a change that is not in it tells nothing, and neither does an older one in its place. Of a
    /// row whose end was the last that is in the scope, what came after is left out.
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
    /// let blame = post::Entity::blame(7, &db).await?;
    /// if let Some(deed) = blame.of(post::Column::Title).and_then(|title| title.last.as_ref()) {
    ///     println!("{:?} wrote the title, because {:?}", deed.actor(), deed.reason());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`History::all`].
    fn blame<S: TrailSource>(
        key: impl Into<KeyOf<Self>>,
        db: &S,
    ) -> impl Future<Output = Result<Blame, Error>> + Send {
        blame::of_entity::<Self>(db, key_values::<Self>(key.into()))
    }

    /// Proposes to bring a row back to how it stood at a moment, or to insert it again if it is gone. It
    /// writes nothing: see [`Proposal`].
    ///
    /// # Errors
    ///
    /// [`Error::NotRestorable`] if the row was not there at that moment, or cannot be read by the table and
    /// the Model of today without loss; [`Error::NotFound`] if the reader may not see the row as it is now;
    /// and those of [`as_of`](Self::as_of).
    fn restore<S: TrailSource>(
        key: impl Into<KeyOf<Self>>,
        at: impl Into<Moment>,
        db: &S,
    ) -> impl Future<Output = Result<Proposal<Self>, Error>> + Send
    where
        Self: Audited<ActiveModel: Send, Model: IntoActiveModel<Self::ActiveModel>>,
    {
        restored(key_values::<Self>(key.into()), at.into(), db, false)
    }

    /// As [`restore`](Self::restore), but what does not fit today's table and Model is left out, and told in
    /// [`Proposal::untouched`].
    ///
    /// # Errors
    ///
    /// Those of [`restore`](Self::restore); the row must still be readable as a Model.
    fn restore_lossy<S: TrailSource>(
        key: impl Into<KeyOf<Self>>,
        at: impl Into<Moment>,
        db: &S,
    ) -> impl Future<Output = Result<Proposal<Self>, Error>> + Send
    where
        Self: Audited<ActiveModel: Send, Model: IntoActiveModel<Self::ActiveModel>>,
    {
        restored(key_values::<Self>(key.into()), at.into(), db, true)
    }

    /// Proposes to undo one change of this entity, and nothing that came after: for an update the old
    /// values of what it changed, for an insert a delete, for a delete an insert. Where the row does not
    /// hold any more what the change wrote, [`Proposal::conflicts`] says what would be lost, and whose it
    /// is. A change of the key is a delete and an insert, which are undone one by one.
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
    /// # async fn example(db: sea_orm::DatabaseConnection, id: i64) -> Result<(), threadline::Error> {
    /// let incident = threadline::incident_bundle(&db, id).await?;
    /// for entry in &incident.changes {
    ///     let proposal = post::Entity::undo(&entry.change, &db).await?;
    ///     println!("{:?}, in conflict: {:?}", proposal.fields, proposal.conflicts);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::NotRestorable`] for a truncate and a baseline, for an update of a row that is gone, and for
    /// a delete of one that is there again; [`Error::NotFound`] if the change is none of this entity's table,
    /// is purged, or the reader may not see it or the row as it is now; [`Error::NotInstalled`],
    /// [`Error::InvalidScope`], or [`Error::Db`].
    fn undo<S: TrailSource>(
        change: &Change,
        db: &S,
    ) -> impl Future<Output = Result<Proposal<Self>, Error>> + Send
    where
        Self: Audited<ActiveModel: Send, Model: IntoActiveModel<Self::ActiveModel>>,
    {
        let place = (change.captured_at, change.id);
        propose(db, place, Wish { aim: Aim::Undo, lossy: false })
    }
}

/// A proposal about the change that tells how the row stood at the moment.
async fn restored<E: Audited<ActiveModel: Send, Model: IntoActiveModel<E::ActiveModel>>>(
    key: Vec<Value>,
    at: Moment,
    db: &impl TrailSource,
    lossy: bool,
) -> Result<Proposal<E>, Error> {
    let columns = Columns::<E>::new()?;
    match as_of::standing(db, &columns.row(key), &AsStored, at).await? {
        Standing::Absent(absence) => Err(Error::NotRestorable(absence.to_string())),
        Standing::There(there) => {
            let change = &there.0;
            let aim = if at.utc() < change.captured_at { Aim::Before } else { Aim::After };
            propose(db, (change.captured_at, change.id), Wish { aim, lossy }).await
        }
    }
}

impl<E: Audited> AuditedHistory for E {}

/// What every Model of an audited entity can say about its past. It comes with the prelude.
pub trait ModelHistory: ModelTrait<Entity: Audited> {
    /// The versions of this row: [`AuditedHistory::history`] of its key.
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
    /// # async fn example(post: post::Model, db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
    /// let renamings = post.history().changed(post::Column::Title).all(&db).await?;
    /// # Ok(())
    /// # }
    /// ```
    fn history(&self) -> History<Self::Entity> {
        let keys = <Self::Entity as EntityTrait>::PrimaryKey::iter();
        History::new(keys.map(|key| self.get(key.into_column())).collect())
    }

    /// The key of this row as text, for a filter, an address or a command line.
    ///
    /// ```
    /// # mod post {
    /// #     use threadline::Audited;
    /// #     use sea_orm::entity::prelude::*;
    /// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    /// #     #[sea_orm(table_name = "posts")]
    /// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub title: String }
    /// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)] pub enum Relation {}
    /// #     impl ActiveModelBehavior for ActiveModel {}
    /// # }
    /// use threadline::{RowKey, prelude::*};
    ///
    /// let post = post::Model { id: 7, title: "News".to_owned() };
    /// assert_eq!(post.row_key()?, RowKey::scalar(7));
    /// # Ok::<(), threadline::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::InvalidKey`] if a column of the key is null, or of a type whose text in the trail is not
    /// known here; integers, texts, characters, booleans, UUIDs and dates are.
    fn row_key(&self) -> Result<RowKey, Error> {
        key_text::row_key(self)
    }
}

impl<M: ModelTrait<Entity: Audited>> ModelHistory for M {}

/// The key's values in the order of the entity's key columns.
fn key_values<E: EntityTrait>(key: KeyOf<E>) -> Vec<Value> {
    let values: Vec<Value> = key.into_value_tuple().into_iter().collect();
    debug_assert_eq!(values.len(), E::PrimaryKey::iter().count());
    values
}
