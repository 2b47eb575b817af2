//! The only ways for a name or a value to become part of SQL text.

use std::fmt;

use threadline::{ColumnName, TableName};

/// A quoted identifier: `"it""s"`.
pub(crate) struct Ident<'a>(pub(crate) &'a str);

impl fmt::Display for Ident<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

/// A quoted literal: `'it''s'`, and `E'a\\b'` where there is a backslash, because what a bare one
/// means depends on the session (`standard_conforming_strings`).
pub(crate) struct Literal<'a>(pub(crate) &'a str);

impl fmt::Display for Literal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = self.0.replace('\'', "''");
        if quoted.contains('\\') {
            write!(f, "E'{}'", quoted.replace('\\', "\\\\"))
        } else {
            write!(f, "'{quoted}'")
        }
    }
}

/// A table with its schema: `"billing"."invoices"`.
pub(crate) fn qualified(table: &TableName) -> String {
    format!("{}.{}", Ident(table.schema()), Ident(table.name()))
}

/// `ARRAY['a','b']::text[]`.
pub(crate) fn text_array<'a>(items: impl IntoIterator<Item = &'a str>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| Literal(item).to_string()).collect();
    format!("ARRAY[{}]::text[]", items.join(", "))
}

/// `ARRAY['id','tenant']::text[]` of column names.
pub(crate) fn name_array<'a>(names: impl IntoIterator<Item = &'a ColumnName>) -> String {
    text_array(names.into_iter().map(ColumnName::as_str))
}

/// A dollar quote around `body` whose tag does not occur in it.
pub(crate) fn dollar_tag(body: &str, wish: &str) -> String {
    let mut tag = format!("${wish}$");
    let mut attempt = 0;
    while body.contains(&tag) {
        attempt += 1;
        tag = format!("${wish}{attempt}$");
    }
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hostile_names_and_values() {
        assert_eq!(Ident("it\"s").to_string(), "\"it\"\"s\"");
        assert_eq!(Literal("it's").to_string(), "'it''s'");
        assert_eq!(Literal("a\\'b").to_string(), "E'a\\\\''b'");
        assert_eq!(text_array(["a", "b'"]), "ARRAY['a', 'b''']::text[]");
        assert_eq!(text_array([]), "ARRAY[]::text[]");
    }

    #[test]
    fn the_dollar_tag_never_occurs_in_the_body() {
        assert_eq!(dollar_tag("x", "capture"), "$capture$");
        assert_eq!(dollar_tag("x $capture$ $capture1$", "capture"), "$capture2$");
    }
}
