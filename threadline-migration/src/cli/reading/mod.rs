//! The commands that read the trail, and change nothing.

mod as_of;
mod entries;
mod export;
mod fields;
mod history;
mod incident;
mod place;
mod timeline;
mod value;
mod words;

use clap::Subcommand;
use sea_orm::DatabaseConnection;

use super::failure::Failure;
use super::output::Output;
pub(crate) use value::harmless;

/// What can be read.
#[derive(Debug, Subcommand)]
pub(crate) enum Reading {
    Timeline(timeline::ShowTimeline),
    History(history::ShowHistory),
    AsOf(as_of::ShowAsOf),
    Incident(incident::ShowIncident),
    Export(export::WriteExport),
}

impl Reading {
    /// Whether what is printed is the document itself.
    pub(crate) fn prints_a_document(&self) -> bool {
        matches!(self, Self::Export(_))
    }

    /// Reads and shows it.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        match self {
            Self::Timeline(command) => command.run(db, out).await,
            Self::History(command) => command.run(db, out).await,
            Self::AsOf(command) => command.run(db, out).await,
            Self::Incident(command) => command.run(db, out).await,
            Self::Export(command) => command.run(db, out).await,
        }
    }
}
