//! Questions about what somebody did.

use threadline::{
    ActorEntry, ActorRef, ActorSummary, Filter, Position, actor_history, actor_summary,
};

use super::{Desk, Weight};
use crate::pages::Refusal;

/// The first and the last transaction of an actor, of those of which the viewer may see something.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ever {
    pub(crate) first: ActorEntry,
    pub(crate) last: ActorEntry,
}

impl Desk<'_> {
    /// When an actor was seen first and last, at any time; `None` if never.
    pub(crate) async fn ever(&self, actor: &ActorRef) -> Result<Option<Ever>, Refusal> {
        let sitting = self.sit(Weight::Page).await?;
        let reader = sitting.reader();
        let one = Filter::new().limit(1);
        let last = actor_history(&reader, actor, &one, Position::Start).await?;
        let first = actor_history(&reader, actor, &one.oldest_first(), Position::Start).await?;
        let ends = first.entries.into_iter().next().zip(last.entries.into_iter().next());
        Ok(ends.map(|(first, last)| Ever { first: self.done(first), last: self.done(last) }))
    }

    fn done(&self, entry: ActorEntry) -> ActorEntry {
        let mut entry = entry;
        entry.transaction = self.transaction_of(entry.transaction);
        entry.action = entry.action.map(|action| self.action(action));
        entry
    }

    /// What an actor did in a window of time, as numbers.
    pub(crate) async fn summary(
        &self,
        actor: &ActorRef,
        window: &Filter,
    ) -> Result<ActorSummary, Refusal> {
        let sitting = self.sit(Weight::Panel).await?;
        Ok(actor_summary(&sitting.reader(), actor, window).await?)
    }
}
