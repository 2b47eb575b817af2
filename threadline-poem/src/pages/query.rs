//! The query of a page's address, of which every key is known and said once.

use std::str::FromStr;

use super::answer::BadField;
use super::{Refusal, Visit};

/// What a page was asked with beside its path.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The query of a visit.
    ///
    /// # Errors
    ///
    /// A refusal that names the key, if one is not among `known` or is said twice: left out, it would
    /// make the page show something else than was asked for.
    pub(super) fn read(visit: &Visit, known: &[&str]) -> Result<Self, Refusal> {
        Self::of(visit.pairs(), known)
    }

    fn of(pairs: Vec<(String, String)>, known: &[&str]) -> Result<Self, Refusal> {
        let mut bad = Vec::new();
        for (place, (key, value)) in pairs.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                bad.push(BadField::new(key, value, unknown(known)));
            } else if pairs[..place].iter().any(|(other, _)| other == key) {
                let why =
                    "the address says it twice, and one of them would be ignored; say it once";
                bad.push(BadField::new(key, value, why));
            }
        }
        if bad.is_empty() { Ok(Self(pairs)) } else { Err(Refusal::Fields(bad)) }
    }

    /// The text of a key. A field that was left blank in a form is one that was not given.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        let given = self.0.iter().find(|(name, _)| name == key);
        given.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
    }

    /// The value of a key.
    ///
    /// # Errors
    ///
    /// A refusal that names the key and says what is wrong with its value.
    pub(super) fn value<T: FromStr<Err: ToString>>(&self, key: &str) -> Result<Option<T>, Refusal> {
        let read = |text: &str| {
            text.parse().map_err(|why: T::Err| {
                Refusal::Fields(vec![BadField::new(key, text, why.to_string())])
            })
        };
        self.text(key).map(read).transpose()
    }
}

fn unknown(known: &[&str]) -> String {
    match known {
        [] => "this page is asked with nothing".to_owned(),
        known => format!("this page does not know it; it knows {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Result<Query, Refusal> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Query::of(pairs.collect(), &["after", "v"])
    }

    fn bad(refusal: &Refusal) -> Vec<(&str, &str)> {
        match refusal {
            Refusal::Fields(fields) => {
                fields.iter().map(|field| (field.key.as_str(), field.why.as_str())).collect()
            }
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_not_known_or_said_twice_is_refused_by_its_name() {
        let refusal = query(&[("aftr", "x"), ("v", "1"), ("v", "1")]).expect_err("three mistakes");
        let told = bad(&refusal);
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].0 == "aftr" && told[0].1.contains("after, v"), "{told:?}");
        assert!(told[1].0 == "v" && told[1].1.contains("twice"), "{told:?}");
    }

    #[test]
    fn a_value_is_read_or_the_key_is_told() {
        let read = query(&[("v", " 7 "), ("after", "")]).expect("a query");
        assert_eq!(read.value::<i64>("v").expect("a number"), Some(7));
        assert_eq!(read.value::<i64>("after").expect("blank is not given"), None);
        let read = query(&[("v", "seven")]).expect("a query");
        let refusal = read.value::<i64>("v").expect_err("no number");
        assert_eq!(bad(&refusal)[0].0, "v");
    }
}
