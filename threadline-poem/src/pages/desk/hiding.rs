//! What a viewer without the right to values does not get: stripped here, before a page has it, so that no
//! page can show it by mistake.

use serde_json::{Map, Value};
use threadline::{
    ActionRecord, Change, ColumnName, Filter, FilterProblem, FilterProblems, TableName,
    TimelineEntry, Transaction,
};

use super::Desk;
use crate::pages::Refusal;
use crate::view::Facts;

/// The keys of a filter that ask for values: an answer would tell what is hidden.
const OF_VALUES: [&str; 2] = ["was", "now"];

impl Desk<'_> {
    /// Refuses a filter with which this viewer could guess values that are hidden.
    pub(crate) fn allowed(&self, filter: &Filter) -> Result<(), Refusal> {
        if !self.grant.hides_values() {
            return Ok(());
        }
        let asked = filter.terms().into_iter().filter(|term| OF_VALUES.contains(&term.key));
        let problems: Vec<_> = asked.map(|term| hidden_key(term.key, &term.value)).collect();
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Refusal::Filter(FilterProblems(problems))),
        }
    }

    /// The entry as this viewer may see it.
    pub(super) fn entry(&self, entry: TimelineEntry) -> TimelineEntry {
        let mut entry = entry;
        entry.change = self.change(entry.change);
        entry.transaction = self.transaction_of(entry.transaction);
        entry.action = entry.action.map(|action| self.action(action));
        entry
    }

    /// The change as this viewer may see it: which columns changed and the row's key stay, and in place of
    /// every value there is null, which [`facts`](Self::facts) make a page show as hidden.
    pub(super) fn change(&self, change: Change) -> Change {
        if self.grant.hides_values() { hide(change) } else { change }
    }

    /// A row as this viewer may see it: see [`change`](Self::change).
    pub(super) fn image(&self, row: Map<String, Value>) -> Map<String, Value> {
        if self.grant.hides_values() { hide_all(row) } else { row }
    }

    /// The transaction as this viewer may see it. What the application adds freely may hold values.
    pub(super) fn transaction_of(&self, transaction: Transaction) -> Transaction {
        let mut transaction = transaction;
        if self.grant.hides_values() {
            transaction.meta = None;
        }
        transaction
    }

    /// The action as this viewer may see it.
    pub(super) fn action(&self, action: ActionRecord) -> ActionRecord {
        let mut action = action;
        if self.grant.hides_values() {
            action.meta = None;
        }
        action
    }

    /// What is known of a column besides its values.
    pub(crate) fn facts(&self, table: &TableName, column: &str) -> Facts<'_> {
        let spec = self.site.registry.get(table);
        let redaction = ColumnName::new(column)
            .ok()
            .and_then(|column| spec.and_then(|spec| spec.redactions().get(&column)));
        Facts { redaction, is_hidden: self.grant.hides_values(), ..Facts::default() }
    }
}

fn hidden_key(key: &str, value: &str) -> FilterProblem {
    let why = "you may not see values, so you cannot search for them; search by `changed`, which names \
               a column";
    FilterProblem::new(key, value, why)
}

/// The change without its values; which columns there are is kept.
fn hide(mut change: Change) -> Change {
    change.data_after = change.data_after.map(hide_all);
    change.changed_from = change.changed_from.map(hide_all);
    change
}

fn hide_all(row: Map<String, Value>) -> Map<String, Value> {
    row.into_iter().map(|(column, _)| (column, Value::Null)).collect()
}
