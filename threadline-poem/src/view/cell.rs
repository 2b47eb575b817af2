//! How a value is shown: each kind of absence looks different, and none looks like a value.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::Value;
use threadline::{Redaction, Surrogate};

use super::icon::{Icon, icon};
use super::json_tree::json_tree;
use super::text::{folded, grouped};
use super::time::moment;

/// A value, or what there is in place of one.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// The database's null.
    Null,
    /// A text without characters.
    Empty,
    Text(String),
    /// A number, as it was read: without zeros at the end of its fraction.
    Number(String),
    Bool(bool),
    /// An object or an array.
    Json(Value),
    /// Bytes: how many, and the first of them in hexadecimal digits.
    Binary {
        bytes: u64,
        start: String,
    },
    Moment(DateTime<Utc>),
    /// The trail has a placeholder: what the value was is not known to anybody.
    Masked,
    /// The trail has a keyed hash: equal values have equal ones.
    Hashed(String),
    /// The trail never has the column.
    Excluded,
    /// The value was too large: the trail has its size and digest.
    Truncated {
        bytes: u64,
        sha256: String,
    },
    /// The column changed, but its old value was not stored.
    Unknown,
    /// There is no such column in the row, or no row.
    Absent,
    /// There is something, which this viewer may not see.
    Hidden,
}

/// What is known of a column besides its value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Facts<'a> {
    /// What the trail keeps in place of its values.
    pub(crate) redaction: Option<&'a Redaction>,
    /// What its text stands for.
    pub(crate) form: Form,
    /// Whether the viewer may not see values.
    pub(crate) is_hidden: bool,
    /// Whether it is of the table's key.
    pub(crate) is_key: bool,
}

/// What the text of a value stands for: the trail has both of these as text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Form {
    /// Itself.
    #[default]
    Plain,
    /// A `timestamptz`.
    Moment,
    /// A `bytea`, in hexadecimal digits after `\x`.
    Binary,
}

impl Cell {
    /// How a stored value is shown; `None` where the row has no such column.
    pub(crate) fn of(value: Option<&Value>, facts: &Facts<'_>) -> Self {
        if matches!(facts.redaction, Some(Redaction::Exclude)) {
            return Self::Excluded;
        }
        let Some(value) = value else { return Self::Absent };
        if facts.is_hidden {
            return Self::Hidden;
        }
        let placeholder = facts.redaction.and_then(Redaction::placeholder);
        if placeholder.is_some_and(|text| value.as_str() == Some(text.as_str())) {
            return Self::Masked;
        }
        match Surrogate::of(value) {
            Some(Surrogate::Hash(hash)) => Self::Hashed(hash),
            Some(Surrogate::Truncated { bytes, sha256 }) => Self::Truncated { bytes, sha256 },
            _ => Self::plain(value, facts.form),
        }
    }

    fn plain(value: &Value, form: Form) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(value.to_string()),
            Value::String(text) if text.is_empty() => Self::Empty,
            Value::String(text) => Self::text(text, form),
            Value::Array(_) | Value::Object(_) => Self::Json(value.clone()),
        }
    }

    fn text(text: &str, form: Form) -> Self {
        let told = match form {
            Form::Plain => None,
            Form::Moment => {
                DateTime::parse_from_rfc3339(text).ok().map(|at| Self::Moment(at.to_utc()))
            }
            Form::Binary => text.strip_prefix("\\x").map(|digits| Self::Binary {
                bytes: digits.len() as u64 / 2,
                start: digits.chars().take(16).collect(),
            }),
        };
        told.unwrap_or_else(|| Self::Text(text.to_owned()))
    }
}

/// Shows it. What is no value is a token with words, never a colour alone.
pub(crate) fn cell(cell: &Cell) -> Markup {
    match cell {
        Cell::Null => token("null", "No value", html! { "null" }),
        Cell::Empty => token("empty", "A text without characters", html! { "empty text" }),
        Cell::Text(text) => html! { div.v.text-v { (folded(text)) } },
        Cell::Number(digits) => html! { span.v.num { (folded(digits)) } },
        Cell::Bool(value) => html! { span.v.bool { (value) } },
        Cell::Json(value) => html! { div.v.json { (json_tree(value)) } },
        Cell::Binary { bytes, start } => binary(*bytes, start),
        Cell::Moment(at) => html! { span.v { (moment(*at)) } },
        Cell::Hashed(hash) => hashed(hash),
        Cell::Truncated { bytes, sha256 } => truncated(*bytes, sha256),
        Cell::Masked => {
            let why = "The policy masks this column: the trail does not have the value";
            token("masked", why, html! { (icon(Icon::Lock)) "masked" })
        }
        Cell::Excluded => {
            let why = "The policy excludes this column: the trail does not have it";
            token("excluded", why, html! { (icon(Icon::Cross)) "not recorded" })
        }
        Cell::Unknown => {
            let why = "The column changed, but its old value was not stored";
            token("unknown", why, html! { (icon(Icon::Unknown)) "changed, value not stored" })
        }
        Cell::Absent => {
            token("absent", "There was no such column or row", html! { "no such column here" })
        }
        Cell::Hidden => {
            let why = "You may not see values";
            token("hidden", why, html! { (icon(Icon::Eye)) "hidden from you" })
        }
    }
}

fn token(class: &str, why: &str, words: Markup) -> Markup {
    html! { span class={ "token " (class) } title=(why) { (words) } }
}

fn binary(bytes: u64, start: &str) -> Markup {
    html! {
        span.v.bytes {
            (grouped(bytes)) @if bytes == 1 { " byte" } @else { " bytes" }
            " " code { (folded(start)) @if bytes > 8 { "…" } }
        }
    }
}

fn hashed(hash: &str) -> Markup {
    let short: String = hash.trim_start_matches("hmac:").chars().take(12).collect();
    let why = "The trail has a keyed hash in place of the value: equal values have equal hashes";
    token("hashed", why, html! { (icon(Icon::Key)) "hash " code { (folded(&short)) } })
}

fn truncated(bytes: u64, sha256: &str) -> Markup {
    let short: String = sha256.chars().take(12).collect();
    let why = "The value was too large to store: the trail has its size and its SHA-256";
    let words = html! {
        (icon(Icon::Display)) "too large: " (grouped(bytes)) " bytes, SHA-256 " code { (folded(&short)) }
    };
    token("truncated", why, words)
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use threadline::Placeholder;

    use super::*;

    #[test]
    fn a_value_is_told_from_what_stands_in_place_of_one() {
        let of = |value: Value| Cell::of(Some(&value), &Facts::default());
        assert_eq!(of(json!(null)), Cell::Null);
        assert_eq!(of(json!("")), Cell::Empty);
        assert_eq!(of(json!("[REDACTED]")), Cell::Text("[REDACTED]".to_owned()));
        assert_eq!(of(json!(18_446_744_073_709_551_615_u64)), Cell::Number(u64::MAX.to_string()));
        let hash = format!("hmac:{}", "0".repeat(64));
        assert_eq!(of(json!(hash)), Cell::Hashed(hash.clone()));
        let told = json!({"$truncated": {"bytes": 7, "sha256": "ab"}});
        assert_eq!(of(told), Cell::Truncated { bytes: 7, sha256: "ab".to_owned() });
        assert_eq!(Cell::of(None, &Facts::default()), Cell::Absent);
    }

    #[test]
    fn a_placeholder_is_no_value_where_the_policy_says_so() {
        let mask = Redaction::Mask { placeholder: Placeholder::default() };
        let facts = Facts { redaction: Some(&mask), ..Facts::default() };
        assert_eq!(Cell::of(Some(&json!("[REDACTED]")), &facts), Cell::Masked);
        let facts = Facts { redaction: Some(&Redaction::Exclude), ..Facts::default() };
        assert_eq!(Cell::of(None, &facts), Cell::Excluded);
    }

    #[test]
    fn a_viewer_without_the_right_sees_that_there_is_something() {
        let facts = Facts { is_hidden: true, ..Facts::default() };
        for value in [json!(null), json!("secret"), json!({"a": "secret"})] {
            let told = Cell::of(Some(&value), &facts);
            assert_eq!(told, Cell::Hidden);
            assert!(!cell(&told).into_string().contains("secret"));
        }
    }

    #[test]
    fn moments_and_bytes_are_read_where_the_column_has_them() {
        let facts = Facts { form: Form::Binary, ..Facts::default() };
        let bytes = Cell::of(Some(&json!("\\x00ff")), &facts);
        assert_eq!(bytes, Cell::Binary { bytes: 2, start: "00ff".to_owned() });
        let facts = Facts { form: Form::Moment, ..Facts::default() };
        let at = Cell::of(Some(&json!("2026-11-21T05:28:11.482913+00:00")), &facts);
        assert!(cell(&at).into_string().contains("2026-11-21 05:28:11.482913 UTC"));
        let infinity = Cell::of(Some(&json!("infinity")), &facts);
        assert_eq!(infinity, Cell::Text("infinity".to_owned()));
    }

    #[test]
    fn a_column_that_is_not_there_is_no_value_that_is_still_to_come() {
        let told = cell(&Cell::Absent).into_string();
        assert!(told.contains(">no such column here</span>"), "{told}");
    }

    #[test]
    fn no_two_kinds_of_absence_look_the_same() {
        let kinds = [
            Cell::Null,
            Cell::Empty,
            Cell::Masked,
            Cell::Hashed("hmac:00".to_owned()),
            Cell::Excluded,
            Cell::Truncated { bytes: 1, sha256: "00".to_owned() },
            Cell::Unknown,
            Cell::Absent,
            Cell::Hidden,
        ];
        let words = |kind: &Cell| {
            let page = scraper::Html::parse_fragment(&cell(kind).into_string());
            page.root_element().text().collect::<String>()
        };
        let mut told: Vec<String> = kinds.iter().map(words).collect();
        assert!(told.iter().all(|words| words.len() > 3), "{told:?}");
        told.sort();
        told.dedup();
        assert_eq!(told.len(), kinds.len(), "{told:?}");
    }
}
