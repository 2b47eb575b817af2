//! From a filter to its text, which is the same for equal filters.

use std::fmt::{self, Display};

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde::{Serialize, Serializer};

use super::field::column_to;
use super::terms::Terms;
use super::text::{encoded, escaped};
use super::{DEFAULT_LIMIT, Filter};
use crate::{ColumnName, TableName};

/// What cannot stand in a URL's query, or would be read as something else there.
const QUERY: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'&')
    .add(b'+')
    .add(b'<')
    .add(b'>')
    .add(b'\'')
    .add(b'`')
    .add(b'\\')
    .add(b'^')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b'[')
    .add(b']');

impl Filter {
    /// The keys and values, in the one order: what [`Filter::parse_pairs`] reads.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push(&mut pairs, "table", &self.tables, table);
        push(&mut pairs, "row", &self.rows, ToString::to_string);
        push(&mut pairs, "op", &self.operations, ToString::to_string);
        push(&mut pairs, "changed", &self.changed, column);
        push(&mut pairs, "was", &self.was, ToString::to_string);
        push(&mut pairs, "now", &self.now, ToString::to_string);
        push(&mut pairs, "actor", &self.actors, ToString::to_string);
        push(&mut pairs, "kind", &self.kinds, ToString::to_string);
        push(&mut pairs, "action", &self.actions, ToString::to_string);
        push(&mut pairs, "corr", &self.correlations, ToString::to_string);
        let capture_only = self.capture_only.then_some("true");
        one(&mut pairs, "capture_only", capture_only);
        push(&mut pairs, "request", &self.requests, ToString::to_string);
        push(&mut pairs, "transaction", &self.transactions, ToString::to_string);
        push(&mut pairs, "ip", &self.networks, ToString::to_string);
        one(&mut pairs, "from", self.from);
        one(&mut pairs, "to", self.to);
        one(&mut pairs, "sort", self.oldest_first.then_some("old"));
        one(&mut pairs, "limit", (self.limit != DEFAULT_LIMIT).then_some(self.limit));
        one(&mut pairs, "after", self.after.as_ref());
        pairs
    }

    /// The filter as people type it into a search box: what [`Filter::parse_search`] reads.
    pub fn to_search(&self) -> String {
        let words = self.pairs().into_iter().map(|(key, value)| word(key, &value));
        words.collect::<Vec<_>>().join(" ")
    }
}

impl Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (key, value)) in self.pairs().into_iter().enumerate() {
            let separator = if position == 0 { "" } else { "&" };
            write!(f, "{separator}{key}={}", utf8_percent_encode(&value, QUERY))?;
        }
        Ok(())
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

fn push<T>(
    pairs: &mut Vec<(&'static str, String)>,
    key: &'static str,
    terms: &Terms<T>,
    told: impl Fn(&T) -> String,
) {
    for (value, is_unwanted) in terms.all() {
        let text = told(value);
        let text = escaped(&text, text.starts_with('-'));
        pairs.push((key, if is_unwanted { format!("-{text}") } else { text }));
    }
}

fn one(pairs: &mut Vec<(&'static str, String)>, key: &'static str, value: Option<impl Display>) {
    pairs.extend(value.map(|value| (key, value.to_string())));
}

fn table(table: &TableName) -> String {
    format!("{}.{}", encoded(table.schema(), "."), encoded(table.name(), "."))
}

fn column(column: &ColumnName) -> String {
    column_to(column)
}

/// One word of a search: in double quotes if it has blanks or quotes, with `"` and `\` escaped there.
fn word(key: &str, value: &str) -> String {
    let is_plain = !value.contains(|c: char| c.is_whitespace() || c == '"');
    match is_plain {
        true => format!("{key}:{value}"),
        false => format!("{key}:\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    }
}
