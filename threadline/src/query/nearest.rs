use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use super::pick::{Slice, picked};
use super::sql::{self, Binds};
use crate::filter::TimeBound;
use crate::{Error, Filter, TrailSource};

/// When the changes were made that match next to a window: [`nearest`] looks for them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Nearest {
    /// The newest before the window; `None` if there is none, or the window has no beginning.
    pub before: Option<DateTime<Utc>>,
    /// The oldest after the window; `None` if there is none, or the window has no end.
    pub after: Option<DateTime<Utc>>,
}

/// How far is looked back, and forth, for what no index leads to.
const UNLED: Duration = Duration::from_secs(30 * 86_400);

/// When the last change before the filter's window was made, and the first one after it, with the rest of
/// the filter as it is: where somebody should look who sees an empty page.
///
/// A filter that only its window keeps from reading the whole trail, as `op=truncate`, is looked for in the
/// 30 days beside it.
///
/// ```no_run
/// # use threadline::Filter;
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let today: Filter = "table=orders&from=-24h".parse()?;
/// if let Some(at) = threadline::nearest(&db, &today).await?.before {
///     println!("nothing today; the last change was at {at}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the filter cannot be; [`Error::TimedOut`], [`Error::NotInstalled`] if the
/// database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn nearest(db: &impl TrailSource, filter: &Filter) -> Result<Nearest, Error> {
    filter.check()?;
    let mut nearest = Nearest::default();
    if let Some(from) = filter.from {
        let before = Filter { from: None, to: Some(beside(from, -1)), ..filter.clone() };
        nearest.before = first(db, led(before, from), false).await?;
    }
    if let Some(to) = filter.to {
        let after = Filter { from: Some(beside(to, 1)), to: None, ..filter.clone() };
        nearest.after = first(db, led(after, to), true).await?;
    }
    Ok(nearest)
}

/// The next moment in that direction. One that is told by the clock of the database moves on by itself.
fn beside(bound: TimeBound, microseconds: i64) -> TimeBound {
    match bound {
        TimeBound::At(at) => TimeBound::At(moved(at, TimeDelta::microseconds(microseconds))),
        TimeBound::Ago { seconds } => TimeBound::Ago { seconds },
    }
}

/// No further than the calendar goes.
fn moved(at: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    at.checked_add_signed(by).unwrap_or(at)
}

/// The filter, with a bound where nothing else leads to what it wants.
fn led(mut filter: Filter, bound: TimeBound) -> Filter {
    let seconds_of_days = i64::try_from(UNLED.as_secs()).unwrap_or_default();
    let further = |sign: i64| match bound {
        TimeBound::At(at) => TimeBound::At(moved(at, TimeDelta::seconds(sign * seconds_of_days))),
        TimeBound::Ago { seconds } => TimeBound::Ago { seconds: seconds - sign * seconds_of_days },
    };
    let is_led = Filter { from: None, ..filter.clone() }.check().is_ok();
    match (is_led, filter.from) {
        (true, _) => {}
        (false, None) => filter.from = Some(further(-1)),
        (false, Some(_)) => filter.to = Some(further(1)),
    }
    filter
}

async fn first(
    db: &impl TrailSource,
    filter: Filter,
    ascends: bool,
) -> Result<Option<DateTime<Utc>>, Error> {
    let mut binds = Binds::default();
    let slice = Slice { beside: None, ascends, rows: Some(1) };
    let text = format!("SELECT c.captured_at FROM ({}) c", picked(db, &filter, slice, &mut binds)?);
    let rows = sql::all(db.connection(), text, binds).await?;
    Ok(rows.first().map(|row| row.try_get("", "captured_at")).transpose()?)
}
