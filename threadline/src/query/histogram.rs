use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::QueryResult;
use serde::Serialize;

use super::pick::{Slice, picked};
use super::rows::operation;
use super::sql::{self, Binds};
use super::timeline::span;
use super::{Position, condition};
use crate::filter::TimeBound;
use crate::model::Operation;
use crate::{Error, Filter, FilterProblem, FilterProblems, TrailSource};

/// When the changes that match were made: [`histogram`] counts them.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Histogram {
    /// The width of a bar, in seconds.
    pub width_seconds: u32,
    /// The bars, the oldest first, without a gap; those without changes as well. There are none if the
    /// window lies in the future, or ends before it begins.
    pub bars: Vec<Bar>,
    /// How many changes were looked at: the first ones in the filter's order.
    pub counted: u32,
    /// Whether there are more. Then some bars are not complete.
    pub is_capped: bool,
}

/// A bar of a [`Histogram`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Bar {
    /// Its first moment, in UTC: for the first bar the beginning of the window.
    pub from: DateTime<Utc>,
    /// Its last microsecond, so that a filter of `from` and `to` finds its changes and no others.
    pub to: DateTime<Utc>,
    /// How many changes there were; those that only record how a row stood (baselines) as well.
    pub changes: u32,
    /// How many of them were inserts.
    pub inserts: u32,
    /// How many of them were updates.
    pub updates: u32,
    /// How many of them were deletes or truncates.
    pub deletes: u32,
    /// Whether all of its changes were looked at. Of one that is not complete, nobody knows how many more
    /// there are.
    pub is_complete: bool,
}

/// No more changes than this are looked at.
pub const MAX_HISTOGRAM_CHANGES: u32 = 100_000;
/// Nobody can tell more bars than this apart.
const MOST_BARS: u32 = 500;
const DAY: i64 = 86_400;
/// Widths that people count in: minutes, hours, days, a week, and so on.
const WIDTHS: [i64; 10] =
    [60, 300, 900, 3_600, 6 * 3_600, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];
/// The beginning of a bar of every width: a Monday, in seconds since 1970.
const ORIGIN: i64 = 978_307_200;

/// How many changes match in each part of the filter's window, among the first 100 000 in the filter's
/// order. The window must begin somewhere (`from`), and ends now unless `to` says otherwise; what lies in
/// the future has no bars. The filter's limit says nothing here.
///
/// The width is the smallest of 1, 5 and 15 minutes, 1 and 6 hours, 1, 7, 30, 90 and 365 days, and whole
/// times that, with which there are at most `most` bars (2 to 500). Bars begin at whole minutes, hours, days
/// and, of a week, on Mondays, in UTC.
///
/// ```no_run
/// # use threadline::Filter;
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// let today: Filter = "table=orders&from=-24h".parse()?;
/// for bar in threadline::histogram(&db, &today, 60).await?.bars {
///     println!("{} {}", bar.from, bar.changes);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::InvalidFilter`] if the filter has no `from`, or cannot be; [`Error::TimedOut`],
/// [`Error::NotInstalled`] if the database has no trail, [`Error::NoRight`], or [`Error::Db`].
pub async fn histogram(
    db: &impl TrailSource,
    filter: &Filter,
    most: u32,
) -> Result<Histogram, Error> {
    let from = begins(filter, "a histogram")?;
    let width = width(from, filter.to, most.clamp(2, MOST_BARS));
    let mut binds = Binds::default();
    let text = select(db, filter, (from, width), &mut binds)?;
    let rows = sql::all(db.connection(), text, binds).await?;
    let Some(first) = rows.first() else {
        return Err(Error::Unreadable("the server does not tell the time".to_owned()));
    };
    let window = Window {
        from: first.try_get("", "begins")?,
        to: first.try_get("", "ends")?,
        width,
        descends: !filter.oldest_first,
    };
    let mut found = Found::default();
    for row in &rows {
        found.add(row)?;
    }
    Ok(window.histogram(&found))
}

/// Where the window of a filter begins.
pub(super) fn begins(filter: &Filter, what: &str) -> Result<TimeBound, Error> {
    filter.from.ok_or_else(|| {
        Error::InvalidFilter(FilterProblems(vec![FilterProblem {
            key: "from".to_owned(),
            value: String::new(),
            why: format!("{what} wants a time to start from, as in `from=-24h`"),
        }]))
    })
}

/// Seconds. Whether `now` is told by this clock or by that of the database decides of no more than a bar.
fn width(from: TimeBound, to: Option<TimeBound>, most: u32) -> i64 {
    let now = Utc::now();
    let to = to.map_or(now, |to| to.moment(now)).min(now);
    let length = (to - from.moment(now)).num_seconds().max(0) + 1;
    // Both ends may lie within a bar.
    let fits = |width: i64| length.div_euclid(width) + 2 <= i64::from(most);
    let longest = WIDTHS[WIDTHS.len() - 1];
    let known = WIDTHS.into_iter().find(|width| fits(*width));
    known.unwrap_or_else(|| {
        let times = length.div_euclid(longest * (i64::from(most) - 2).max(1)) + 1;
        longest * times
    })
}

/// One row for each bar and operation, all with the bounds of the window; one without a bar if nothing was
/// found.
fn select(
    db: &impl TrailSource,
    filter: &Filter,
    (from, width): (TimeBound, i64),
    binds: &mut Binds,
) -> Result<String, Error> {
    let sized = filter.clone().limit(1).first_page();
    let rows = Some(u64::from(MAX_HISTOGRAM_CHANGES) + 1);
    let slice = Slice { rows, ..span(&sized, Position::Start)?.into() };
    let (begins, width) = (condition::moment(from, binds), binds.push(width));
    let now = "statement_timestamp()";
    let ends = match filter.to {
        Some(to) => format!("least({}, {now})", condition::moment(to, binds)),
        None => now.to_owned(),
    };
    Ok(format!(
        "WITH picked AS MATERIALIZED (SELECT c.captured_at, c.id, c.op FROM ({picked}) c),
        looked AS (SELECT c.captured_at, c.op FROM picked c ORDER BY {by} LIMIT {MAX_HISTOGRAM_CHANGES})
        SELECT w.begins, w.ends, g.bar, g.op, g.changes, g.oldest, g.newest,
            (SELECT count(*) > {MAX_HISTOGRAM_CHANGES} FROM picked) AS is_capped
        FROM (SELECT {begins} AS begins, {ends} AS ends) w
        LEFT JOIN (
            SELECT floor((extract(epoch FROM c.captured_at) - {ORIGIN}) / {width})::bigint AS bar,
                c.op::text AS op, count(*) AS changes,
                min(c.captured_at) AS oldest, max(c.captured_at) AS newest
            FROM looked c GROUP BY 1, 2) g ON true",
        picked = picked(db, &sized, slice, binds)?,
        by = slice.by(),
    ))
}

/// What was counted, by the number of the bar.
#[derive(Default)]
struct Found {
    bars: BTreeMap<i64, [u32; 4]>,
    counted: u32,
    is_capped: bool,
    oldest: Option<DateTime<Utc>>,
    newest: Option<DateTime<Utc>>,
}

impl Found {
    fn add(&mut self, row: &QueryResult) -> Result<(), Error> {
        let Some(bar) = row.try_get::<Option<i64>>("", "bar")? else { return Ok(()) };
        let changes = u32::try_from(row.try_get::<i64>("", "changes")?).unwrap_or(u32::MAX);
        let of = self.bars.entry(bar).or_default();
        of[0] += changes;
        match operation(row, "op")? {
            Operation::Insert => of[1] += changes,
            Operation::Update => of[2] += changes,
            Operation::Delete | Operation::Truncate => of[3] += changes,
            Operation::Baseline => {}
        }
        self.counted += changes;
        self.is_capped = row.try_get("", "is_capped")?;
        let (oldest, newest) = (row.try_get("", "oldest")?, row.try_get("", "newest")?);
        self.oldest = Some(self.oldest.map_or(oldest, |known| known.min(oldest)));
        self.newest = self.newest.max(Some(newest));
        Ok(())
    }
}

struct Window {
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    /// Of a bar, in seconds.
    width: i64,
    /// Whether the newest changes were looked at first.
    descends: bool,
}

impl Window {
    fn histogram(&self, found: &Found) -> Histogram {
        // A clock that was set back leaves changes that are newer than now.
        let end = found.newest.map_or(self.to, |newest| newest.max(self.to));
        let bars = match self.from <= end {
            true => (self.number(self.from)..=self.number(end))
                .map(|n| self.bar(n, end, found))
                .collect(),
            false => Vec::new(),
        };
        Histogram {
            width_seconds: u32::try_from(self.width).unwrap_or(u32::MAX),
            bars,
            counted: found.counted,
            is_capped: found.is_capped,
        }
    }

    fn number(&self, at: DateTime<Utc>) -> i64 {
        (at.timestamp() - ORIGIN).div_euclid(self.width)
    }

    fn bar(&self, number: i64, end: DateTime<Utc>, found: &Found) -> Bar {
        let start = |number: i64| DateTime::from_timestamp(ORIGIN + number * self.width, 0);
        let last = start(number + 1).map_or(end, |next| next - TimeDelta::microseconds(1));
        let from = start(number).map_or(self.from, |start| start.max(self.from));
        let [changes, inserts, updates, deletes] =
            found.bars.get(&number).copied().unwrap_or_default();
        let is_reached = match self.descends {
            true => found.oldest.is_some_and(|oldest| from > oldest),
            false => found.newest.is_some_and(|newest| last < newest),
        };
        let is_complete = !found.is_capped || is_reached;
        Bar { from, to: last.min(end), changes, inserts, updates, deletes, is_complete }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_the_smallest_with_which_the_bars_fit() {
        for (text, most, wanted) in [
            ("from=-1h", 62, 60),
            ("from=-1h", 61, 300),
            ("from=-24h", 60, 3_600),
            ("from=-24h", 100, 900),
            ("from=-7d", 60, 6 * 3_600),
            ("from=-30d", 60, DAY),
            ("from=-365d", 60, 7 * DAY),
            ("from=-365d", 2, 2 * 365 * DAY),
            ("from=-48h&to=-24h", 60, 3_600),
            ("from=2020-01-01T00:00:00Z&to=2020-01-01T00:00:01Z", 2, 60),
            ("from=2999-01-01", 60, 60),
            ("from=-1h&to=2999-01-01", 62, 60),
        ] {
            let filter: Filter = text.parse().expect("a filter");
            let from = begins(&filter, "this").expect("a beginning");
            assert_eq!(width(from, filter.to, most), wanted, "{text} {most}");
        }
        let long: Filter = "from=0001-01-01".parse().expect("a filter");
        let wide = width(begins(&long, "this").expect("one"), None, 60);
        assert_eq!(wide % (365 * DAY), 0);
        assert!((2_000 * 365 * DAY) / wide < 60, "{wide}");
    }

    #[test]
    fn bars_of_every_width_begin_where_people_expect() {
        let origin = DateTime::from_timestamp(ORIGIN, 0).expect("a time");
        assert_eq!(origin.to_rfc3339(), "2001-01-01T00:00:00+00:00");
        assert_eq!(chrono::Datelike::weekday(&origin), chrono::Weekday::Mon);
    }
}
