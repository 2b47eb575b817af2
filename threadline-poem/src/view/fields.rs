//! A change as a list of columns, for the components to show.

use serde_json::{Map, Value};
use threadline::{Change, Operation, Redaction};

use super::cell::{Cell, Facts};

/// One column on two occasions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FieldDiff {
    /// The column.
    pub(crate) name: String,
    pub(crate) before: Cell,
    pub(crate) after: Cell,
    /// Whether it changed. A masked column may have: its two placeholders are the same.
    pub(crate) is_changed: bool,
    /// Whether it is of the table's key.
    pub(crate) is_key: bool,
    /// Where the changes of this column alone are.
    pub(crate) href: Option<String>,
}

impl FieldDiff {
    /// A column that changed.
    pub(crate) fn changed(name: impl Into<String>, before: Cell, after: Cell) -> Self {
        Self { name: name.into(), before, after, is_changed: true, is_key: false, href: None }
    }

    /// A column that stayed as it was.
    pub(crate) fn unchanged(name: impl Into<String>, value: Cell) -> Self {
        Self {
            before: value.clone(),
            is_changed: false,
            ..Self::changed(name, Cell::Absent, value)
        }
    }

    #[must_use]
    pub(crate) fn linked(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

/// What a change holds of its row.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Images<'a> {
    pub(crate) op: Operation,
    pub(crate) before: Option<&'a Map<String, Value>>,
    pub(crate) after: Option<&'a Map<String, Value>>,
    /// The columns that an update changed.
    pub(crate) changed: &'a [String],
}

impl<'a> From<&'a Change> for Images<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            op: change.op,
            before: change.changed_from.as_ref(),
            after: change.data_after.as_ref(),
            changed: &change.changed_fields,
        }
    }
}

/// The columns of a change: those in `order` first and in that order, then the others by name. An insert
/// has nothing before and a delete nothing after, and every column of both is one that changed. `facts`
/// says what is known of a column.
pub(crate) fn fields_of<'a, 'c>(
    change: impl Into<Images<'c>>,
    order: &[String],
    facts: impl Fn(&str) -> Facts<'a>,
) -> Vec<FieldDiff> {
    let change = change.into();
    let empty = Map::new();
    let (before, after) = (change.before.unwrap_or(&empty), change.after.unwrap_or(&empty));
    let known = |name: &str| {
        before.contains_key(name)
            || after.contains_key(name)
            || change.changed.iter().any(|changed| changed == name)
            || is_excluded(&facts(name))
    };
    let others = after.keys().chain(before.keys()).chain(change.changed);
    let names = names(order, others, known);
    let field = |name: &&String| {
        let facts = facts(name);
        FieldDiff { is_key: facts.is_key, ..field(&change, name, &facts) }
    };
    names.iter().map(field).collect()
}

fn field(change: &Images<'_>, name: &str, facts: &Facts<'_>) -> FieldDiff {
    let was = change.before.and_then(|row| row.get(name));
    let now = Cell::of(change.after.and_then(|row| row.get(name)), facts);
    if change.op != Operation::Update {
        let was = Cell::of(was, facts);
        let is_changed = !is_excluded(facts);
        return FieldDiff { is_changed, ..FieldDiff::changed(name, was, now) };
    }
    if !change.changed.iter().any(|changed| changed == name) {
        return FieldDiff::unchanged(name, now);
    }
    let is_unknown = was.is_none() && !is_excluded(facts);
    let was = if is_unknown { Cell::Unknown } else { Cell::of(was, facts) };
    FieldDiff::changed(name, was, now)
}

/// The columns of two versions of a row, `None` where there is no row: in the same order.
pub(crate) fn fields_between<'a>(
    before: Option<&Map<String, Value>>,
    after: Option<&Map<String, Value>>,
    order: &[String],
    facts: impl Fn(&str) -> Facts<'a>,
) -> Vec<FieldDiff> {
    let empty = Map::new();
    let (before, after) = (before.unwrap_or(&empty), after.unwrap_or(&empty));
    let known = |name: &str| {
        before.contains_key(name) || after.contains_key(name) || is_excluded(&facts(name))
    };
    let field = |name: &&String| {
        let (was, now) = (before.get(*name), after.get(*name));
        let facts = facts(name);
        let both = FieldDiff::changed(*name, Cell::of(was, &facts), Cell::of(now, &facts));
        FieldDiff { is_changed: was != now, is_key: facts.is_key, ..both }
    };
    names(order, after.keys().chain(before.keys()), known).iter().map(field).collect()
}

fn names<'a>(
    order: &'a [String],
    others: impl Iterator<Item = &'a String>,
    known: impl Fn(&str) -> bool,
) -> Vec<&'a String> {
    let mut others: Vec<&String> = others.filter(|name| !order.contains(name)).collect();
    others.sort();
    others.dedup();
    order.iter().filter(|name| known(name)).chain(others).collect()
}

fn is_excluded(facts: &Facts<'_>) -> bool {
    matches!(facts.redaction, Some(Redaction::Exclude))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    fn names_of(fields: &[FieldDiff]) -> Vec<(&str, bool)> {
        fields.iter().map(|field| (field.name.as_str(), field.is_changed)).collect()
    }

    #[test]
    fn an_update_is_told_in_the_order_of_the_table() {
        let after = object(json!({"id": 1, "total": 5, "status": "paid", "zone": null}));
        let before = object(json!({"status": "open"}));
        let changed = ["status".to_owned(), "total".to_owned()];
        let update = Images {
            op: Operation::Update,
            before: Some(&before),
            after: Some(&after),
            changed: &changed,
        };
        let order = ["id", "secret", "gone", "status"].map(str::to_owned);
        let facts = |name: &str| Facts {
            redaction: (name == "secret").then_some(&Redaction::Exclude),
            ..Facts::default()
        };
        let fields = fields_of(update, &order, facts);
        assert_eq!(
            names_of(&fields),
            [("id", false), ("secret", false), ("status", true), ("total", true), ("zone", false)]
        );
        assert_eq!(fields[1].after, Cell::Excluded);
        assert_eq!(fields[2].before, Cell::Text("open".to_owned()));
        assert_eq!(fields[3].before, Cell::Unknown);
        assert_eq!(fields[4].after, Cell::Null);
    }

    #[test]
    fn an_insert_has_nothing_before_and_a_delete_nothing_after() {
        let row = object(json!({"id": 1}));
        let insert =
            Images { op: Operation::Insert, before: None, after: Some(&row), changed: &[] };
        let field = &fields_of(insert, &[], |_| Facts::default())[0];
        assert_eq!((&field.before, field.is_changed), (&Cell::Absent, true));
        let delete = Images { op: Operation::Delete, before: Some(&row), after: None, ..insert };
        let field = &fields_of(delete, &[], |_| Facts::default())[0];
        assert_eq!((&field.before, &field.after), (&Cell::Number("1".to_owned()), &Cell::Absent));
    }

    #[test]
    fn two_versions_tell_a_null_from_a_column_that_is_not_there() {
        let (before, after) = (object(json!({"a": 1})), object(json!({"a": 1, "b": null})));
        let fields = fields_between(Some(&before), Some(&after), &[], |_| Facts::default());
        assert_eq!(names_of(&fields), [("a", false), ("b", true)]);
        assert_eq!((&fields[1].before, &fields[1].after), (&Cell::Absent, &Cell::Null));
    }
}
