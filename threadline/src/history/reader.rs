use std::future::ready;
use std::marker::PhantomData;

use futures_util::{Stream, StreamExt};
use sea_orm::{IdenStatic, StreamTrait, Value};

use super::Versions;
use super::as_of::was_audited;
use super::columns::Columns;
use super::select;
use super::version::{self, Version};
use super::wanted::Wanted;
use crate::query::page::{Page, Position, Span};
use crate::query::pick::Slice;
use crate::query::sql;
use crate::{ActorRef, Audited, Error, Moment, Operation, TrailSource};

/// How many versions [`History::all`] gives unless told otherwise.
const DEFAULT_LIMIT: u32 = 200;
/// No page has more versions than this.
pub(super) const MAX_PAGE: u32 = 10_000;

/// A reader of one row's versions: [`AuditedHistory::history`](super::AuditedHistory::history) makes it.
///
/// Of conditions of one kind, at least one must hold; of different kinds, all must:
///
/// ```no_run
/// # mod post {
/// #     use threadline::Audited;
/// #     use sea_orm::entity::prelude::*;
/// #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
/// #     #[sea_orm(table_name = "posts")]
/// #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub title: String, pub text: String }
/// #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)] pub enum Relation {}
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// use threadline::prelude::*;
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// // What Ann did to title or text since yesterday.
/// let edits = post::Entity::history(7)
///     .from(chrono::Utc::now() - chrono::TimeDelta::days(1))
///     .changed(post::Column::Title)
///     .changed(post::Column::Text)
///     .by(ActorRef::user("ann"))
///     .all(&db)
///     .await?;
/// if edits.truncated() {
///     println!("only the newest {}", edits.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is read before `all`, `page` or `stream`"]
pub struct History<E> {
    key: Vec<Value>,
    wanted: Wanted,
    limit: Limit,
    entity: PhantomData<fn() -> E>,
}

#[derive(Clone, Copy, Debug)]
enum Limit {
    Unsaid,
    AtMost(u32),
    None,
}

impl Limit {
    /// The limit, which is `unsaid` if none was said.
    fn or(self, unsaid: Option<u32>) -> Option<u32> {
        match self {
            Self::Unsaid => unsaid,
            Self::AtMost(limit) => Some(limit),
            Self::None => None,
        }
    }
}

impl<E: Audited> History<E> {
    pub(super) fn new(key: Vec<Value>) -> Self {
        Self { key, wanted: Wanted::default(), limit: Limit::Unsaid, entity: PhantomData }
    }

    /// Only versions captured at this moment or later.
    pub fn from(mut self, moment: impl Into<Moment>) -> Self {
        self.wanted.from = Some(moment.into().utc());
        self
    }

    /// Only versions captured at this moment or earlier.
    pub fn until(mut self, moment: impl Into<Moment>) -> Self {
        self.wanted.until = Some(moment.into().utc());
        self
    }

    /// Only versions that this operation made.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.wanted.operations.push(operation);
        self
    }

    /// Only updates that changed this column. An update of an excluded column names no column.
    pub fn changed(mut self, column: E::Column) -> Self {
        self.wanted.changed.push(column.as_str().to_owned());
        self
    }

    /// Only versions by this actor: that of the action, else of the transaction, as [`Version::actor`]
    /// says.
    pub fn by(mut self, actor: ActorRef) -> Self {
        self.wanted.actors.push(actor);
        self
    }

    /// At most the newest `limit` versions, instead of 200.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = Limit::AtMost(limit);
        self
    }

    /// All versions there are, however many. [`stream`](Self::stream) does not hold them all at once.
    pub fn unlimited(mut self) -> Self {
        self.limit = Limit::None;
        self
    }

    /// Reads the versions, the oldest first; [`Versions::truncated`] says whether there are older ones
    /// beyond the limit.
    ///
    /// A row that was deleted or truncated has a version that says so. One version that cannot be
    /// read never spoils the others: see [`Reified`](super::Reified).
    ///
    /// # Errors
    ///
    /// [`Error::NotAudited`] if the table never was audited, [`Error::NotInstalled`] if the database
    /// has no trail, [`Error::InvalidScope`], or [`Error::Db`].
    pub async fn all(self, db: &impl TrailSource) -> Result<Versions<E>, Error> {
        let columns = Columns::<E>::new()?;
        let limit = self.limit.or(Some(DEFAULT_LIMIT)).map(u64::from);
        let slice = Slice { beside: None, ascends: false, rows: limit.map(|limit| limit + 1) };
        let (text, binds) =
            select::versions(db, &columns.row(self.key), &columns, &self.wanted, slice)?;
        let rows = sql::all(db.connection(), text, binds).await?;
        if rows.is_empty() {
            expect_audited(&columns, db).await?;
        }
        let most = limit.map_or(rows.len(), |limit| rows.len().min(limit as usize));
        let newest = rows[..most].iter().rev();
        let versions = newest.filter_map(|row| version::version(&columns, row).transpose());
        Ok(Versions::new(versions.collect::<Result<_, Error>>()?, rows.len() > most))
    }

    /// Reads one page of at most `size` versions (1 to 10 000), the newest first. The limit does not
    /// count, and the key and the filters must stay the same from page to page.
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
    /// use threadline::{Position, prelude::*};
    ///
    /// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
    /// let newest = post::Entity::history(7).page(&db, 20, Position::Start).await?;
    /// if let Some(cursor) = newest.cursor {
    ///     let older = post::Entity::history(7).page(&db, 20, Position::After(cursor)).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`all`](Self::all), and [`Error::InvalidCursor`] if the cursor belongs to another walk.
    pub async fn page(
        self,
        db: &impl TrailSource,
        size: u32,
        position: Position,
    ) -> Result<Page<Version<E>>, Error> {
        let columns = Columns::<E>::new()?;
        let row = columns.row(self.key);
        let walk = row.walk(&self.wanted.as_text());
        let span = Span::new(position, walk, false, size.clamp(1, MAX_PAGE))?;
        let (text, binds) = select::versions(db, &row, &columns, &self.wanted, span.into())?;
        let rows = sql::all(db.connection(), text, binds).await?;
        if rows.is_empty() {
            expect_audited(&columns, db).await?;
        }
        let placed = rows.iter().map(|row| {
            let (at, id) = (row.try_get("c:", "captured_at")?, row.try_get("c:", "id")?);
            Ok((at, id, version::version(&columns, row)?))
        });
        Ok(span.page(placed.collect::<Result<_, Error>>()?))
    }

    /// Reads the versions one by one as they come, and never more than a few at a time in memory: all of
    /// them, the oldest first; or, if [`limit`](Self::limit) was called, so many, the newest first.
    ///
    /// The connection is busy until the stream has ended or is dropped.
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
    /// use futures_util::TryStreamExt;
    /// use threadline::prelude::*;
    ///
    /// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
    /// let mut versions = post::Entity::history(7).stream(&db).await?;
    /// while let Some(version) = versions.try_next().await? {
    ///     println!("{}", version.change.op);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`all`](Self::all); the stream itself gives [`Error::Db`] if the connection is lost on the way.
    pub async fn stream<'s, S>(
        self,
        db: &'s S,
    ) -> Result<impl Stream<Item = Result<Version<E>, Error>> + Send + use<'s, S, E>, Error>
    where
        S: TrailSource<Connection: StreamTrait>,
    {
        let columns = Columns::<E>::new()?;
        expect_audited(&columns, db).await?;
        let slice = match self.limit.or(None) {
            None => Slice { beside: None, ascends: true, rows: None },
            Some(limit) => Slice { beside: None, ascends: false, rows: Some(u64::from(limit)) },
        };
        let (text, binds) =
            select::versions(db, &columns.row(self.key), &columns, &self.wanted, slice)?;
        let rows = sql::stream(db.connection(), text, binds).await?;
        Ok(rows.filter_map(move |row| {
            let version = row.and_then(|row| version::version(&columns, &row));
            ready(version.transpose())
        }))
    }
}

async fn expect_audited<E: Audited>(
    columns: &Columns<E>,
    db: &impl TrailSource,
) -> Result<(), Error> {
    match was_audited(db, columns.table()).await? {
        true => Ok(()),
        false => Err(Error::NotAudited { table: columns.table().clone() }),
    }
}
