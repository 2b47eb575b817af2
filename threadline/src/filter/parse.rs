//! From text to a filter: every key and value is understood, or is an error.

use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use super::field::column_from;
use super::terms::Terms;
use super::text::{decoded, unescaped};
use super::time::Edge;
use super::{
    ActorTerm, FieldIs, Filter, FilterProblem, FilterProblems, MAX_LIMIT, TimeBound, search,
};
use crate::{Error, Operation, TableName};

/// Every key there is, in the order in which a filter is written.
pub(super) const KEYS: [&str; 19] = [
    "table",
    "row",
    "op",
    "changed",
    "was",
    "now",
    "actor",
    "kind",
    "action",
    "corr",
    "capture_only",
    "request",
    "transaction",
    "ip",
    "from",
    "to",
    "sort",
    "limit",
    "after",
];

impl Filter {
    /// The filter of these keys and values, as they come from a URL that was taken apart or from a command
    /// line.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFilter`] with everything that is wrong, key by key.
    pub fn parse_pairs<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
    ) -> Result<Self, Error> {
        let mut reading = Reading::default();
        for (key, value) in pairs {
            match key.as_ref() {
                "q" => search::read(value.as_ref(), &mut reading),
                key => reading.read(key, value.as_ref()),
            }
        }
        reading.finish()
    }

    /// The filter that somebody typed into a search box: `table:orders op:update -action:login`. A value
    /// with blanks stands in double quotes.
    ///
    /// # Errors
    ///
    /// As [`parse_pairs`](Self::parse_pairs).
    pub fn parse_search(text: &str) -> Result<Self, Error> {
        Self::parse_pairs([("q", text)])
    }
}

impl FromStr for Filter {
    type Err = Error;

    /// The filter of a URL's query.
    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse_pairs(form_urlencoded::parse(text.as_bytes()))
    }
}

impl<'de> Deserialize<'de> for Filter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A filter that is being read, and what was wrong so far.
#[derive(Default)]
pub(super) struct Reading {
    filter: Filter,
    seen: Vec<&'static str>,
    pub(super) problems: Vec<FilterProblem>,
}

impl Reading {
    pub(super) fn read(&mut self, key: &str, value: &str) {
        if let Err(why) = self.understand(key, value) {
            self.problems.push(FilterProblem::new(key, value, why));
        }
    }

    fn understand(&mut self, key: &str, value: &str) -> Result<(), String> {
        let known = KEYS.into_iter().find(|known| *known == key);
        let key = known
            .ok_or_else(|| format!("there is no such key; the keys are {}", KEYS.join(", ")))?;
        if value.is_empty() {
            return Err("it has no value; leave the key out to see everything".to_owned());
        }
        let f = &mut self.filter;
        match key {
            "table" => term(&mut f.tables, value, table),
            "row" => term(&mut f.rows, value, |v| v.parse().map_err(told)),
            "op" => term(&mut f.operations, value, operation),
            "changed" => term(&mut f.changed, value, column_from),
            "was" => term(&mut f.was, value, FieldIs::parse),
            "now" => term(&mut f.now, value, FieldIs::parse),
            "actor" => term(&mut f.actors, value, ActorTerm::parse),
            "kind" => term(&mut f.kinds, value, |v| v.trim().parse().map_err(told)),
            "action" => term(&mut f.actions, value, words),
            "corr" => term(&mut f.correlations, value, words),
            "request" => term(&mut f.requests, value, words),
            "transaction" => term(&mut f.transactions, value, number),
            "ip" => term(&mut f.networks, value, |v| v.trim().parse().map_err(told)),
            key => self.understand_single(key, value),
        }
    }

    /// The keys that have one value.
    fn understand_single(&mut self, key: &'static str, value: &str) -> Result<(), String> {
        if self.seen.contains(&key) {
            return Err("it is said twice; one of them would be ignored".to_owned());
        }
        self.seen.push(key);
        let f = &mut self.filter;
        match (key, value) {
            ("from", text) => f.from = Some(TimeBound::parse(text, Edge::From)?),
            ("to", text) => f.to = Some(TimeBound::parse(text, Edge::To)?),
            ("sort", "new") => f.oldest_first = false,
            ("sort", "old") => f.oldest_first = true,
            ("sort", _) => return Err("write `new` or `old`".to_owned()),
            ("capture_only", "true") => f.capture_only = true,
            ("capture_only", "false") => f.capture_only = false,
            ("capture_only", _) => return Err("write `true` or `false`".to_owned()),
            ("limit", text) => {
                let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
                f.limit = limit.ok_or(format!("write a number from 1 to {MAX_LIMIT}"))?;
            }
            (_, cursor) => f.after = Some(cursor.to_owned()),
        }
        Ok(())
    }

    /// What was read, whether a reader would take it or not.
    pub(super) fn unchecked(self) -> Filter {
        self.filter
    }

    pub(super) fn finish(mut self) -> Result<Filter, Error> {
        if self.problems.is_empty() {
            self.problems = self.filter.problems();
        }
        match self.problems.is_empty() {
            true => Ok(self.filter),
            false => Err(Error::InvalidFilter(FilterProblems(self.problems))),
        }
    }
}

/// One value of a key that may have several: with `-` before it, one that must not hold.
fn term<T: std::fmt::Display + PartialEq>(
    terms: &mut Terms<T>,
    value: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<(), String> {
    match value.strip_prefix('-') {
        Some(unwanted) => terms.unwant(parse(unescaped(unwanted).0)?),
        None => terms.want(parse(unescaped(value).0)?),
    }
    Ok(())
}

fn told(error: Error) -> String {
    error.to_string()
}

fn words(text: &str) -> Result<String, String> {
    Ok(text.trim().to_owned())
}

fn number(text: &str) -> Result<i64, String> {
    text.trim().parse().map_err(|_| "write the transaction's number".to_owned())
}

fn operation(word: &str) -> Result<Operation, String> {
    Operation::parse(word.trim())
        .ok_or_else(|| "write `insert`, `update`, `delete`, `truncate` or `baseline`".to_owned())
}

/// A table's name, in which a dot that does not follow the schema is percent-encoded.
fn table(text: &str) -> Result<TableName, String> {
    let plain = |part: &str| decoded(part).ok_or("the name is no text in UTF-8".to_owned());
    match text.split_once('.') {
        Some((schema, name)) if !name.contains('.') => {
            TableName::new(plain(schema)?, plain(name)?).map_err(told)
        }
        Some(_) => Err("write `schema.table`, and `%2E` for a dot in a name".to_owned()),
        None => TableName::new("public", plain(text)?).map_err(told),
    }
}
