//! Questions about changes in time.

use std::time::Duration;

use threadline::{
    AuditedTable, Count, Cursor, Facets, Filter, Histogram, Nearest, Page, Position, TimelineEntry,
};

use super::{Desk, Weight};
use crate::pages::Refusal;

/// Where what happened lately is looked for first: of a viewer who may see little, the whole trail would be
/// read to find as many.
const LATELY: Duration = Duration::from_secs(7 * 24 * 3_600);

impl Desk<'_> {
    /// One page of the changes that match, as this viewer may see them.
    pub(crate) async fn changes(
        &self,
        filter: &Filter,
        position: Position,
    ) -> Result<Page<TimelineEntry>, Refusal> {
        self.allowed(filter)?;
        let sitting = self.sit(Weight::Page).await?;
        let page = threadline::timeline_page(&sitting.reader(), filter, position).await?;
        Ok(self.page(page))
    }

    /// The page as this viewer may see it.
    fn page(&self, mut page: Page<TimelineEntry>) -> Page<TimelineEntry> {
        page.entries = page.entries.into_iter().map(|entry| self.entry(entry)).collect();
        page
    }

    /// The newest of the changes that match, or the oldest if the filter has the oldest first.
    pub(crate) async fn first_change(
        &self,
        filter: &Filter,
    ) -> Result<Option<TimelineEntry>, Refusal> {
        let one = filter.clone().limit(1);
        Ok(self.changes(&one, Position::Start).await?.entries.into_iter().next())
    }

    /// The newest changes, as far back as a panel can look.
    pub(crate) async fn lately(&self, most: u32) -> Result<Page<TimelineEntry>, Refusal> {
        let week = Filter::new().last(LATELY).limit(most);
        let page = self.newest(&week).await?;
        // Nothing is new: then the newest is told, however old it is.
        if page.entries.is_empty() {
            self.newest(&Filter::new().limit(most)).await
        } else {
            Ok(page)
        }
    }

    async fn newest(&self, filter: &Filter) -> Result<Page<TimelineEntry>, Refusal> {
        let sitting = self.sit(Weight::Panel).await?;
        let page = threadline::timeline_page(&sitting.reader(), filter, Position::Start).await?;
        Ok(self.page(page))
    }

    /// How many changes match, wherever a page of them begins; counted no further than `cap`.
    pub(crate) async fn how_many(&self, filter: &Filter, cap: u32) -> Result<Count, Refusal> {
        self.allowed(filter)?;
        let sitting = self.sit(Weight::Panel).await?;
        let all = filter.clone().first_page();
        Ok(threadline::count(&sitting.reader(), &all, cap).await?)
    }

    /// Of what the changes are that match.
    pub(crate) async fn breakdown(&self, filter: &Filter) -> Result<Facets, Refusal> {
        self.allowed(filter)?;
        let sitting = self.sit(Weight::Panel).await?;
        let all = filter.clone().first_page();
        Ok(threadline::facets(&sitting.reader(), &all).await?)
    }

    /// How many changes have come since the first entry of a page.
    pub(crate) async fn newer(
        &self,
        filter: &Filter,
        since: Cursor,
        cap: u32,
    ) -> Result<Count, Refusal> {
        self.allowed(filter)?;
        let sitting = self.sit(Weight::Panel).await?;
        let all = filter.clone().first_page();
        Ok(threadline::newer(&sitting.reader(), &all, since, cap).await?)
    }

    /// When the changes were made that match, in at most so many bars. The filter must begin somewhere.
    pub(crate) async fn over_time(&self, filter: &Filter, bars: u32) -> Result<Histogram, Refusal> {
        self.allowed(filter)?;
        let sitting = self.sit(Weight::Panel).await?;
        let all = filter.clone().first_page();
        Ok(threadline::histogram(&sitting.reader(), &all, bars).await?)
    }

    /// When there was something beside the filter's window.
    pub(crate) async fn nearest(&self, filter: &Filter) -> Result<Nearest, Refusal> {
        self.allowed(filter)?;
        let sitting = self.sit(Weight::Panel).await?;
        Ok(threadline::nearest(&sitting.reader(), &filter.clone().first_page()).await?)
    }

    /// The tables of the trail, with their columns; the same for every viewer.
    pub(crate) async fn known_tables(&self) -> Result<Vec<AuditedTable>, Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        Ok(threadline::audited_tables(&sitting.reader()).await?)
    }
}
