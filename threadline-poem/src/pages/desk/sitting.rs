use std::time::Duration;

use threadline::sea_orm::DatabaseTransaction;
use threadline::{BoundedRead, Reader};
use tokio::sync::SemaphorePermit;

use super::Desk;
use crate::pages::Refusal;

/// How much a question costs, which says how long it may take and how many are asked at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// What a page is about: bounded by indexes.
    Page,
    /// A panel beside it that counts: a few at a time in the whole process.
    Panel,
    /// The rows of an export: a few at a time as well.
    Export,
}

/// A read-only transaction for one question, within the viewer's scope. Dropped, it is over.
pub(crate) struct Sitting<'d> {
    bounded: BoundedRead,
    desk: &'d Desk<'d>,
    _permit: Option<SemaphorePermit<'d>>,
}

impl Desk<'_> {
    /// Begins a question. A heavy one waits for its turn, and no longer than it may take.
    pub(super) async fn sit(&self, weight: Weight) -> Result<Sitting<'_>, Refusal> {
        let limit = self.limit(weight);
        let permit = match weight {
            Weight::Page => None,
            Weight::Panel | Weight::Export => {
                let turn = tokio::time::timeout(limit, self.site.heavy.acquire()).await;
                Some(turn.ok().and_then(Result::ok).ok_or(Refusal::Busy)?)
            }
        };
        let bounded = BoundedRead::begin(&self.site.db, limit).await?;
        Ok(Sitting { bounded, desk: self, _permit: permit })
    }

    fn limit(&self, weight: Weight) -> Duration {
        let limits = &self.site.limits;
        match weight {
            Weight::Page => limits.page,
            Weight::Panel => limits.panel,
            Weight::Export => limits.export,
        }
    }
}

impl Sitting<'_> {
    /// The reader of this question. There is no other way to read the trail from a page.
    pub(super) fn reader(&self) -> Reader<'_, DatabaseTransaction> {
        let reader = Reader::new(self.bounded.connection());
        match self.desk.grant.predicate() {
            Some(predicate) => reader.scoped((), |()| predicate.clone()),
            None => reader,
        }
    }
}
