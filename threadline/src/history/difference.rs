use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use sea_orm::{EntityTrait, IdenStatic};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::model::FieldChange;
use crate::query::member;

/// In which columns two versions of a row differ: [`Version::diff`](super::Version::diff) makes it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Difference<E> {
    /// The columns, sorted by name. A side on which the row or the column was not there has no value;
    /// `before_is` and `after_is` tell hashes and sizes from values.
    pub fields: Vec<FieldChange>,
    entity: PhantomData<fn() -> E>,
}

impl<E: EntityTrait> Difference<E> {
    /// Of two images, as their texts.
    pub(super) fn between(before: Option<&str>, after: Option<&str>) -> Self {
        Self { fields: fields(before, after), entity: PhantomData }
    }

    /// How this column differs; `None` if it does not.
    pub fn of(&self, column: E::Column) -> Option<&FieldChange> {
        self.fields.iter().find(|field| field.name == column.as_str())
    }

    /// Whether the two say the same.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }
}

/// The columns in which two images differ, as their texts, sorted by name.
pub(super) fn fields(before: Option<&str>, after: Option<&str>) -> Vec<FieldChange> {
    let (before, after) = (members(before), members(after));
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differs = |name: &&String| match (before.get(*name), after.get(*name)) {
        (Some(before), Some(after)) => !says_the_same(before.get(), after.get()),
        _ => true,
    };
    let value = |raw: &RawValue| -> Value { member(raw.get()) };
    let fields = names.into_iter().filter(differs).map(|name| {
        let side = |of: &BTreeMap<String, Box<RawValue>>| of.get(name).map(|raw| value(raw));
        FieldChange::between(name, side(&before), side(&after))
    });
    fields.collect()
}

fn members(image: Option<&str>) -> BTreeMap<String, Box<RawValue>> {
    image.and_then(|image| serde_json::from_str(image).ok()).unwrap_or_default()
}

/// Whether two values that PostgreSQL has told as JSON are equal, as it would say: its objects are sorted
/// and its numbers are written out, so that only zeros at the end of a fraction may be too many.
fn says_the_same(one: &str, other: &str) -> bool {
    one == other || without_idle_zeros(one) == without_idle_zeros(other)
}

fn without_idle_zeros(json: &str) -> String {
    let (mut tidy, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, from) = rest.split_at(start);
        tidy += before;
        let (token, after) = from.split_at(if from.starts_with('"') {
            end_of_string(from)
        } else {
            from.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(from.len())
        });
        let is_fraction =
            !token.starts_with('"') && token.contains('.') && !token.contains(['e', 'E']);
        tidy += match is_fraction {
            true => token.trim_end_matches('0').trim_end_matches('.'),
            false => token,
        };
        rest = after;
    }
    tidy + rest
}

/// Where the string that begins the text ends, behind its closing quote.
fn end_of_string(text: &str) -> usize {
    let mut is_escaped = true;
    for (place, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !is_escaped => return place + 1,
            b'\\' if !is_escaped => is_escaped = true,
            _ => is_escaped = false,
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers_and_texts_as_texts() {
        for (one, other) in [
            ("1.0", "1.00"),
            ("1", "1.000"),
            ("-0.50", "-0.5"),
            (r#"{"a": [1.10, "1.10"]}"#, r#"{"a": [1.1, "1.10"]}"#),
            (r#""\"1.0\\""#, r#""\"1.0\\""#),
        ] {
            assert!(says_the_same(one, other), "{one} {other}");
        }
        for (one, other) in [
            ("10", "1"),
            ("100.0", "10.0"),
            ("12345678901234567890.1", "12345678901234567890.2"),
            (r#""1.0""#, r#""1.00""#),
            (r#"{"1.0": 1}"#, r#"{"1.00": 1}"#),
            (r#"["\\", "1.0"]"#, r#"["\\", "1.00"]"#),
            (r#"["\"", 1.5, "1.0"]"#, r#"["\"", 1.5, "1.00"]"#),
            ("null", "0"),
        ] {
            assert!(!says_the_same(one, other), "{one} {other}");
        }
    }
}
