//! Fills the holes of a template.
//!
//! A hole is `/*:name:*/example/*:*/`: the file stays valid SQL that any tool can read, and the
//! example between the markers is what gets replaced.

use std::collections::BTreeMap;

/// What may go wrong with a template: each is a mistake in this crate, found by its tests.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HoleError {
    #[error("the template has a hole `{0}` that nothing fills")]
    Unfilled(String),
    #[error("nothing in the template is called `{0}`")]
    Unused(String),
    #[error("the hole `{0}` has no end marker")]
    Open(String),
}

/// Replaces every hole of `template` by the value of its name.
pub(crate) fn fill(
    template: &str,
    values: &BTreeMap<&'static str, String>,
) -> Result<String, HoleError> {
    let mut out = String::with_capacity(template.len() * 2);
    let mut unused: Vec<&str> = values.keys().copied().collect();
    let mut rest = template;
    while let Some(start) = rest.find("/*:") {
        let (before, hole) = rest.split_at(start);
        out.push_str(before);
        let hole = &hole[3..];
        let name_end = hole.find(":*/").ok_or_else(|| HoleError::Open(first_line(hole)))?;
        let name = &hole[..name_end];
        let value = values.get(name).ok_or_else(|| HoleError::Unfilled(name.to_owned()))?;
        out.push_str(value);
        unused.retain(|key| *key != name);
        let after = &hole[name_end + 3..];
        let end = after.find("/*:*/").ok_or_else(|| HoleError::Open(name.to_owned()))?;
        rest = &after[end + 5..];
    }
    out.push_str(rest);
    match unused.first() {
        Some(name) => Err(HoleError::Unused((*name).to_owned())),
        None => Ok(out),
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str) -> Result<String, HoleError> {
        fill(template, &BTreeMap::from([("table", "\"b\"".to_owned())]))
    }

    #[test]
    fn replaces_the_example() {
        let sql = filled("SELECT 1 FROM /*:table:*/\"a\"/*:*/ JOIN /*:table:*/x/*:*/;");
        assert_eq!(sql.as_deref(), Ok("SELECT 1 FROM \"b\" JOIN \"b\";"));
    }

    #[test]
    fn an_unknown_an_unused_and_an_open_hole_are_errors() {
        assert_eq!(filled("/*:other:*/x/*:*/"), Err(HoleError::Unfilled("other".to_owned())));
        assert_eq!(filled("SELECT 1"), Err(HoleError::Unused("table".to_owned())));
        assert_eq!(filled("/*:table:*/x"), Err(HoleError::Open("table".to_owned())));
    }

    #[test]
    fn a_value_that_looks_like_a_hole_is_left_alone() {
        let values = BTreeMap::from([("a", "'/*:b:*/'".to_owned())]);
        assert_eq!(fill("/*:a:*/x/*:*/", &values).as_deref(), Ok("'/*:b:*/'"));
    }
}
