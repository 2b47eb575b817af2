//! What the form that finds a row asks for.

use threadline::{AuditedTable, RowKey};

use crate::view::Problem;

/// What stands before the name of a key's column in the name of its field.
pub(super) const FIELD: &str = "c.";
/// The longest value of a column of a key, in characters.
const LONGEST: usize = 1_024;

#[derive(Debug, PartialEq)]
pub(super) enum Asked {
    /// The form.
    Nothing,
    /// The form of this table.
    Table(String),
    /// The row of this table with this key, and what else is asked of it.
    Row(String, RowKey, Vec<(String, String)>),
    /// What is wrong, by the field.
    Wrong(Vec<(String, Problem)>),
}

impl PartialEq for Problem {
    fn eq(&self, other: &Self) -> bool {
        (&self.text, &self.example) == (&other.text, &other.example)
    }
}

/// Whether a key cannot end a path, because browsers take it for a direction.
pub(super) fn is_unpathlike(key: &str) -> bool {
    matches!(key, "" | "." | "..")
}

/// The form that knows no table yet: `table`, and `key` as it is written in filters.
pub(super) fn without_table(pairs: &[(String, String)]) -> Asked {
    if let Some(wrong) = unknown(pairs, &["table", "key"]) {
        return wrong;
    }
    let value = |name: &str| {
        let found = pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim());
        found.filter(|value| !value.is_empty())
    };
    match (value("table"), value("key")) {
        (None, None) => Asked::Nothing,
        (Some(table), None) => Asked::Table(table.to_owned()),
        (Some(table), Some(key)) => match key.parse() {
            Ok(key) => Asked::Row(table.to_owned(), key, Vec::new()),
            Err(error) => wrong("key", format!("{error}."), Some("42")),
        },
        (None, Some(_)) => wrong("table", "Say which table the row is in.".to_owned(), None),
    }
}

/// The form of a table, which has a field for each column of its key; and the address of a row whose key
/// cannot stand in a path.
pub(super) fn in_table(pairs: &[(String, String)], table: &AuditedTable) -> Asked {
    let name = table.table.to_string();
    let (of_key, rest): (Vec<_>, Vec<_>) = pairs.iter().cloned().partition(|(key, _)| key == "key");
    match of_key.as_slice() {
        [] => {}
        [(_, key)] => {
            return match key.parse() {
                Ok(key) => Asked::Row(name, key, rest),
                Err(error) => wrong("key", format!("{error}."), None),
            };
        }
        _ => return wrong("key", "`key` is said twice; say it once.".to_owned(), None),
    }
    let fields: Vec<String> = table.key.iter().map(|column| format!("{FIELD}{column}")).collect();
    let known: Vec<&str> = fields.iter().map(String::as_str).collect();
    if let Some(wrong) = unknown(pairs, &known) {
        return wrong;
    }
    if pairs.is_empty() {
        return Asked::Nothing;
    }
    let mut values = Vec::new();
    for (column, field) in table.key.iter().zip(&fields) {
        let Some((_, value)) = pairs.iter().find(|(key, _)| key == field) else {
            return wrong(field, format!("The key has the column {column} as well."), None);
        };
        if value.chars().count() > LONGEST {
            return wrong(field, format!("It is longer than {LONGEST} characters."), None);
        }
        values.push((column.clone(), value.clone()));
    }
    let key = match values.as_slice() {
        [(_, only)] => Ok(RowKey::scalar(only)),
        _ => RowKey::named(values),
    };
    match key {
        Ok(key) => Asked::Row(name, key, Vec::new()),
        Err(error) => {
            wrong(fields.first().map_or("key", String::as_str), format!("{error}."), None)
        }
    }
}

/// What no form sends, and what is said twice: left out, another row would be found than was asked for.
fn unknown(pairs: &[(String, String)], known: &[&str]) -> Option<Asked> {
    for (place, (key, _)) in pairs.iter().enumerate() {
        if !known.contains(&key.as_str()) {
            let text = format!("This form has no field `{key}`, only {}.", known.join(", "));
            return Some(wrong(key, text, None));
        }
        if pairs[..place].iter().any(|(other, _)| other == key) {
            return Some(wrong(key, format!("`{key}` is said twice; say it once."), None));
        }
    }
    None
}

fn wrong(field: &str, text: String, example: Option<&str>) -> Asked {
    let example = example.map(str::to_owned);
    Asked::Wrong(vec![(field.to_owned(), Problem { text, example })])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    fn fields(asked: Asked) -> Vec<String> {
        match asked {
            Asked::Wrong(problems) => problems.into_iter().map(|(field, _)| field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_form_without_a_table_leads_to_the_table_or_to_the_row() {
        assert_eq!(without_table(&[]), Asked::Nothing);
        let table = without_table(&pairs(&[("table", "orders"), ("key", " ")]));
        assert_eq!(table, Asked::Table("orders".to_owned()));
        let row = without_table(&pairs(&[("table", "orders"), ("key", "b=2;a=1")]));
        let key = RowKey::named([("a", 1), ("b", 2)]).expect("a key");
        assert_eq!(row, Asked::Row("orders".to_owned(), key, Vec::new()));
    }

    #[test]
    fn what_is_not_understood_is_told_by_its_field() {
        assert_eq!(fields(without_table(&pairs(&[("key", "7")]))), ["table"]);
        assert_eq!(fields(without_table(&pairs(&[("tabel", "t")]))), ["tabel"]);
        let twice = [("table", "t"), ("table", "u")];
        assert_eq!(fields(without_table(&pairs(&twice))), ["table"]);
        assert_eq!(fields(without_table(&pairs(&[("table", "t"), ("key", "a;b")]))), ["key"]);
    }
}
