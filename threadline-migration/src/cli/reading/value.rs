//! Stored values as people read them on a terminal.

use std::fmt::Write;

use serde_json::{Map, Value};

/// No more characters of one value are shown, unless everything is asked for.
const LONGEST: usize = 200;

/// A value on one line. A text stands without quotes if it can be told from every other value; nothing in
/// it can move the cursor, colour the terminal or turn the direction of writing.
pub(super) fn told(value: &Value, full: bool) -> String {
    let text = match value {
        Value::String(text) if is_plain(text) => text.clone(),
        value => harmless(&value.to_string()),
    };
    if full { text } else { cut(&text) }
}

/// Whether a text is told from null, numbers and documents without quotes, and has nothing to hide.
fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && text.trim() == text
        && !text.starts_with('"')
        && text.chars().all(is_shown)
        && serde_json::from_str::<Value>(text).is_err()
}

/// Whether a character shows as itself and changes nothing around it.
fn is_shown(c: char) -> bool {
    let turns_direction =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !c.is_control() && !turns_direction && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The text with everything escaped that a terminal would act on.
pub(crate) fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_shown(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        }
    }
    out
}

fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let head: String = text.chars().take(LONGEST).collect();
    format!("{head}… ({length} characters)")
}

/// The key of a row: `42`, or `line_no=3;order_id=7`.
pub(super) fn key(columns: &Map<String, Value>) -> String {
    match columns.values().next() {
        Some(value) if columns.len() == 1 => told(value, true),
        _ => {
            let pairs = columns.iter();
            let pairs = pairs.map(|(name, v)| format!("{}={}", harmless(name), told(v, true)));
            pairs.collect::<Vec<_>>().join(";")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_told_from_every_other_value() {
        for (value, text) in [
            (json!("paid"), "paid"),
            (json!("a b"), "a b"),
            (json!(""), "\"\""),
            (json!("null"), "\"null\""),
            (json!(null), "null"),
            (json!("12"), "\"12\""),
            (json!(12), "12"),
            (json!(" a"), "\" a\""),
            (json!("a\nb"), r#""a\nb""#),
            (json!({"a": [1]}), r#"{"a":[1]}"#),
        ] {
            assert_eq!(told(&value, false), text);
        }
    }

    #[test]
    fn nothing_that_is_stored_acts_on_the_terminal() {
        for text in ["\u{1b}[31mred", "\u{9b}2J", "a\u{202e}b", "\r\nfake line", "\u{2028}"] {
            for shown in [told(&json!(text), true), told(&json!({ text: text }), true)] {
                assert!(shown.chars().all(is_shown), "{shown:?}");
            }
            let key = key(json!({"k": text, text: 1}).as_object().expect("an object"));
            assert!(key.chars().all(is_shown), "{key:?}");
        }
    }

    #[test]
    fn a_long_value_is_cut_and_says_so() {
        let long = json!("ü".repeat(1000));
        assert!(told(&long, false).ends_with("… (1000 characters)"));
        assert_eq!(told(&long, true).chars().count(), 1000);
    }
}
