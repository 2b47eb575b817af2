//! JSON as it is stored, of which Rust cannot hold all.

use std::collections::BTreeMap;

use sea_orm::{DbErr, QueryResult};
use serde_json::Value;
use serde_json::value::RawValue;

/// Reads a column that was selected as text.
///
/// A number that no float holds, and nesting that is too deep, make the member that has them a string
/// of its JSON: one value of one row must never hide all the others, and whoever can write `1e400` into
/// a `jsonb` column could bring that about.
pub(crate) fn document(
    row: &QueryResult,
    prefix: &str,
    column: &str,
) -> Result<Option<Value>, DbErr> {
    Ok(row.try_get::<Option<String>>(prefix, column)?.map(|text| parse(&text)))
}

fn parse(text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    serde_json::from_str(text).unwrap_or_else(|_| {
        serde_json::from_str::<BTreeMap<String, &RawValue>>(text).map_or_else(
            |_| as_text(),
            |members| members.into_iter().map(|(name, raw)| (name, member(raw.get()))).collect(),
        )
    })
}

/// One member of a document, by its JSON.
pub(crate) fn member(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
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
}
