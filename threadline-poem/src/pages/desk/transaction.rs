//! Questions about one transaction, and about where a change stands in it.

use threadline::{
    ActionRecord, Cursor, Filter, MAX_INCIDENT_CHANGES, Neighbours, Position, Transaction,
    audit_actions_for_transaction, audit_change, audit_transaction, audited_tables, correlation,
    incident_bundle, neighbours, newer, timeline_cursor, timeline_page,
};

use super::{Desk, Weight};
use crate::pages::Refusal;
use crate::pages::shapes::Shapes;

/// Who did something and why, and how the tables look that it was done to.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) transaction: Transaction,
    /// In the order in which they were recorded.
    pub(crate) actions: Vec<ActionRecord>,
    pub(crate) shapes: Shapes,
}

/// How many transactions one correlation ties together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Related {
    pub(crate) transactions: usize,
    /// Whether there are more.
    pub(crate) is_capped: bool,
}

/// The walk through the changes of a transaction: as they were written, so many on a page.
pub(crate) fn walk_of(transaction: i64) -> Filter {
    Filter::new().transaction(transaction).oldest_first().limit(PAGE)
}

/// How many changes stand on a page.
pub(crate) const PAGE: u32 = 50;
/// How many changes come before one that was asked for on its own, on its page.
const BEFORE: u32 = 4;
/// How many changes are looked at to find out what belongs together.
const LOOKED_AT: u32 = 200;
/// A longer document is not put into a page.
const LONGEST_INCIDENT: usize = 256 * 1024;

impl Desk<'_> {
    /// The transaction of this number, if one of its changes may be seen.
    pub(crate) async fn transaction(&self, id: i64) -> Result<Head, Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        let reader = sitting.reader();
        let transaction = audit_transaction(&reader, id).await?;
        let actions = audit_actions_for_transaction(&reader, id).await?;
        let tables = audited_tables(&reader).await?;
        Ok(Head {
            transaction: self.transaction_of(transaction),
            actions: actions.into_iter().map(|action| self.action(action)).collect(),
            shapes: Shapes::new(tables, self.registry(), self.grant.hides_values()),
        })
    }

    /// How the tables look.
    pub(crate) async fn shapes(&self) -> Result<Shapes, Refusal> {
        let tables = self.known_tables().await?;
        Ok(Shapes::new(tables, self.registry(), self.grant.hides_values()))
    }

    /// What is known of the tables without asking.
    pub(crate) fn no_shapes(&self) -> Shapes {
        Shapes::new(Vec::new(), self.registry(), self.grant.hides_values())
    }

    /// What the same actor did before and after.
    pub(crate) async fn neighbours(
        &self,
        transaction: &Transaction,
    ) -> Result<Neighbours, Refusal> {
        let sitting = self.sit(Weight::Panel).await?;
        Ok(neighbours(&sitting.reader(), transaction).await?)
    }

    /// How much a correlation ties together.
    pub(crate) async fn related(&self, correlation_id: &str) -> Result<Related, Refusal> {
        let sitting = self.sit(Weight::Panel).await?;
        let filter = Filter::new().include_capture_only().limit(LOOKED_AT);
        let bundle = correlation(&sitting.reader(), correlation_id, &filter).await?;
        Ok(Related { transactions: bundle.transactions.len(), is_capped: bundle.truncated })
    }

    /// The transaction as one document; `None` if it is too large for a page, or has values that the
    /// viewer may not see.
    pub(crate) async fn incident(&self, id: i64) -> Result<Option<String>, Refusal> {
        if self.grant.hides_values() {
            return Ok(None);
        }
        let sitting = self.sit(Weight::Panel).await?;
        let bundle = incident_bundle(&sitting.reader(), id).await?;
        let is_whole = !bundle.truncated && bundle.changes.len() <= MAX_INCIDENT_CHANGES;
        let document = serde_json::to_string_pretty(&bundle).ok();
        Ok(document.filter(|text| is_whole && text.len() <= LONGEST_INCIDENT))
    }

    /// In which transaction a change is, and behind which cursor the page begins on which it stands; none
    /// if it stands on the first one.
    pub(crate) async fn place_of(&self, change: i64) -> Result<(i64, Option<Cursor>), Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        let reader = sitting.reader();
        let change = audit_change(&reader, change).await?.change;
        let id = change.transaction_id;
        let walk = walk_of(id);
        let here = timeline_cursor(&walk, &change)?;
        if newer(&reader, &walk, here, PAGE).await?.counted < PAGE {
            return Ok((id, None));
        }
        let few = walk.limit(BEFORE + 1);
        let before = timeline_page(&reader, &few, Position::Before(here)).await?;
        Ok((id, before.first))
    }
}
