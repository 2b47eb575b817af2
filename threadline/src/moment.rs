use std::time::SystemTime;

use chrono::{DateTime, TimeZone, Utc};

/// A point in time: made from any chrono `DateTime` or from a `SystemTime`, and kept in UTC with
/// microseconds, as PostgreSQL has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment(DateTime<Utc>);

impl Moment {
    /// The moment in UTC.
    pub fn utc(self) -> DateTime<Utc> {
        self.0
    }
}

impl<Z: TimeZone> From<DateTime<Z>> for Moment {
    fn from(at: DateTime<Z>) -> Self {
        Self(at.to_utc())
    }
}

impl From<SystemTime> for Moment {
    fn from(at: SystemTime) -> Self {
        Self(at.into())
    }
}
