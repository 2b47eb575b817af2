//! What an id may look like. Readers use the same bound: a longer id is never stored, so never found.

use serde_json::Value;

/// No id of a context or an actor is longer than this.
pub const MAX_ID_BYTES: usize = 256;

/// The text without the blanks around it, if it can be an id of a context or an actor: 1 to 256
/// bytes without control characters.
///
/// For adapters that take ids from outside and would rather drop a bad one than refuse the request.
///
/// ```
/// use threadline::context::valid_id;
///
/// assert_eq!(valid_id(" import-7 "), Some("import-7"));
/// assert_eq!(valid_id("two\nlines"), None);
/// assert_eq!(valid_id(""), None);
/// ```
pub fn valid_id(text: &str) -> Option<&str> {
    let id = text.trim();
    id_problem(id).is_none().then_some(id)
}

/// What is wrong with an id, as the end of a sentence that begins with its name.
pub(crate) fn id_problem(id: &str) -> Option<String> {
    if id.trim().is_empty() {
        return Some("is blank; leave it out if it is not known".to_owned());
    }
    if id.len() > MAX_ID_BYTES {
        return Some(format!("has {} bytes; at most {MAX_ID_BYTES} are allowed", id.len()));
    }
    if id.chars().any(char::is_control) {
        return Some("contains a control character".to_owned());
    }
    None
}

/// Whether a JSON document contains the one character that PostgreSQL cannot store in it.
pub(crate) fn contains_nul(document: &Value) -> bool {
    match document {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(contains_nul),
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.contains('\0') || contains_nul(value))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}
