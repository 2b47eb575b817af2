//! The commands that read the trail, and change nothing.

mod entries;
mod fields;
mod incident;
mod timeline;
mod value;
mod words;

use clap::Subcommand;
use sea_orm::DatabaseConnection;

use super::failure::Failure;
use super::output::Output;

/// What can be read.
#[derive(Debug, Subcommand)]
pub(crate) enum Reading {
    Timeline(timeline::ShowTimeline),
    Incident(incident::ShowIncident),
}

impl Reading {
    /// Reads and shows it.
    pub(crate) async fn run(self, db: &DatabaseConnection, out: Output) -> Result<(), Failure> {
        match self {
            Self::Timeline(command) => command.run(db, out).await,
            Self::Incident(command) => command.run(db, out).await,
        }
    }
}
