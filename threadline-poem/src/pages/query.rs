//! The query of a page's address, of which every key is known and said once.

use std::str::FromStr;

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
        for (place, (key, _)) in pairs.iter().enumerate() {
            if !known.contains(&key.as_str()) {
                return Err(Refusal::Bad(format!(
                    "This page knows no `{key}`. In its address may stand: {}.",
                    known.join(", ")
                )));
            }
            if pairs[..place].iter().any(|(other, _)| other == key) {
                return Err(Refusal::Bad(format!(
                    "The address says `{key}` twice, and one of them would be ignored. Say it once."
                )));
            }
        }
        Ok(Self(pairs))
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
                Refusal::Bad(format!("`{key}` cannot be `{text}`: {}", why.to_string()))
            })
        };
        self.text(key).map(read).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &[(&str, &str)]) -> Result<Query, Refusal> {
        let pairs = pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        Query::of(pairs.collect(), &["after", "v"])
    }

    #[test]
    fn what_is_not_known_or_said_twice_is_refused_by_its_name() {
        let told = query(&[("aftr", "x")]).expect_err("unknown").to_string();
        assert!(told.contains("`aftr`") && told.contains("after, v"), "{told}");
        let told = query(&[("v", "1"), ("v", "1")]).expect_err("twice").to_string();
        assert!(told.contains("`v` twice"), "{told}");
    }

    #[test]
    fn a_value_is_read_or_the_key_is_told() {
        let query = query(&[("v", " 7 "), ("after", "")]).expect("a query");
        assert_eq!(query.value::<i64>("v").expect("a number"), Some(7));
        assert_eq!(query.value::<i64>("after").expect("blank is not given"), None);
        let query = super::tests::query(&[("v", "seven")]).expect("a query");
        let told = query.value::<i64>("v").expect_err("no number").to_string();
        assert!(told.contains("`v` cannot be `seven`"), "{told}");
    }
}
