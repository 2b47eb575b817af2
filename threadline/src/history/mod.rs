//! The versions of one row, typed: what it was, and when.

mod as_of;
mod columns;
mod select;
mod version;

use std::future::Future;
use std::marker::PhantomData;

use sea_orm::sea_query::IntoValueTuple;
use sea_orm::{ConnectionTrait, EntityTrait, Iterable, PrimaryKeyTrait, Value};

use crate::query::{self, sql};
use crate::{Audited, Error, Moment};

pub use version::{Absence, Note, Reified, Version};

/// How many versions [`History::all`] gives unless told otherwise.
const DEFAULT_LIMIT: u32 = 200;

type KeyOf<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// What every audited entity can say about its past. It comes with the prelude.
pub trait AuditedHistory: Audited {
    /// The versions of one row, newest 200 unless told otherwise.
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
        History {
            key: key_values::<Self>(key.into()),
            limit: Some(DEFAULT_LIMIT),
            entity: PhantomData,
        }
    }

    /// One row as it stood at a moment, as everybody could read it then: changes of transactions that
    /// were not committed yet are left out.
    ///
    /// A row that was there before the table was audited is known from its first recorded change on,
    /// and back to the audit horizon by what that change replaced.
    ///
    /// # Errors
    ///
    /// [`Error::NotAudited`] if the table is not audited (or not any more, at that moment),
    /// [`Error::NotInstalled`] if the database has no trail, or [`Error::Db`].
    fn as_of<C: ConnectionTrait>(
        key: impl Into<KeyOf<Self>>,
        at: impl Into<Moment>,
        db: &C,
    ) -> impl Future<Output = Result<Reified<Self::Model>, Error>> + Send {
        let (key, at) = (key_values::<Self>(key.into()), at.into());
        as_of::as_of::<Self, C>(key, at, db)
    }
}

impl<E: Audited> AuditedHistory for E {}

/// A reader of one row's versions: [`AuditedHistory::history`] makes it.
#[derive(Clone, Debug)]
#[must_use = "nothing is read before `all`"]
pub struct History<E> {
    key: Vec<Value>,
    limit: Option<u32>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Audited> History<E> {
    /// At most the newest `limit` versions.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Some(limit);
        self
    }

    /// All versions there are, however many.
    pub fn unlimited(mut self) -> Self {
        self.limit = None;
        self
    }

    /// Reads the versions, the oldest first.
    ///
    /// A row that was deleted or truncated has a version that says so. One version that cannot be
    /// read never spoils the others: see [`Reified`].
    ///
    /// # Errors
    ///
    /// [`Error::NotAudited`] if the table never was audited, [`Error::NotInstalled`] if the database
    /// has no trail, or [`Error::Db`].
    pub async fn all<C: ConnectionTrait>(self, db: &C) -> Result<Vec<Version<E>>, Error> {
        let policy = E::policy();
        let columns = columns::Columns::<E>::new(&policy)?;
        let (text, binds) = select::history(&columns, self.key, self.limit);
        let rows = sql::all(db, text, binds).await?;
        if rows.is_empty() && !as_of::was_audited(&columns, db).await? {
            return Err(Error::NotAudited { table: columns.table().clone() });
        }
        let mut versions = Vec::with_capacity(rows.len());
        for row in &rows {
            versions.push(Version {
                change: query::change(row)?,
                transaction: query::transaction(row)?,
                action: query::optional_action(row)?,
                row: version::reified(&columns, row)?,
            });
        }
        let mut versions = version::without_idle_truncates(versions);
        let newest = self.limit.map_or(versions.len(), |limit| versions.len().min(limit as usize));
        Ok(versions.split_off(versions.len() - newest))
    }
}

/// The key's values in the order of the entity's key columns.
fn key_values<E: EntityTrait>(key: KeyOf<E>) -> Vec<Value> {
    let values: Vec<Value> = key.into_value_tuple().into_iter().collect();
    debug_assert_eq!(values.len(), E::PrimaryKey::iter().count());
    values
}
