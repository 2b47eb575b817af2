use clap::Args;
use sea_orm::DatabaseConnection;
use serde_json::json;
use threadline::{Blame, BlamedColumn, ColumnName, RowHistory, TimeBound, row_blame};

use super::super::failure::Failure;
use super::super::output::{FAINT, NOTABLE, Output, STRONG};
use super::entries::{self, moment as told};
use super::place::{Row, moment};
use super::timeline::{document, entries_text};
use super::value::harmless;

/// Shows every version of one row, newest first.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowHistory {
    #[command(flatten)]
    row: Row,
    /// Only updates that changed this column.
    #[arg(long, value_name = "COLUMN")]
    changed: Option<String>,
    /// Only versions since: -24h, 2026-01-31 or 2026-01-31T12:00:00Z.
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true)]
    from: Option<TimeBound>,
    /// Only versions until then.
    #[arg(long, value_name = "MOMENT", allow_hyphen_values = true)]
    until: Option<TimeBound>,
    /// At most so many versions.
    #[arg(long, default_value_t = 50, value_name = "N", conflicts_with = "all",
        value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// All versions, however many.
    #[arg(long)]
    all: bool,
    /// Shows who wrote last what each column holds, and not the versions.
    #[arg(long, conflicts_with_all = ["changed", "from", "until", "all", "limit"])]
    blame: bool,
    /// Shows whole values, however long.
    #[arg(long)]
    full: bool,
}

impl ShowHistory {
    pub(super) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        if self.blame {
            let blame = row_blame(db, &self.row.table, &self.row.key).await?;
            out.text(blame_text(&blame));
            out.document(&blame);
            return Ok(());
        }
        let mut history = RowHistory::new(self.row.table.clone(), self.row.key.clone());
        if let Some(column) = &self.changed {
            history = history.changed(ColumnName::new(column.as_str())?);
        }
        if let Some(from) = self.from {
            history = history.from(moment(db, from).await?);
        }
        if let Some(until) = self.until {
            history = history.until(moment(db, until).await?);
        }
        history = if self.all { history.unlimited() } else { history.limit(self.limit) };
        let found = history.all(db).await?;
        out.text(entries_text(&found.entries, self.full));
        let more =
            if found.truncated { ", and there are older ones: see --limit and --all" } else { "" };
        match found.entries.len() {
            0 if self.is_narrowed() => out.text("No version of this row matches.\n"),
            0 => out.text("Nothing is recorded of this row.\n"),
            shown => out.text(format!("{FAINT}{}{more}{FAINT:#}\n", entries::counted(shown))),
        }
        out.document(&json!({
            "table": self.row.table,
            "key": found.key,
            "entries": found.entries.iter().map(document).collect::<Vec<_>>(),
            "truncated": found.truncated,
        }));
        Ok(())
    }
}

impl ShowHistory {
    fn is_narrowed(&self) -> bool {
        self.changed.is_some() || self.from.is_some() || self.until.is_some()
    }
}

fn blame_text(blame: &Blame) -> String {
    let names = blame.columns.iter().map(|column| column.column.chars().count());
    let width = names.max().unwrap_or(0);
    let mut text: String = blame.columns.iter().map(|column| line(column, width)).collect();
    if let Some(deed) = &blame.removed {
        text.push_str(&format!(
            "{NOTABLE}gone{NOTABLE:#}: {} at {}\n",
            deed.op,
            told(deed.captured_at)
        ));
    }
    if blame.truncated {
        text.push_str(
            "Only the newest versions were looked at: an older one may have written the rest.\n",
        );
    }
    text
}

/// A column, and who wrote it last.
fn line(column: &BlamedColumn, width: usize) -> String {
    let name = harmless(&column.column);
    let Some(deed) = &column.last else {
        return format!("{STRONG}{name:width$}{STRONG:#}  {FAINT}not known{FAINT:#}\n");
    };
    let who = match deed.actor() {
        Some(actor) => harmless(&actor.to_string()),
        None => format!("role {}", harmless(&deed.transaction.session_user_name)),
    };
    let action = deed.action.as_ref().map(|action| format!("  {}", harmless(&action.name)));
    let reason = deed.reason().map(|reason| format!(" — {}", harmless(reason)));
    format!(
        "{STRONG}{name:width$}{STRONG:#}  {}  {NOTABLE}{who}{NOTABLE:#}{}{}  {FAINT}{} {}{FAINT:#}\n",
        told(deed.captured_at),
        action.unwrap_or_default(),
        reason.unwrap_or_default(),
        deed.op,
        deed.change_id,
    )
}
