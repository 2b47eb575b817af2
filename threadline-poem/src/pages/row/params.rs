//! What an address of a row's page asks for.

use chrono::{DateTime, NaiveDateTime, Utc};
use threadline::{ColumnName, Cursor, TimeBound};

use crate::pages::desk::Wish;

/// The longest value, in bytes: a cursor and a name fit.
const LONGEST: usize = 256;
/// Every key that may stand in the address.
const KNOWN: [&str; 5] = ["at", "v", "vs", "field", "after"];

/// What is shown of the row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Params {
    /// As it stood at this moment, and how it was written.
    pub(super) at: Option<(String, DateTime<Utc>)>,
    /// As this change left it.
    pub(super) v: Option<i64>,
    /// Compared with what this change left.
    pub(super) vs: Option<i64>,
    /// Only versions that changed this column are listed.
    pub(super) field: Option<ColumnName>,
    /// The list goes on behind this version.
    pub(super) after: Option<Cursor>,
}

/// What is wrong with one key of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) why: String,
    pub(super) example: Option<&'static str>,
}

impl Params {
    /// Reads the pairs of a query, or says everything that is wrong with them.
    pub(super) fn read(pairs: &[(String, String)], now: DateTime<Utc>) -> Result<Self, Vec<Wrong>> {
        let (mut params, mut wrong) = (Self::default(), Vec::new());
        for (place, (key, value)) in pairs.iter().enumerate() {
            let is_twice = pairs[..place].iter().any(|(other, _)| other == key);
            let read = match is_twice {
                true => Err(("one of the two would be ignored; say it once".to_owned(), None)),
                false => params.take(key, value.trim(), now),
            };
            if let Err((why, example)) = read {
                wrong.push(Wrong { key: key.clone(), value: value.clone(), why, example });
            }
        }
        if let (Some((text, _)), Some(_)) = (&params.at, params.v) {
            let why = "a version and a moment are asked for at once; leave one of them out";
            let (key, value) = ("at".to_owned(), text.clone());
            wrong.push(Wrong { key, value, why: why.to_owned(), example: None });
        }
        if wrong.is_empty() { Ok(params) } else { Err(wrong) }
    }

    fn take(
        &mut self,
        key: &str,
        value: &str,
        now: DateTime<Utc>,
    ) -> Result<(), (String, Option<&'static str>)> {
        if value.len() > LONGEST {
            return Err((format!("it is longer than {LONGEST} bytes"), None));
        }
        match key {
            // A field that was left empty asks for nothing: the row as it is.
            "at" if value.is_empty() => {}
            "at" => self.at = Some((value.to_owned(), moment(value, now)?)),
            "v" => self.v = Some(number(value)?),
            "vs" => self.vs = Some(number(value)?),
            "field" => {
                let name = ColumnName::new(value).map_err(|error| (error.to_string(), None))?;
                self.field = Some(name);
            }
            "after" => {
                let cursor = value.parse().map_err(|_| {
                    ("it is no place in a list; begin with the first page".to_owned(), None)
                })?;
                self.after = Some(cursor);
            }
            _ => return Err((format!("this page knows only {}", KNOWN.join(", ")), None)),
        }
        Ok(())
    }

    pub(super) fn wish(&self) -> Wish {
        match (&self.at, self.v) {
            (_, Some(version)) => Wish::Version(version),
            (Some((_, at)), None) => Wish::At(*at),
            (None, None) => Wish::Now,
        }
    }

    /// What the address says of which version is shown, to be said again.
    pub(super) fn of_version(&self) -> Vec<(&'static str, String)> {
        let at = self.at.iter().map(|(text, _)| ("at", text.clone()));
        let numbers = [("v", self.v), ("vs", self.vs)];
        let numbers = numbers.into_iter().filter_map(|(key, id)| Some((key, id?.to_string())));
        at.chain(numbers).collect()
    }

    /// The same with which versions are listed.
    pub(super) fn of_list(&self) -> Vec<(&'static str, String)> {
        let mut all = self.of_version();
        all.extend(self.field.as_ref().map(|field| ("field", field.as_str().to_owned())));
        all
    }

    /// What is shown, for a title: ` · as of -2h`.
    pub(super) fn title(&self) -> String {
        match (&self.at, self.v) {
            (Some((text, _)), _) => format!(" · as of {text}"),
            (None, Some(version)) => format!(" · change {version}"),
            (None, None) => String::new(),
        }
    }
}

fn number(text: &str) -> Result<i64, (String, Option<&'static str>)> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| ("it is the number of a change".to_owned(), Some("1234")))
}

const EXAMPLE: &str = "2026-01-31T12:00Z";

/// A moment: so long ago, a day, or a time of a day in UTC, as pages show it or with a zone.
fn moment(text: &str, now: DateTime<Utc>) -> Result<DateTime<Utc>, (String, Option<&'static str>)> {
    let plain = text.trim_end_matches("UTC").trim_end().trim_end_matches('Z').replace(' ', "T");
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S%.f"];
    let read = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(&plain, form).ok());
    if let Some(read) = read {
        return Ok(read.and_utc());
    }
    let why = "it is no moment; write so long ago, as in `-15m`, `-24h` or `-7d`, or a day or a time in UTC";
    let bound = text.parse::<TimeBound>().map_err(|_| (why.to_owned(), Some(EXAMPLE)))?;
    Ok(bound.moment(now))
}

#[cfg(test)]
mod tests {
    use chrono::{TimeDelta, TimeZone};

    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Params, Vec<String>> {
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let keys = |wrong: Vec<Wrong>| wrong.into_iter().map(|one| one.key).collect();
        Params::read(&pairs, DateTime::UNIX_EPOCH).map_err(keys)
    }

    #[test]
    fn a_moment_is_read_as_people_write_it_and_as_pages_show_it() {
        let at = |text: &str| read(&[("at", text)]).map(|params| params.at.expect("a moment").1);
        let half_past_five = Utc.with_ymd_and_hms(2026, 11, 21, 5, 30, 0).single().expect("exists");
        for text in [
            "2026-11-21T05:30Z",
            "2026-11-21T05:30",
            "2026-11-21 05:30 UTC",
            "2026-11-21T06:30:00+01:00",
            "2026-11-21T06:30:00 01:00",
            "2026-11-21 05:30:00.000000 UTC",
        ] {
            assert_eq!(at(text), Ok(half_past_five), "{text}");
        }
        assert_eq!(at("-2h"), Ok(DateTime::UNIX_EPOCH - TimeDelta::hours(2)));
        assert_eq!(at("2026-11-21"), Ok(half_past_five - TimeDelta::minutes(330)));
        for text in ["yesterday", "2026-13-01", "-2", "2026-11-21T25:00Z", "'; DROP"] {
            assert_eq!(at(text), Err(vec!["at".to_owned()]), "{text}");
        }
        assert_eq!(read(&[("at", "")]), Ok(Params::default()), "an empty field of the form");
    }

    #[test]
    fn what_is_not_understood_is_named_and_nothing_is_left_out() {
        assert_eq!(read(&[("version", "1")]), Err(vec!["version".to_owned()]));
        assert_eq!(read(&[("key", "1")]), Err(vec!["key".to_owned()]), "the path has the row's");
        assert_eq!(read(&[("v", "1"), ("v", "2")]), Err(vec!["v".to_owned()]));
        assert_eq!(read(&[("v", "1"), ("at", "-1h")]), Err(vec!["at".to_owned()]));
        let all = read(&[("v", "x"), ("vs", "-1"), ("after", "?"), ("field", "")]);
        assert_eq!(all, Err(["v", "vs", "after", "field"].map(str::to_owned).to_vec()));
        let good = read(&[("v", "12"), ("vs", "7")]).expect("is read");
        assert_eq!(good.of_version(), [("v", "12".to_owned()), ("vs", "7".to_owned())]);
    }
}
