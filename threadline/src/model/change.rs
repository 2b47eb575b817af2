use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::TableName;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Operation {
    /// The row was inserted.
    Insert,
    /// The row was changed.
    Update,
    /// The row was deleted.
    Delete,
    /// All rows of the table were removed at once.
    Truncate,
    /// Not a change: the row as it stood when it was first recorded.
    Baseline,
}

impl Operation {
    /// The word in the column `op`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::Baseline => "baseline",
        }
    }

    /// The operation of that name in the column `op`.
    pub fn parse(word: &str) -> Option<Self> {
        let all = [Self::Insert, Self::Update, Self::Delete, Self::Truncate, Self::Baseline];
        all.into_iter().find(|operation| operation.as_str() == word)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One change of one row, as it was stored: after redaction.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// The change's number: of two changes of one row, the later has the higher.
    pub id: i64,
    /// The transaction it belongs to.
    pub transaction_id: i64,
    /// The innermost action it belongs to.
    pub action_id: Option<i64>,
    /// The table.
    pub table: TableName,
    /// The row's key by column; `None` for a truncate.
    pub row_pk: Option<Map<String, Value>>,
    /// What happened.
    pub op: Operation,
    /// The whole row afterwards; `None` for a delete and a truncate.
    pub data_after: Option<Map<String, Value>>,
    /// The columns an update changed, sorted; empty for every other operation.
    pub changed_fields: Vec<String>,
    /// An update's old values of the changed columns; a delete's whole last row.
    pub changed_from: Option<Map<String, Value>>,
    /// When it was captured, in UTC.
    pub captured_at: DateTime<Utc>,
}
