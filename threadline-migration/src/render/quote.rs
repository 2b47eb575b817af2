//! Lists and pairs of names and values as SQL text.

use threadline::spec::quote::{Ident, Literal};
use threadline::{ColumnName, TableName};

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
    fn a_list_is_an_array_of_literals() {
        assert_eq!(text_array(["a", "b'"]), "ARRAY['a', 'b''']::text[]");
        assert_eq!(text_array([]), "ARRAY[]::text[]");
    }

    #[test]
    fn the_dollar_tag_never_occurs_in_the_body() {
        assert_eq!(dollar_tag("x", "capture"), "$capture$");
        assert_eq!(dollar_tag("x $capture$ $capture1$", "capture"), "$capture2$");
    }
}
