//! JSON as it is stored, of which Rust cannot hold all.

use std::collections::BTreeMap;

use sea_orm::{DbErr, QueryResult};
use serde_json::value::RawValue;
use serde_json::{Number, Value};

/// Reads a column that was selected as text.
///
/// A number that no float holds exactly, and nesting that is too deep, make the member that has them a
/// string of its JSON: one value of one row must never hide all the others, and whoever can write `1e400`
/// into a `jsonb` column could bring that about; and a number with digits missing would be a false one.
pub(crate) fn document(
    row: &QueryResult,
    prefix: &str,
    column: &str,
) -> Result<Option<Value>, DbErr> {
    Ok(row.try_get::<Option<String>>(prefix, column)?.map(|text| parse(&text)))
}

fn parse(text: &str) -> Value {
    match serde_json::from_str(text) {
        // Rarely is there a number that could have lost a digit.
        Ok(value) if !has_long_number(text) => value,
        Ok(_) => exact(text),
        Err(_) => members(text).unwrap_or_else(|| Value::String(text.to_owned())),
    }
}

/// Whether there are so many digits in a row, in a number or not, that a float may not hold them.
fn has_long_number(text: &str) -> bool {
    const EXACT: u32 = 15;
    let mut digits = 0;
    text.bytes().any(|byte| {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' => {}
            _ => digits = 0,
        }
        digits > EXACT
    })
}

/// The document, in which a number that is not held exactly is a string.
fn exact(text: &str) -> Value {
    let text = text.trim();
    match text.as_bytes().first() {
        Some(b'{') => members(text),
        Some(b'[') => serde_json::from_str::<Vec<&RawValue>>(text)
            .ok()
            .map(|values| values.into_iter().map(|raw| exact(raw.get())).collect()),
        Some(b'-' | b'0'..=b'9') => serde_json::from_str::<Number>(text)
            .ok()
            .filter(|number| same_number(&number.to_string(), text))
            .map(Value::Number),
        _ => serde_json::from_str(text).ok(),
    }
    .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn members(text: &str) -> Option<Value> {
    let members = serde_json::from_str::<BTreeMap<String, &RawValue>>(text).ok()?;
    Some(members.into_iter().map(|(name, raw)| (name, member(raw.get()))).collect())
}

/// A member; one that is nested too deep is a string.
pub(crate) fn member(text: &str) -> Value {
    match serde_json::from_str::<Value>(text) {
        Ok(value) if !has_long_number(text) => value,
        Ok(_) => exact(text),
        Err(_) => Value::String(text.to_owned()),
    }
}

/// Whether two texts are the same number, whatever zeros they have at the end.
fn same_number(one: &str, other: &str) -> bool {
    match (digits(one), digits(other)) {
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
}

/// Sign, significant digits and the power of ten of the last of them.
fn digits(text: &str) -> Option<(bool, String, i64)> {
    let (text, is_negative) = match text.strip_prefix('-') {
        Some(rest) => (rest, true),
        None => (text, false),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let significant = all.trim_end_matches('0');
    let zeros = i64::try_from(all.len() - significant.len()).ok()?;
    let fraction = i64::try_from(fraction.len()).ok()?;
    let exponent = exponent.parse::<i64>().ok()? - fraction + zeros;
    let significant = significant.trim_start_matches('0');
    match significant.is_empty() {
        true => Some((false, String::new(), 0)),
        false => Some((is_negative, significant.to_owned(), exponent)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn a_member_that_rust_cannot_hold_becomes_text_and_the_others_stay() {
        let huge = "9".repeat(400);
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        let read = parse(&format!(r#"{{"é\"": [1, {{"k": null}}], "n": {huge}, "d": {deep}}}"#));
        assert_eq!(read, json!({"é\"": [1, {"k": null}], "n": huge, "d": deep}));
        assert_eq!(parse(&huge), json!(huge), "a document that is nothing else");
        assert_eq!(parse("[1, 2]"), json!([1, 2]));
    }

    #[test]
    fn a_number_keeps_its_digits_or_is_the_text_of_them() {
        for (text, read) in [
            ("12345678901234567890.12", json!("12345678901234567890.12")),
            ("1.000000000000000000000000001", json!("1.000000000000000000000000001")),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("-9223372036854775808", json!(i64::MIN)),
            ("18446744073709551617", json!("18446744073709551617")),
            ("0.30000000000000004", json!(0.1 + 0.2)),
            ("100.00", json!(100.0)),
            ("100.0000000000000000000", json!(100.0)),
            ("10000000000000000000000", json!(1e22)),
            ("0.0000000000000000000", json!(0.0)),
            (r#""12345678901234567890.12""#, json!("12345678901234567890.12")),
        ] {
            assert_eq!(parse(text), read, "{text}");
            let nested = parse(&format!(r#"{{"a": [{{"b": {text}}}], "n": 1}}"#));
            assert_eq!(nested, json!({"a": [{"b": read}], "n": 1}), "{text}");
        }
    }
}
