//! A table's rows, rebuilt from the trail alone.
//!
//! While they are rebuilt, each change is held against the row as it was just before it: an insert
//! finds no row, an update and a delete find exactly the one that they say they found.

use std::collections::{BTreeMap, BTreeSet};

use crate::parts::EXTRA;
use crate::story::{Attached, Event, Names, Stored, Story, UNKNOWN};
use crate::trail::{Change, Document, Op};

/// A row's key: the values of its columns in the order of the key, as JSON.
pub(crate) type Key = Vec<String>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Known(String),
    /// Redacted when it was recorded, or in a quiet column, whose changes need not be recorded.
    Hidden,
}

/// A row by the numbers of its columns, which survive a renaming.
pub(crate) type Row = BTreeMap<i16, Value>;

#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) key: Key,
    /// The number of the change in the trail.
    pub(crate) change: Option<i64>,
    pub(crate) what: String,
}

pub(crate) struct Rebuilt<'a> {
    story: &'a Story,
    pub(crate) names: Names,
    attached: Attached,
    pub(crate) rows: BTreeMap<Key, Row>,
}

/// A change and whether its transaction kept one snapshot to its end.
pub(crate) type Seen<'a> = (&'a Change, bool);

impl<'a> Rebuilt<'a> {
    /// What the table held after `changes` and `events`, each in order.
    pub(crate) fn from(
        story: &'a Story,
        changes: impl IntoIterator<Item = Seen<'a>>,
        is_visible: impl Fn(&Event) -> bool,
    ) -> Result<Self, Wrong> {
        let mut events = story.events.iter().filter(|event| is_visible(event)).peekable();
        let attached = story.events[0].attached.clone().expect("the first event attaches");
        let mut rebuilt = Self { story, names: Names::new(), attached, rows: BTreeMap::new() };
        for (change, keeps_snapshot) in changes {
            while let Some(event) = events.next_if(|event| event.position < change.id) {
                rebuilt.pass(event);
            }
            rebuilt.apply(change, keeps_snapshot)?;
        }
        events.for_each(|event| rebuilt.pass(event));
        Ok(rebuilt)
    }

    /// What a change of the schema does to the rows that are there, of which the trail says nothing.
    fn pass(&mut self, event: &Event) {
        if let Some(names) = &event.names {
            self.names.clone_from(names);
        }
        if let Some(attached) = &event.attached {
            self.attached = attached.clone();
        }
        let quiet: Vec<i16> = self
            .names
            .iter()
            .filter(|(_, name)| self.attached.is_quiet(name))
            .map(|(number, _)| *number)
            .collect();
        for row in self.rows.values_mut() {
            if let Some((number, value)) = &event.filled {
                row.insert(*number, Value::Known(value.clone()));
            }
            if let Some(Value::Known(value)) = event.quoted.and_then(|number| row.get_mut(&number))
                && value != "null"
            {
                *value = format!("\"{value}\"");
            }
            for number in &quiet {
                row.insert(*number, Value::Hidden);
            }
        }
    }

    fn apply(&mut self, change: &Change, keeps_snapshot: bool) -> Result<(), Wrong> {
        if change.op == Op::Truncate {
            self.rows.clear();
            return Ok(());
        }
        let key = self.key(change)?;
        let wrong = |what: String| Wrong { key: key.clone(), change: Some(change.id), what };
        let old = self.rows.get(&key);
        let found = match (change.op, old) {
            (Op::Insert, Some(_)) => Err("an insert of a row that is there".to_owned()),
            (Op::Update | Op::Delete, None) => {
                Err("a change of a row that is not there".to_owned())
            }
            (Op::Insert | Op::Truncate, None) => Ok(()),
            (Op::Delete, Some(old)) => self.check_last(change, old, keeps_snapshot),
            (_, Some(old)) => self.check_difference(change, old, keeps_snapshot),
        };
        found.map_err(wrong)?;
        if change.op == Op::Delete {
            self.rows.remove(&key);
            return Ok(());
        }
        let after = change.after.as_ref().ok_or_else(|| wrong("no row after it".to_owned()))?;
        let row = self.row(after, keeps_snapshot).map_err(wrong)?;
        // A key column that was renamed since is masked in the row, if the table has any redaction.
        let is_same = |(number, said): (&i16, &String)| match row.get(number) {
            Some(Value::Known(value)) => plain_number(value) == *said,
            found => found.is_some(),
        };
        if !self.story.key.iter().zip(&key).all(is_same) {
            return Err(wrong(format!("its row has another key: {row:?}")));
        }
        self.rows.insert(key, row);
        Ok(())
    }

    fn key(&self, change: &Change) -> Result<Key, Wrong> {
        let values = change.key.as_ref().filter(|key| key.len() == self.attached.key.len());
        let value = |name: &String| values.and_then(|values| values.get(name));
        let key: Option<Key> =
            self.attached.key.iter().map(|name| value(name).map(|v| plain_number(v))).collect();
        key.ok_or_else(|| Wrong {
            key: Key::new(),
            change: Some(change.id),
            what: format!("its key is {:?}, not of {:?}", change.key, self.attached.key),
        })
    }

    /// What a document says of each column, after checking that it has what it should have.
    fn row(&self, document: &Document, keeps_snapshot: bool) -> Result<Row, String> {
        let mut row = Row::new();
        let mut expected = 0;
        for (number, name) in &self.names {
            let found = document.get(name);
            let value = self.value(*number, name, found, keeps_snapshot)?;
            expected += usize::from(found.is_some());
            row.insert(*number, value);
        }
        let of_child = usize::from(document.contains_key(EXTRA));
        if expected + of_child == document.len() {
            return Ok(row);
        }
        let known: BTreeSet<&String> = self.names.iter().map(|(_, name)| name).collect();
        let strange: Vec<_> = document.keys().filter(|name| !known.contains(name)).collect();
        Err(format!("columns that the table does not have: {strange:?}"))
    }

    fn value(
        &self,
        number: i16,
        name: &str,
        found: Option<&String>,
        keeps_snapshot: bool,
    ) -> Result<Value, String> {
        match (self.attached.stored(number, name), found) {
            (Stored::Absent, None) => Ok(Value::Hidden),
            (Stored::Fixed(text), Some(found)) if found == text => Ok(Value::Hidden),
            // A transaction that has an old snapshot sees the policy of its beginning, which may not
            // know the column yet: then it is masked, which is the safe side.
            (Stored::Plain, Some(found))
                if keeps_snapshot && found == UNKNOWN && self.attached.redacts() =>
            {
                Ok(Value::Hidden)
            }
            (Stored::Plain, Some(_)) if self.attached.is_quiet(name) => Ok(Value::Hidden),
            (Stored::Plain, Some(found)) => Ok(Value::Known(found.clone())),
            (stored, found) => Err(format!("column {name:?} is {found:?}, expected {stored:?}")),
        }
    }

    /// A delete keeps the whole last row.
    fn check_last(&self, change: &Change, old: &Row, keeps: bool) -> Result<(), String> {
        let last = change.before.as_ref().ok_or("no last row")?;
        for (number, value) in self.row(last, keeps)? {
            if is_other(old.get(&number), &value) {
                let was = old.get(&number);
                return Err(format!("column {number} was {was:?}, and its last row has {value:?}"));
            }
        }
        Ok(())
    }

    /// An update names the columns that changed, and what they held before.
    fn check_difference(&self, change: &Change, old: &Row, keeps: bool) -> Result<(), String> {
        let (Some(after), Some(fields), Some(before)) =
            (&change.after, &change.fields, &change.before)
        else {
            return Err("an update without its parts".to_owned());
        };
        let new = self.row(after, keeps)?;
        if !before.keys().eq(fields.iter()) {
            return Err(format!("it names {fields:?} and keeps {:?}", before.keys()));
        }
        let may_be_empty =
            self.attached.records_noop || self.attached.excludes() || self.story.has_json;
        if fields.is_empty() && !may_be_empty {
            return Err("an update of nothing".to_owned());
        }
        for (number, name) in &self.names {
            let (was, is) = (old.get(number), new.get(number));
            match before.get(name) {
                None if is.is_some_and(|is| is_other(was, is)) => {
                    return Err(format!("column {name:?} was {was:?}, is {is:?}, is not named"));
                }
                None => {}
                found => {
                    let said = self.value(*number, name, found, keeps)?;
                    if is_other(was, &said) {
                        return Err(format!("column {name:?} was {was:?}, said to be {said:?}"));
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_other(left: Option<&Value>, right: &Value) -> bool {
    match (left, right) {
        (Some(Value::Known(left)), Value::Known(right)) => left != right,
        (None, _) => true,
        _ => false,
    }
}

/// 1.0 and 1.00 are one key.
pub(crate) fn plain_number(json: &str) -> String {
    let is_fraction = json.contains('.') && !json.starts_with('"');
    let trimmed = json.trim_end_matches('0').trim_end_matches('.');
    if is_fraction { trimmed.to_owned() } else { json.to_owned() }
}
