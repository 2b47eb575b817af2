use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

use super::text;
use crate::{Error, Moment};

/// A bound in time: a moment, or so long before now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TimeBound {
    /// This moment, with microseconds.
    At(DateTime<Utc>),
    /// So many seconds before now, by the clock of the database.
    Ago {
        /// How many.
        seconds: i64,
    },
}

/// Which bound a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edge {
    From,
    To,
}

const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];
/// A thousand years: more would leave the calendar of the database.
const LONGEST: i64 = 1_000 * 366 * 86_400;

impl TimeBound {
    pub(super) fn at(moment: Moment) -> Self {
        let at = moment.utc();
        // PostgreSQL keeps microseconds, and nothing below.
        Self::At(DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at))
    }

    pub(super) fn ago(duration: Duration) -> Self {
        let seconds = i64::try_from(duration.as_secs()).unwrap_or(LONGEST);
        Self::Ago { seconds: seconds.min(LONGEST) }
    }

    /// The moment, if it is `now` now.
    pub fn moment(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::Ago { seconds } => now - TimeDelta::seconds(seconds),
        }
    }

    pub(super) fn parse(text: &str, edge: Edge) -> Result<Self, String> {
        let text = text.trim();
        if text == "now" {
            return Ok(Self::Ago { seconds: 0 });
        }
        let bound = match text.strip_prefix('-') {
            Some(ago) => relative(ago),
            None => absolute(text, edge),
        };
        bound.ok_or_else(|| {
            "write so long ago, as in `-15m`, `-24h` or `-7d`; a day in UTC, `2026-01-31`; or a moment, \
             `2026-01-31T12:00:00Z`"
                .to_owned()
        })
    }
}

impl FromStr for TimeBound {
    type Err = Error;

    /// Reads `-24h`, `2026-01-31` (its beginning, in UTC) or `2026-01-31T12:00:00Z`.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text, Edge::From)
            .map_err(|why| Error::InvalidMoment { text: text::shown(text), why })
    }
}

fn relative(text: &str) -> Option<TimeBound> {
    let unit = text.chars().next_back()?;
    let (_, seconds) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    let digits = &text[..text.len() - unit.len_utf8()];
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let seconds = digits.parse::<i64>().ok()?.checked_mul(seconds)?;
    (seconds <= LONGEST).then_some(TimeBound::Ago { seconds })
}

fn absolute(text: &str, edge: Edge) -> Option<TimeBound> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let start = day.and_time(NaiveTime::MIN).and_utc();
        return Some(TimeBound::At(match edge {
            Edge::From => start,
            // The whole day belongs to it.
            Edge::To => start + TimeDelta::days(1) - TimeDelta::microseconds(1),
        }));
    }
    // In a URL, `+` stands for a blank: `2026-01-31T12:00:00+01:00` arrives with one.
    let moment = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok()?;
    Some(TimeBound::at(Moment::from(moment)))
}

impl fmt::Display for TimeBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Self::Ago { seconds: 0 } => f.write_str("now"),
            Self::Ago { seconds } => {
                // Hours and not days up to two of them, as people say it.
                let fits = |unit: i64| seconds % unit == 0 && (unit < 86_400 || *seconds > 172_800);
                let (name, unit) =
                    UNITS[1..].iter().find(|(_, unit)| fits(*unit)).copied().unwrap_or(('s', 1));
                write!(f, "-{}{name}", seconds / unit)
            }
        }
    }
}
