//! What is said where what is shown is older than it should be.

use chrono::{DateTime, Utc};
use maud::Markup;

use super::told::Told;
use crate::view::{self, Level};

/// The last look failed, for this reason and then; what is shown was found at `found`.
pub(crate) fn banner(
    failure: &(Told, DateTime<Utc>),
    found: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Markup {
    let (told, at) = failure;
    let incident = told
        .incident
        .map(|incident| format!(" It is logged as incident {incident}."))
        .unwrap_or_default();
    let text = format!(
        "{}: so said the last look at the database, {}. What is shown was found {}, and may have \
         changed since.{incident}",
        told.title,
        view::relative(*at, now),
        view::relative(found, now),
    );
    view::banner(Level::Warning, &text)
}
