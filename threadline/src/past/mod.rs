//! The past as a connection.

mod attribute;
mod connection;
mod error;
mod function;
mod lexer;
mod loss;
mod name;
mod newest;
mod position;
mod pushdown;
mod rewrite;
mod scope;
mod statement;
mod table;
#[cfg(test)]
mod tests;

use sea_orm::ConnectionTrait;

use crate::{Moment, Registry};

pub use loss::Loss;

/// How a row is read that does not fit the table of today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Strict,
    Lossy,
}

/// What every SeaORM connection can say about the past. It comes with the prelude.
pub trait AsOf: ConnectionTrait + Sized {
    /// The database as it stood at `at`, for reading: a connection like any other.
    ///
    /// What was committed by that moment is there, and nothing else: a transaction that was running
    /// then is left out as a whole, so that no transfer is ever seen half way. The moment is one of the
    /// database's clock.
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
    /// use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryOrder};
    /// use threadline::{Registry, prelude::*};
    ///
    /// // Written once, for now and then.
    /// async fn titles<C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    ///     let posts = post::Entity::find().order_by_asc(post::Column::Id).all(db).await?;
    ///     Ok(posts.into_iter().map(|post| post.title).collect())
    /// }
    ///
    /// async fn both(db: &DatabaseConnection, registry: &Registry) -> Result<(), DbErr> {
    ///     let an_hour_ago = chrono::Utc::now() - chrono::TimeDelta::hours(1);
    ///     println!("{:?}", titles(&db.as_of(an_hour_ago, registry)).await?);
    ///     println!("{:?}", titles(db).await?);
    ///     Ok(())
    /// }
    /// ```
    fn as_of<'c>(&'c self, at: impl Into<Moment>, registry: &'c Registry) -> Past<'c, Self> {
        Past { db: self, at: at.into(), registry, mode: Mode::Strict }
    }
}

impl<C: ConnectionTrait> AsOf for C {}

/// The database as it stood at a moment: made by [`AsOf::as_of`].
///
/// It reads whatever SeaORM can ask for, or a raw statement: every table of the registry is read as it
/// was, and one that is [named as live](crate::RegistryBuilder::live) as it is now. What cannot be so
/// read is refused, before anything is sent:
///
/// - a statement that writes or locks, or is no single query, or that the parser does not know;
/// - a column that is told by its place: `t AS x(a, b)`, or a `*` beside names in a `UNION`;
/// - a table that is neither in the registry nor live, and so every view and every system catalog;
/// - a function that is not one of PostgreSQL's own that read nothing but their arguments: any other
///   might read rows of today;
/// - a name behind a dot that may be such a function: `(…).name`, and `f.name` of a function in a FROM.
///
/// Operators and casts of the host's own types are taken to read nothing else, and so are functions of
/// the host's own that have the name of one of PostgreSQL's that may be called.
///
/// Each statement sees what is recorded when it runs. A transaction that was in flight at the moment
/// is left out before and after it commits, so the reads of one moment agree with each other; to read
/// what no later write can touch in any way, take the past of a transaction that was begun
/// with `REPEATABLE READ` and `READ ONLY`.
#[derive(Debug)]
pub struct Past<'c, C> {
    db: &'c C,
    at: Moment,
    registry: &'c Registry,
    mode: Mode,
}

impl<C> Clone for Past<'_, C> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<C> Past<'_, C> {
    /// The moment.
    pub fn at(&self) -> Moment {
        self.at
    }

    /// Reads every row, with losses: a value that does not fit its column of today, or is missing
    /// where a Model needs one, is read as null, or as the zero of its type (`0`, `""`, 1970-01-01).
    ///
    /// What was lost is told by [`losses`](Self::losses). It takes several times as long. Never restore
    /// from it.
    #[must_use]
    pub fn lossy(mut self) -> Self {
        self.mode = Mode::Lossy;
        self
    }
}
