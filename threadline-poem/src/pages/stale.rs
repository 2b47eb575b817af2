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

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::pages::Refusal;
    use crate::pages::told::told;

    #[test]
    fn it_says_what_failed_when_and_how_old_the_rest_is() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
        let failure = (told(&Refusal::Busy), now - TimeDelta::seconds(10));
        let told = banner(&failure, now - TimeDelta::minutes(3), now).into_string();
        assert!(told.contains("Too much is being read at the moment: so said the last look at the database, 10 s ago."), "{told}");
        assert!(told.contains("What is shown was found 3 min ago"), "{told}");
    }
}
