//! A row's history as a statement and as commands for people: to be copied, read, changed and run.

use chrono::SecondsFormat;
use serde_json::{Map, Value};

use super::one_row::qualified;
use crate::filter::in_shell;
use crate::spec::quote::Literal;
use crate::trail::{self, TRAIL};
use crate::{ColumnName, Error, Moment, RowKey, TableName};

/// The statement that tells the history of a row by plain SQL, the newest change first: all of it, or only
/// the one change that tells how the row stood at a moment. `key` is the row's key as the trail has it.
///
/// It is complete: nothing has to be bound, and names and values are quoted. It knows no scope: whoever runs
/// it sees what the database lets them see.
///
/// ```
/// use serde_json::json;
/// use threadline::TableName;
///
/// let key = json!({"id": 42}).as_object().cloned().unwrap_or_default();
/// let sql = threadline::row_history_sql(&TableName::parse("orders")?, &key, None)?;
/// assert!(sql.contains(r#"history('"public"."orders"', '{"id":42}')"#), "{sql}");
/// # Ok::<(), threadline::Error>(())
/// ```
///
/// # Errors
///
/// [`Error::SchemaVariable`] if the schema's name is not known.
pub fn row_history_sql(
    table: &TableName,
    key: &Map<String, Value>,
    at: Option<Moment>,
) -> Result<String, Error> {
    trail::schema()?;
    let (table, key) = (qualified(table), Value::from(key.clone()).to_string());
    let (condition, limit) = match at {
        Some(at) => {
            let at = at.utc().to_rfc3339_opts(SecondsFormat::Micros, true);
            let at = Literal(&at);
            let then = format!("captured_at <= {at}\n  AND coalesce(committed_at <= {at}, true)");
            (format!("\nWHERE {then}"), "\nLIMIT 1")
        }
        None => (String::new(), ""),
    };
    Ok(format!(
        "SELECT *\nFROM {TRAIL}.history({}, {}){condition}\nORDER BY captured_at DESC, change_id DESC{limit}",
        Literal(&table),
        Literal(&key),
    ))
}

/// The command that shows a row's versions in a terminal, quoted for a POSIX shell: all of them, or the
/// updates of one column.
///
/// ```
/// use threadline::{RowKey, TableName};
///
/// let lines = TableName::parse("order_lines")?;
/// let key: RowKey = "order_id=7;line_no=3".parse()?;
/// assert_eq!(
///     threadline::row_history_command(&lines, &key, None),
///     "threadline history public.order_lines 'line_no=3;order_id=7'"
/// );
/// # Ok::<(), threadline::Error>(())
/// ```
pub fn row_history_command(
    table: &TableName,
    key: &RowKey,
    changed: Option<&ColumnName>,
) -> String {
    let changed = changed.map(|column| format!(" --changed={}", in_shell(column.as_str())));
    let row = words([table.to_string(), key.to_string()]);
    format!("threadline history{}{row}", changed.unwrap_or_default())
}

/// The command that shows a row as it stood at a moment, quoted for a POSIX shell.
///
/// ```
/// use chrono::DateTime;
/// use threadline::{RowKey, TableName};
///
/// let (table, at) = (TableName::parse("orders")?, DateTime::UNIX_EPOCH);
/// assert_eq!(
///     threadline::row_as_of_command(&table, &RowKey::scalar(-7), at),
///     "threadline as-of -- public.orders -7 1970-01-01T00:00:00.000000Z"
/// );
/// # Ok::<(), threadline::Error>(())
/// ```
pub fn row_as_of_command(table: &TableName, key: &RowKey, at: impl Into<Moment>) -> String {
    let at = at.into().utc().to_rfc3339_opts(SecondsFormat::Micros, true);
    format!("threadline as-of{}", words([table.to_string(), key.to_string(), at]))
}

/// Words of a command line, none of which is taken for a flag.
fn words<const N: usize>(words: [String; N]) -> String {
    let is_like_a_flag = words.iter().any(|word| word.starts_with('-'));
    let told = words.iter().map(|word| format!(" {}", in_shell(word)));
    format!("{}{}", if is_like_a_flag { " --" } else { "" }, told.collect::<String>())
}
