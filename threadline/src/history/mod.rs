//! The versions of one row, typed or as stored: what it was, and when.

mod as_of;
mod columns;
mod one_row;
mod reader;
mod row;
mod select;
mod version;
mod versions;
mod wanted;

use std::future::Future;

use sea_orm::sea_query::IntoValueTuple;
use sea_orm::{EntityTrait, Iterable, ModelTrait, PrimaryKeyToColumn, PrimaryKeyTrait, Value};

use crate::{Audited, Error, Moment, TrailSource};
use as_of::Standing;
use columns::Columns;

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
    /// otherwise the row reads as if it never had existed.
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
}

impl<M: ModelTrait<Entity: Audited>> ModelHistory for M {}

/// The key's values in the order of the entity's key columns.
fn key_values<E: EntityTrait>(key: KeyOf<E>) -> Vec<Value> {
    let values: Vec<Value> = key.into_value_tuple().into_iter().collect();
    debug_assert_eq!(values.len(), E::PrimaryKey::iter().count());
    values
}
