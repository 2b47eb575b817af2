use std::fmt::Write;

use clap::Args;
use sea_orm::DatabaseConnection;
use serde_json::{Map, Value, json};
use threadline::{RowStanding, TimeBound, row_as_of};

use super::super::failure::Failure;
use super::super::output::{FAINT, Output, STRONG};
use super::entries::moment as told_moment;
use super::place::{Row, moment};
use super::value::{harmless, key, told};

/// Shows one row as it stood at a moment.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowAsOf {
    #[command(flatten)]
    row: Row,
    /// The moment: -24h, 2026-01-31 or 2026-01-31T12:00:00Z.
    #[arg(value_name = "MOMENT", allow_hyphen_values = true)]
    at: TimeBound,
    /// Shows whole values, however long.
    #[arg(long)]
    full: bool,
}

impl ShowAsOf {
    pub(super) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let at = moment(db, self.at).await?;
        let standing = row_as_of(db, &self.row.table, &self.row.key, at).await?;
        let mut document = json!({ "table": self.row.table, "at": told_moment(at) });
        match standing {
            RowStanding::There { key: row, data, change_id, transaction_id, .. } => {
                out.text(format!(
                    "{STRONG}{} {}{STRONG:#} as of {}  {FAINT}change {change_id}, transaction \
                     {transaction_id}{FAINT:#}\n{}",
                    harmless(&self.row.table.to_string()),
                    key(&row),
                    told_moment(at),
                    fields(&data, self.full)
                ));
                document["row"] = json!({
                    "key": row,
                    "data": data,
                    "change_id": change_id,
                    "transaction_id": transaction_id,
                });
            }
            RowStanding::Absent(absence) => {
                out.text(format!("{absence}\n"));
                document["row"] = Value::Null;
                document["absent"] = json!(absence.to_string());
            }
            _ => {}
        }
        out.document(&document);
        Ok(())
    }
}

fn fields(data: &Map<String, Value>, full: bool) -> String {
    let width = data.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in data {
        let _ = writeln!(text, "  {:width$}  {}", harmless(name), told(value, full));
    }
    text
}
