use std::time::Duration;

use chrono::{DateTime, Utc};
use threadline_migration::health::{Code, Health, HealthFinding, Severity};

use super::Desk;
use crate::pages::Refusal;
use crate::pages::told::Told;

/// How it stands with the tables and what is redacted of them, as this viewer may know it.
pub(crate) struct Looked {
    pub(crate) health: Health,
    /// When it was looked at.
    pub(crate) at: DateTime<Utc>,
    /// Why it is not newer, if a later look failed, and when that was.
    pub(crate) failure: Option<(Told, DateTime<Utc>)>,
}

/// However often somebody asks for a new look, there is none before.
const SHORTEST: Duration = Duration::from_secs(5);

impl Desk<'_> {
    /// What the last look at the installation found; a new one, if it is asked for or time for it.
    pub(crate) async fn health(&self, is_asked: bool) -> Result<Looked, Refusal> {
        let age = if is_asked { SHORTEST } else { self.site.poll };
        // A look takes two limits at most: for its connection, and for what it reads.
        let known = self.site.checkup.latest(age, self.site.limits.page * 2).await;
        let Some(good) = known.good else {
            return Err(match known.failure {
                Some((told, _)) => Refusal::Told(Box::new(told)),
                None => Refusal::Busy,
            });
        };
        let (health, at) = (*good).clone();
        let health = if self.grant.predicate().is_some() { narrowed(health) } else { health };
        Ok(Looked { health, at, failure: known.failure })
    }
}

/// Without what was read of rows: those of other tenants are among them. What the catalog says of tables
/// stays.
fn narrowed(mut health: Health) -> Health {
    let coverage = &mut health.coverage;
    let (of_rows, rest): (Vec<HealthFinding>, Vec<HealthFinding>) =
        std::mem::take(&mut coverage.findings)
            .into_iter()
            .partition(|found| is_of_rows(found.code));
    for table in &mut coverage.tables {
        table.last_change = None;
        let tells = |found: &&HealthFinding| found.is_about(&table.table);
        if of_rows.iter().filter(tells).any(|found| found.reason == table.why) {
            let next = rest.iter().filter(tells).find(|found| found.severity <= Severity::Warning);
            table.why = next.map_or("every write is recorded", |found| &found.reason).to_owned();
            table.mend = next.and_then(|found| found.mend.clone());
        }
    }
    coverage.findings = rest;
    health
}

fn is_of_rows(code: Code) -> bool {
    matches!(code, Code::Silent | Code::RowsInDefaultPartition | Code::RestoredDatabase)
}
