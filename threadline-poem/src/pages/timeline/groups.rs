//! The changes of a page, by transaction: what makes a job that wrote thousands of rows readable.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use threadline::{
    ActionRecord, AuditedTable, Change, Count, Operation, RowKey, TableName, TimelineEntry,
    Transaction,
};

use crate::pages::desk::Desk;
use crate::pages::key::key_of;
use crate::pages::shapes::{facts, order};
use crate::view::{Facts, FieldDiff, fields_of};

/// So many changes of a transaction stand in the list; the others are summed up.
pub(super) const SHOWN: usize = 5;

/// One transaction with its changes on the page.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub(super) transaction: Transaction,
    /// What was meant: of the first change that has an action.
    pub(super) action: Option<ActionRecord>,
    /// In the order of the page, at most [`SHOWN`].
    pub(super) rows: Vec<Row>,
    /// What else of it is on the page.
    pub(super) rest: Vec<Rest>,
    /// How many changes of it match, on whatever page; counted only where not all are shown.
    pub(super) all: Option<Count>,
}

impl Group {
    /// The day of its first change, in UTC.
    pub(super) fn day(&self) -> NaiveDate {
        self.transaction.occurred_at.date_naive()
    }

    /// How many of its changes are on the page.
    pub(super) fn on_page(&self) -> u64 {
        self.rows.len() as u64 + self.rest.iter().map(|rest| rest.changes).sum::<u64>()
    }
}

/// One change.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) change: i64,
    pub(super) table: TableName,
    pub(super) key: Option<RowKey>,
    pub(super) op: Operation,
    pub(super) fields: Vec<FieldDiff>,
    /// The columns of the key.
    pub(super) key_columns: Vec<String>,
}

impl Row {
    /// The columns that a line tells of: the key stands before them, and is no news of a row that comes or
    /// goes.
    pub(super) fn told(&self) -> Vec<FieldDiff> {
        let is_news = |field: &&FieldDiff| {
            self.op == Operation::Update || !self.key_columns.contains(&field.name)
        };
        self.fields.iter().filter(is_news).cloned().collect()
    }
}

/// Changes of one kind that are told as one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Rest {
    pub(super) table: TableName,
    pub(super) op: Operation,
    pub(super) changes: u64,
    /// The columns that changed in all of them.
    pub(super) columns: Vec<String>,
}

/// Puts the changes of each transaction together, in the order in which transactions come first.
pub(super) fn grouped(
    desk: &Desk<'_>,
    entries: Vec<TimelineEntry>,
    known: &[AuditedTable],
) -> Vec<Group> {
    let mut order: Vec<i64> = Vec::new();
    let mut by_id: BTreeMap<i64, Vec<TimelineEntry>> = BTreeMap::new();
    for entry in entries {
        let id = entry.transaction.id;
        if !order.contains(&id) {
            order.push(id);
        }
        by_id.entry(id).or_default().push(entry);
    }
    order.iter().filter_map(|id| group(desk, by_id.remove(id)?, known)).collect()
}

fn group(desk: &Desk<'_>, entries: Vec<TimelineEntry>, known: &[AuditedTable]) -> Option<Group> {
    let transaction = entries.first()?.transaction.clone();
    let action = entries.iter().find_map(|entry| entry.action.clone());
    let (shown, others) = entries.split_at(SHOWN.min(entries.len()));
    let rows = shown.iter().map(|entry| row(desk, &entry.change, known)).collect();
    let rest = summed(others.iter().map(|entry| &entry.change));
    Some(Group { transaction, action, rows, rest, all: None })
}

fn row(desk: &Desk<'_>, change: &Change, known: &[AuditedTable]) -> Row {
    let table = known.iter().find(|known| known.table == change.table);
    let facts = |name: &str| {
        let declared = desk.facts(&change.table, name);
        let deployed = facts(table, name, declared.is_hidden);
        Facts { redaction: declared.redaction.or(deployed.redaction), ..deployed }
    };
    Row {
        change: change.id,
        table: change.table.clone(),
        key: key_of(change),
        op: change.op,
        fields: fields_of(change, &order(table), facts),
        key_columns: change.row_pk.iter().flat_map(|key| key.keys().cloned()).collect(),
    }
}

/// Changes by table and operation, with the columns that changed in each of them.
fn summed<'c>(changes: impl Iterator<Item = &'c Change>) -> Vec<Rest> {
    let mut rests: Vec<Rest> = Vec::new();
    for change in changes {
        let same = |rest: &&mut Rest| rest.op == change.op && rest.table == change.table;
        if let Some(rest) = rests.iter_mut().find(same) {
            rest.changes += 1;
            rest.columns.retain(|column| change.changed_fields.contains(column));
        } else {
            rests.push(Rest {
                table: change.table.clone(),
                op: change.op,
                changes: 1,
                columns: change.changed_fields.clone(),
            });
        }
    }
    rests
}
