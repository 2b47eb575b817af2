//! Where in a JSON document a value is masked.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Error;

/// A place in a JSON document: the keys of objects from the outside in, separated by dots.
///
/// `address.street` is the member `street` of the member `address`. A `*` stands for every element of
/// an array: `contacts.*.phone`. A key that is a number, or that holds a dot, a comma, a star or a
/// space at its edge, is written in double quotes, and a quote within them twice: `"2024"."it""s"`.
///
/// ```
/// use threadline::spec::JsonPath;
///
/// assert_eq!(JsonPath::parse("contacts.*.phone")?.to_string(), "contacts.*.phone");
/// assert_eq!(JsonPath::parse("\"a.b\".c")?.to_string(), "\"a.b\".c");
/// assert!(JsonPath::parse("contacts.0.phone").is_err());
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JsonPath(Vec<Step>);

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Step {
    Key(String),
    EveryElement,
}

impl JsonPath {
    /// The path `text`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJsonPath`] with the reason if it is none.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match Self::parse_list(text)?.as_slice() {
            [path] => Ok(path.clone()),
            _ => Err(invalid(text, "it is more than one path")),
        }
    }

    /// The paths of a list that is separated by commas: `address.street, contacts.*.phone`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidJsonPath`] with the reason if one of them is none.
    pub fn parse_list(text: &str) -> Result<Vec<Self>, Error> {
        let (mut paths, mut steps, mut rest) = (Vec::new(), Vec::new(), text);
        loop {
            let (step, after) = step(rest).map_err(|reason| invalid(text, reason))?;
            steps.push(step);
            let mut after = after.chars();
            match after.next() {
                Some('.') => {}
                Some(_) => paths.push(Self(std::mem::take(&mut steps))),
                None => {
                    paths.push(Self(steps));
                    return Ok(paths);
                }
            }
            rest = after.as_str();
        }
    }

    /// The steps as SQL is told them: a key, or `None` for every element of an array.
    pub fn steps(&self) -> impl Iterator<Item = Option<&str>> {
        self.0.iter().map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::EveryElement => None,
        })
    }

    /// Where in `document` the text `text` stands.
    pub(crate) fn all_of(document: &Value, text: &str) -> BTreeSet<Self> {
        let mut found = BTreeSet::new();
        search(document, text, &mut Vec::new(), &mut found);
        found
    }

    /// Whether what is at `other` is within what is at this path, or the same.
    pub fn covers(&self, other: &Self) -> bool {
        other.0.starts_with(&self.0)
    }

    /// Whether no document has both paths: an array at one place, and an object at the same.
    pub fn contradicts(&self, other: &Self) -> bool {
        let first_difference = self.0.iter().zip(&other.0).find(|(one, two)| one != two);
        first_difference
            .is_some_and(|(one, two)| *one == Step::EveryElement || *two == Step::EveryElement)
    }
}

fn search(value: &Value, text: &str, steps: &mut Vec<Step>, found: &mut BTreeSet<JsonPath>) {
    match value {
        Value::String(held) if held == text => {
            found.insert(JsonPath(steps.clone()));
        }
        Value::Array(elements) => {
            steps.push(Step::EveryElement);
            elements.iter().for_each(|element| search(element, text, steps, found));
            steps.pop();
        }
        Value::Object(members) => {
            for (key, member) in members {
                steps.push(Step::Key(key.clone()));
                search(member, text, steps, found);
                steps.pop();
            }
        }
        _ => {}
    }
}

/// The first step of `text`, and what follows it: nothing, a dot or a comma.
fn step(text: &str) -> Result<(Step, &str), &'static str> {
    let text = text.trim_start();
    if let Some(quoted) = text.strip_prefix('"') {
        let (key, after) = quoted_key(quoted)?;
        return Ok((Step::Key(key), at_separator(after)?));
    }
    let end = text.find(['.', ',']).unwrap_or(text.len());
    let (word, after) = (text[..end].trim_end(), &text[end..]);
    match word {
        "" => Err("a step is empty"),
        "*" => Ok((Step::EveryElement, after)),
        _ if word.contains(['*', '"']) => {
            Err("write a key with a star or a quote in double quotes")
        }
        _ if word.contains('\0') => Err("no key has a NUL character"),
        _ if word.bytes().all(|byte| byte.is_ascii_digit()) => Err(
            "a number is no step: write `*` for every element of an array, or the number in double \
             quotes if it is a key",
        ),
        _ => Ok((Step::Key(word.to_owned()), after)),
    }
}

/// The key up to its closing quote, and what follows that.
fn quoted_key(text: &str) -> Result<(String, &str), &'static str> {
    let (mut key, mut rest) = (String::new(), text);
    loop {
        let (part, after) = rest.split_once('"').ok_or("a double quote is not closed")?;
        key.push_str(part);
        match after.strip_prefix('"') {
            Some(after) => {
                key.push('"');
                rest = after;
            }
            None if key.contains('\0') => return Err("no key has a NUL character"),
            None => return Ok((key, after)),
        }
    }
}

fn at_separator(text: &str) -> Result<&str, &'static str> {
    let text = text.trim_start();
    let separated = text.is_empty() || text.starts_with(['.', ',']);
    if separated { Ok(text) } else { Err("after a key in quotes, a dot or a comma is expected") }
}

fn invalid(path: &str, reason: &'static str) -> Error {
    Error::InvalidJsonPath { path: path.to_owned(), reason }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Key(key) = self else { return f.write_str("*") };
        // Whatever reads as another thing than this key needs quotes.
        let bare = matches!(step(key), Ok((Self::Key(same), "")) if same == *key);
        if bare { f.write_str(key) } else { write!(f, "\"{}\"", key.replace('"', "\"\"")) }
    }
}

impl fmt::Display for JsonPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            let dot = if position == 0 { "" } else { "." };
            write!(f, "{dot}{step}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for JsonPath {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::parse(&text)
    }
}

impl From<JsonPath> for String {
    fn from(path: JsonPath) -> Self {
        path.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> JsonPath {
        JsonPath::parse(text).unwrap()
    }

    fn steps(text: &str) -> Vec<Option<String>> {
        path(text).steps().map(|step| step.map(str::to_owned)).collect()
    }

    #[test]
    fn keys_stars_and_quotes_are_told_apart() {
        let key = |text: &str| Some(text.to_owned());
        assert_eq!(steps("a.b c.*"), [key("a"), key("b c"), None]);
        assert_eq!(
            steps(" \"a.b\" . \"*\".\"0\".\"it\"\"s\".\"\" "),
            [key("a.b"), key("*"), key("0"), key("it\"s"), key("")]
        );
        let list: Vec<_> = JsonPath::parse_list("a.b, \"x,y\" ,c.*.d")
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(list, ["a.b", "\"x,y\"", "c.*.d"]);
    }

    #[test]
    fn what_it_tells_is_what_it_reads() {
        for text in ["a", "a.*.b", "\"a.b\".\"*\"", "\"0\".\"it\"\"s\"", "\"\"", "\" a\".b"] {
            assert_eq!(path(text).to_string(), text);
        }
    }

    #[test]
    fn what_may_mean_another_thing_is_no_path() {
        for text in ["", ".", "a.", ".a", "a..b", "a,", "a.0", "a*", "a\"b", "\"a", "\"a\"b", "a\0"]
        {
            assert!(JsonPath::parse_list(text).is_err(), "{text:?}");
        }
        assert!(JsonPath::parse("a, b").is_err());
    }

    #[test]
    fn covering_and_contradicting() {
        assert!(path("a").covers(&path("a.b")) && path("a.*").covers(&path("a.*.b")));
        assert!(!path("a.b").covers(&path("a")) && !path("a").covers(&path("ab")));
        assert!(path("a.*").contradicts(&path("a.b")) && path("a.b.c").contradicts(&path("a.*.c")));
        assert!(!path("a.b").contradicts(&path("a.c")) && !path("a").contradicts(&path("a.*")));
    }
}
