use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use threadline::sea_orm::DatabaseConnection;
use threadline::{ActorRef, Registry, RowKey, TableName};
use tokio::sync::Semaphore;

use super::desk::Checkup;
use crate::view::{Pill, Theme};

/// Names for actors, as the host knows them.
pub(crate) type Names = HashMap<ActorRef, String>;
pub(crate) type NamesFn =
    dyn Fn(Vec<ActorRef>) -> Pin<Box<dyn Future<Output = Names> + Send>> + Send + Sync;
pub(crate) type HostLinkFn = dyn Fn(&TableName, &RowKey) -> Option<String> + Send + Sync;

/// What is the same for every request: the host's choices, and what is shared between viewers.
pub(crate) struct Site {
    pub(crate) db: DatabaseConnection,
    pub(crate) registry: Registry,
    pub(crate) brand: String,
    pub(crate) banner: Option<String>,
    /// Whom to ask for what is not available here.
    pub(crate) contact: Option<String>,
    /// The theme for everybody; `None` lets viewers choose.
    pub(crate) theme: Option<Theme>,
    pub(crate) poll: Duration,
    pub(crate) names: Option<Arc<NamesFn>>,
    pub(crate) host_link: Option<Arc<HostLinkFn>>,
    pub(crate) limits: Limits,
    /// How many heavy panels may be read at once.
    pub(crate) heavy: Semaphore,
    /// How it stands with the tables, for all viewers.
    pub(crate) checkup: Arc<Checkup>,
}

/// How long reads may take, and how large answers may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For what a page is about.
    pub(crate) page: Duration,
    /// For a panel beside it, as a breakdown, which fails alone.
    pub(crate) panel: Duration,
    /// For the rows of an export.
    pub(crate) export: Duration,
    pub(crate) export_rows: u32,
    pub(crate) export_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            page: Duration::from_secs(5),
            panel: Duration::from_millis(1500),
            export: Duration::from_secs(30),
            export_rows: 5_000,
            export_bytes: 8 * 1024 * 1024,
        }
    }
}

/// How long a page waits for what its header says.
const PILL_PATIENCE: Duration = Duration::from_millis(500);

/// Who looks at what stays out of logs.
impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Site").field("brand", &self.brand).finish_non_exhaustive()
    }
}

impl Site {
    /// What the host calls these actors. Names are a courtesy: none come if the host takes too long.
    pub(crate) async fn names(&self, mut actors: Vec<ActorRef>) -> Names {
        let Some(names) = &self.names else { return Names::new() };
        actors.sort_by_key(ToString::to_string);
        actors.dedup();
        let asked = tokio::time::timeout(Duration::from_millis(500), names(actors));
        asked.await.unwrap_or_default()
    }

    /// What the header says of coverage, found out once per interval and not once per viewer. A page does
    /// not wait for it for long.
    pub(crate) async fn pill(&self) -> Option<Pill> {
        Some(self.checkup.latest(self.poll, PILL_PATIENCE).await.pill())
    }

    /// The same, of what is known already: for a page that must not ask the database anything.
    pub(crate) fn known_pill(&self) -> Option<Pill> {
        Some(self.checkup.known().pill())
    }
}
