//! Names of tables and columns as a person types them: `posts`, `billing.invoices.total`,
//! `"odd.schema"."a table"`.

use threadline::spec::Placeholder;
use threadline::{ColumnName, TableName};

/// The schema of a table that names none.
const DEFAULT_SCHEMA: &str = "public";

/// What stands before an error of a name, so that every one of them tells the grammar.
const QUOTING: &str = "a name with a dot, a comma or a quote in it is written in double quotes, \
                       within which a quote is doubled";

/// The tables of one flag, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tables(pub(crate) Vec<TableName>);

/// The columns of one flag, separated by commas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Columns(pub(crate) Vec<ColumnPath>);

/// The columns of one flag, each with what is stored instead of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Masks(pub(crate) Vec<(ColumnPath, Placeholder)>);

/// The declared key of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) table: TableName,
    pub(crate) columns: Vec<ColumnName>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnPath {
    pub(crate) table: TableName,
    pub(crate) column: ColumnName,
}

/// `posts,billing.invoices`.
pub(crate) fn tables(text: &str) -> Result<Tables, String> {
    split(text, ',')?.into_iter().map(table).collect::<Result<_, _>>().map(Tables)
}

/// `users.password,billing.invoices.iban`.
pub(crate) fn columns(text: &str) -> Result<Columns, String> {
    split(text, ',')?.into_iter().map(column).collect::<Result<_, _>>().map(Columns)
}

/// `users.email,users.phone=***`: columns, each with the text that is stored instead.
///
/// A comma always begins the next column, unless the text is quoted. Were it part of the text, a
/// forgotten flag would leave a column unmasked without a word.
pub(crate) fn masks(text: &str) -> Result<Masks, String> {
    split(text, ',')?.into_iter().map(mask).collect::<Result<_, _>>().map(Masks)
}

/// `readings=sensor,taken_at`, with or without brackets around the columns.
pub(crate) fn key(text: &str) -> Result<Key, String> {
    let (name, Some(columns)) = split_first(text, '=')? else {
        return Err("write it as TABLE=COLUMN,COLUMN".to_owned());
    };
    let columns = columns.trim();
    let columns = columns.strip_prefix('(').map_or(Ok(columns), |inner| {
        inner.strip_suffix(')').ok_or_else(|| "its bracket is not closed".to_owned())
    })?;
    let columns = split(columns, ',')?.into_iter().map(single).collect::<Result<Vec<_>, _>>()?;
    Ok(Key { table: table(name)?, columns })
}

fn mask(text: &str) -> Result<(ColumnPath, Placeholder), String> {
    let (path, Some(placeholder)) = split_first(text, '=')? else {
        return Ok((column(text)?, Placeholder::default()));
    };
    let placeholder = Placeholder::new(unquoted(placeholder.trim())?);
    Ok((column(path)?, placeholder.map_err(|error| error.to_string())?))
}

pub(crate) fn table(text: &str) -> Result<TableName, String> {
    let named = match parts(text)?.as_slice() {
        [table] => TableName::new(DEFAULT_SCHEMA, table),
        [schema, table] => TableName::new(schema, table),
        _ => {
            return Err(format!("`{text}` is not a table: write TABLE or SCHEMA.TABLE; {QUOTING}"));
        }
    };
    named.map_err(|error| error.to_string())
}

fn column(text: &str) -> Result<ColumnPath, String> {
    let (table, column) = match parts(text)?.as_slice() {
        [table, column] => (TableName::new(DEFAULT_SCHEMA, table), ColumnName::new(column)),
        [schema, table, column] => (TableName::new(schema, table), ColumnName::new(column)),
        _ => {
            return Err(format!(
                "`{text}` is not a column: write TABLE.COLUMN or SCHEMA.TABLE.COLUMN; {QUOTING}"
            ));
        }
    };
    let path = || Ok::<_, threadline::Error>(ColumnPath { table: table?, column: column? });
    path().map_err(|error| error.to_string())
}

fn single(text: &str) -> Result<ColumnName, String> {
    match parts(text)?.as_slice() {
        [column] => ColumnName::new(column).map_err(|error| error.to_string()),
        _ => Err(format!("`{text}` is not a column of the table: write its name alone; {QUOTING}")),
    }
}

fn parts(text: &str) -> Result<Vec<String>, String> {
    split(text, '.')?.into_iter().map(|part| unquoted(part.trim())).collect()
}

/// The text itself, or what is between its quotes.
fn unquoted(text: &str) -> Result<String, String> {
    if !text.contains('"') {
        return Ok(text.to_owned());
    }
    let inner = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match inner.filter(|inner| !inner.replace("\"\"", "").contains('"')) {
        Some(inner) => Ok(inner.replace("\"\"", "\"")),
        None => Err(format!("`{text}` has a quote in its middle; {QUOTING}")),
    }
}

/// What is between the separators that are outside of double quotes.
fn split(text: &str, separator: char) -> Result<Vec<&str>, String> {
    let mut quoted = false;
    let outside = |c: char| {
        quoted ^= c == '"';
        c == separator && !quoted
    };
    let found = text.split(outside).collect();
    match quoted {
        true => Err(format!("`{text}` has a quote that is not closed; {QUOTING}")),
        false => Ok(found),
    }
}

/// What is before the first separator outside of double quotes, and what is after it.
fn split_first(text: &str, separator: char) -> Result<(&str, Option<&str>), String> {
    let first = split(text, separator)?.into_iter().next().unwrap_or_default();
    Ok((first, text.get(first.len() + separator.len_utf8()..)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(schema: &str, table: &str, column: &str) -> ColumnPath {
        ColumnPath {
            table: TableName::new(schema, table).unwrap(),
            column: ColumnName::new(column).unwrap(),
        }
    }

    #[test]
    fn tables_and_columns_are_told_apart_by_their_parts() {
        let posts = TableName::parse("posts").unwrap();
        let invoices = TableName::parse("billing.invoices").unwrap();
        assert_eq!(tables("posts, billing.invoices"), Ok(Tables(vec![posts, invoices])));
        let expected = Columns(vec![path("public", "u", "a"), path("s", "u", "b")]);
        assert_eq!(columns("u.a,s.u.b"), Ok(expected));
    }

    #[test]
    fn quoted_names_may_hold_anything() {
        let odd = TableName::new("a.b", "c\"d, e").unwrap();
        assert_eq!(tables("\"a.b\".\"c\"\"d, e\""), Ok(Tables(vec![odd])));
        let Columns(found) = columns("\"a.b\".\"c,d\".\"e f\",u.\"X\"").unwrap();
        assert_eq!(found, [path("a.b", "c,d", "e f"), path("public", "u", "X")]);
    }

    #[test]
    fn a_mask_has_a_text_and_the_comma_after_it_begins_the_next_column() {
        let text = |text: &str| Placeholder::new(text).unwrap();
        let Masks(found) = masks("u.a,u.b=***,u.c=x=y,u.d=\"p, q\"").unwrap();
        let expected = [
            (path("public", "u", "a"), Placeholder::default()),
            (path("public", "u", "b"), text("***")),
            (path("public", "u", "c"), text("x=y")),
            (path("public", "u", "d"), text("p, q")),
        ];
        assert_eq!(found, expected);
        assert!(masks("u.a=hello, world").unwrap_err().contains("world"));
        assert!(masks("u.a=").unwrap_err().contains("placeholder"));
    }

    #[test]
    fn a_key_has_a_table_and_columns() {
        let expected = Key {
            table: TableName::parse("s.readings").unwrap(),
            columns: vec![ColumnName::new("sensor").unwrap(), ColumnName::new("at").unwrap()],
        };
        assert_eq!(key("s.readings=sensor,at").as_ref(), Ok(&expected));
        assert_eq!(key("s.readings=(sensor, \"at\")"), Ok(expected));
        for bad in ["s.readings", "s.readings=", "=a", "t=(a", "t=a.b"] {
            assert!(key(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_no_name_is_refused_with_the_grammar() {
        for bad in ["", "a,", "a.b.c", "\"a", "a\"b", "\"a\"b\"", "\"a\"b", "\"\"", "."] {
            assert!(tables(bad).is_err(), "{bad}");
        }
        for bad in ["a", "a.b.c.d", "a.", "\"a.b\""] {
            assert!(columns(bad).is_err(), "{bad}");
        }
        assert!(columns("password").unwrap_err().contains("TABLE.COLUMN"));
    }
}
