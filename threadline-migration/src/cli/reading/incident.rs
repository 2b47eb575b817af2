use clap::Args;
use sea_orm::DatabaseConnection;
use threadline::incident_bundle;

use super::super::failure::Failure;
use super::super::output::{FAINT, Output};
use super::entries;

/// Shows everything that is known of one audit transaction.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowIncident {
    /// The number of the audit transaction.
    #[arg(value_name = "TRANSACTION")]
    id: i64,
    /// Shows whole values, however long.
    #[arg(long)]
    full: bool,
}

impl ShowIncident {
    pub(super) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        let bundle = incident_bundle(db, self.id).await?;
        out.text(entries::transaction(&bundle.transaction, bundle.action.as_ref()));
        for one in &bundle.changes {
            out.text(entries::change(&one.change, self.full));
        }
        let more = if bundle.truncated { ", and there are more" } else { "" };
        out.text(format!("{FAINT}{}{more}{FAINT:#}\n", entries::counted(bundle.changes.len())));
        out.document(&bundle);
        Ok(())
    }
}
