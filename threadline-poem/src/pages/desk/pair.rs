//! Two versions of a row.

use std::collections::BTreeSet;

use threadline::sea_orm::DatabaseTransaction;
use threadline::{Operation, Reader, RowHistory, TimelineEntry, change_pair};

use super::{Desk, Weight};
use crate::pages::Refusal;
use crate::pages::key::key_of;

/// More versions than this between two are not looked at.
const BETWEEN: u32 = 500;

/// Two versions of one row, the older first, as this viewer may see them.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) older: TimelineEntry,
    pub(crate) newer: TimelineEntry,
    /// The columns that differ. For a viewer who may not see values those that were changed in between;
    /// `None` if even that cannot be told.
    pub(crate) differing: Option<BTreeSet<String>>,
}

impl Desk<'_> {
    /// Two versions of a row, by the numbers of their changes.
    pub(crate) async fn pair(&self, one: i64, other: i64) -> Result<Pair, Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        let source = sitting.reader();
        let pair = change_pair(&source, one, other).await?;
        let place = |entry: &TimelineEntry| (entry.change.captured_at, entry.change.id);
        let (older, newer) = match place(&pair.one) <= place(&pair.other) {
            true => (pair.one, pair.other),
            false => (pair.other, pair.one),
        };
        let differing = match self.grant.hides_values() {
            false => Some(pair.fields.into_iter().map(|field| field.name).collect()),
            true => changed_between(&source, &older, &newer).await?,
        };
        Ok(Pair { older: self.entry(older), newer: self.entry(newer), differing })
    }
}

/// The columns that were changed after the older and up to the newer of two versions, which any viewer of
/// both may know. Where the row went or came in between, nothing can be said without its values.
async fn changed_between(
    source: &Reader<'_, DatabaseTransaction>,
    older: &TimelineEntry,
    newer: &TimelineEntry,
) -> Result<Option<BTreeSet<String>>, Refusal> {
    let Some(key) = key_of(&older.change) else { return Ok(None) };
    let history = RowHistory::new(older.change.table.clone(), key);
    let history = history.from(older.change.captured_at).until(newer.change.captured_at);
    let versions = history.limit(BETWEEN).all(source).await?;
    let between = versions.entries.iter().filter(|entry| entry.change.id != older.change.id);
    let mut columns = BTreeSet::new();
    for entry in between {
        if entry.change.op != Operation::Update {
            return Ok(None);
        }
        columns.extend(entry.change.changed_fields.iter().cloned());
    }
    Ok((!versions.truncated).then_some(columns))
}
