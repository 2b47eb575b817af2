use serde::Serialize;

use super::Cursor;
use crate::{Error, Filter};

/// Where a page begins.
///
/// There is no default: a walk whose cursor got lost must not silently start again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Position {
    /// At the beginning; or, if the filter has [`after`](crate::Filter::after), there.
    #[default]
    Start,
    /// Behind this entry, in the order of the filter: with the newest first, what is older.
    After(Cursor),
    /// Before this entry, next to it: with the newest first, what has been added since.
    Before(Cursor),
}

/// A part of a list that may be too long to be read at once.
///
/// ```no_run
/// use threadline::{Filter, Position, timeline_page};
///
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let filter = Filter::new().limit(50);
/// let mut position = Position::Start;
/// loop {
///     let page = timeline_page(&db, &filter, position).await?;
///     for entry in page.entries {
///         println!("{} {}", entry.change.captured_at, entry.change.table);
///     }
///     let Some(cursor) = page.cursor else { break };
///     position = Position::After(cursor);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # What a walk sees
///
/// A walk from page to page meets every entry that was committed before it began, once and in order,
/// whatever is written meanwhile. What is committed during the walk may be met or not: a change has its
/// place by when it was captured, and a transaction that commits late brings changes that are older than
/// where the walk has come to. So whoever follows the trail, and reads again and again what is
/// [`Before`](Position::Before) the newest entry, should stay behind every transaction that still runs:
/// give the filter [`to`](crate::Filter::to) a moment that is further back than the longest of them, and
/// move it on each time.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Page<T> {
    /// The entries, always in the order of the filter.
    pub entries: Vec<T>,
    /// Where to go on in the same direction; `None` at the end, and only there.
    pub cursor: Option<Cursor>,
    /// Whether there are more in this direction. It is exact: a last page that is full is the last.
    pub has_more: bool,
    /// The cursor of the first entry: what is [`Position::Before`] it comes before this page.
    pub first: Option<Cursor>,
    /// The cursor of the last entry: what is [`Position::After`] it comes after this page.
    pub last: Option<Cursor>,
}

/// A page before its rows are read: where it begins, in which direction, and how long it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// What the cursors of this walk belong to.
    walk: u64,
    /// The entry beside which it begins.
    pub(crate) beside: Option<Cursor>,
    /// Whether it goes against the order of the list.
    is_backwards: bool,
    /// Whether the list has the oldest first.
    oldest_first: bool,
    size: u32,
}

impl Span {
    /// The page of a filter at a position, or where the filter itself says. `walk` makes the fingerprint
    /// out of the filter's text, which is the same for every page: neither how long a page is nor where
    /// it begins is part of it.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCursor`] if the cursor belongs to another walk, or if there are two.
    pub(crate) fn of(
        filter: &Filter,
        position: Position,
        walk: impl FnOnce(&str) -> u64,
    ) -> Result<Self, Error> {
        let mut same = filter.clone().limit(1);
        same.after = None;
        let position = match (&filter.after, position) {
            (None, position) => position,
            (Some(cursor), Position::Start) => Position::After(cursor.parse()?),
            (Some(_), _) => {
                return Err(Error::InvalidCursor(
                    "the filter has one already; give one of the two",
                ));
            }
        };
        Self::new(position, walk(&same.to_string()), filter.oldest_first, filter.max_entries())
    }

    /// The page of a walk that is no filter's.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidCursor`] if the cursor belongs to another walk.
    pub(crate) fn new(
        position: Position,
        walk: u64,
        oldest_first: bool,
        size: u32,
    ) -> Result<Self, Error> {
        let (beside, is_backwards) = match position {
            Position::Start => (None, false),
            Position::After(cursor) => (Some(cursor), false),
            Position::Before(cursor) => (Some(cursor), true),
        };
        if let Some(cursor) = &beside {
            cursor.belongs_to(walk)?;
        }
        Ok(Self { walk, beside, is_backwards, oldest_first, size })
    }

    /// The cursor of an entry of this walk.
    pub(crate) fn cursor(&self, at: chrono::DateTime<chrono::Utc>, id: i64) -> Cursor {
        Cursor::new(at, id, self.walk)
    }

    /// Whether rows are read from old to new.
    pub(crate) fn ascends(&self) -> bool {
        self.oldest_first != self.is_backwards
    }

    /// How many rows to read: one more than the page has shows whether there are more.
    pub(crate) fn rows(&self) -> u64 {
        u64::from(self.size) + 1
    }

    /// The page of what was read, each with its place: at most [`rows`](Self::rows), in the order read.
    pub(crate) fn page<T>(
        &self,
        mut read: Vec<(chrono::DateTime<chrono::Utc>, i64, Option<T>)>,
    ) -> Page<T> {
        let has_more = read.len() > self.size as usize;
        read.truncate(self.size as usize);
        if self.is_backwards {
            read.reverse();
        }
        let cursor = |entry: Option<&(chrono::DateTime<chrono::Utc>, i64, Option<T>)>| {
            entry.map(|(at, id, _)| Cursor::new(*at, *id, self.walk))
        };
        let (first, last) = (cursor(read.first()), cursor(read.last()));
        Page {
            cursor: if self.is_backwards { first } else { last }.filter(|_| has_more),
            has_more,
            first,
            last,
            entries: read.into_iter().filter_map(|(_, _, entry)| entry).collect(),
        }
    }
}
