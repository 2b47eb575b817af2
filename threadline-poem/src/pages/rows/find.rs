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
    /// The row of this table with this key.
    Row(String, RowKey),
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
            Ok(key) => Asked::Row(table.to_owned(), key),
            Err(error) => wrong("key", format!("{error}."), Some("42")),
        },
        (None, Some(_)) => wrong("table", "Say which table the row is in.".to_owned(), None),
    }
}

/// The form of a table, which has a field for each column of its key; and the address of a row whose key
/// cannot stand in a path.
pub(super) fn in_table(pairs: &[(String, String)], table: &AuditedTable) -> Asked {
    let name = table.table.to_string();
    if let Some((_, key)) = pairs.iter().find(|(key, _)| key == "key") {
        return match key.parse() {
            Ok(key) => Asked::Row(name, key),
            Err(error) => wrong("key", format!("{error}."), None),
        };
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
        Ok(key) => Asked::Row(name, key),
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
