use clap::Args;
use sea_orm::DatabaseConnection;
use serde_json::json;
use threadline::{Position, TimelineEntry, change_diff, timeline_page};

use super::super::failure::Failure;
use super::super::output::{FAINT, Output};
use super::entries;
use super::words::Words;

/// Shows what changed, newest first.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowTimeline {
    #[command(flatten)]
    words: Words,
    /// Shows whole values, however long.
    #[arg(long)]
    full: bool,
}

impl ShowTimeline {
    pub(super) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let filter = self.words.filter_to_show()?;
        let page = timeline_page(db, &filter, Position::Start).await?;
        let found = &page.entries;
        out.text(entries_text(found, self.full));
        match found.len() {
            0 => out.text("Nothing matches.\n"),
            shown => out.text(format!("{FAINT}{}{FAINT:#}\n", entries::counted(shown))),
        }
        if let Some(cursor) = page.cursor {
            out.text(format!(
                "{FAINT}There is more: the same command with after={cursor}{FAINT:#}\n"
            ));
        }
        let entries: Vec<_> = found.iter().map(document).collect();
        out.document(&json!({
            "filter": filter,
            "entries": entries,
            "has_more": page.has_more,
            "cursor": page.cursor,
        }));
        Ok(())
    }
}

/// The entries, each transaction once where its changes stand together.
pub(super) fn entries_text(found: &[TimelineEntry], full: bool) -> String {
    let mut text = String::new();
    let mut last = None;
    for entry in found {
        let under = (entry.transaction.id, entry.action.as_ref().map(|action| action.id));
        if last != Some(under) {
            if last.is_some() {
                text.push('\n');
            }
            text.push_str(&entries::transaction(&entry.transaction, entry.action.as_ref()));
            last = Some(under);
        }
        text.push_str(&entries::change(&entry.change, full));
    }
    text
}

/// One entry for programs.
pub(super) fn document(entry: &TimelineEntry) -> serde_json::Value {
    json!({
        "change_diff": change_diff(&entry.change),
        "transaction": entry.transaction,
        "action": entry.action,
    })
}
