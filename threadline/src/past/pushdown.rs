//! Which rows of a table can matter in a place, where the statement says it by their key.
//!
//! A condition that every row of the result must meet (in WHERE, or ON an inner join) holds whatever the
//! joins around it are: a row that an outer join made up is null in it. What an outer join is ON bounds
//! only the side that it may leave out.

use std::collections::HashMap;

use sqlparser::ast::{
    BinaryOperator, Expr, Ident, JoinConstraint, JoinOperator, Select, TableFactor, TableWithJoins,
    UnaryOperator, Value,
};

use super::name::{folded, parts};
use crate::audited::{KeyColumn, KeyKind, Shapes};
use crate::spec::TableName;

/// More keys than these are looked up by a pass over the table.
const MOST_KEYS: usize = 10_000;

/// A place in a statement where a table is named.
pub(super) type Place = *const TableFactor;

/// The keys of which a row must have one to matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// These: each has one SQL expression for each column of the key.
    Keys(Vec<Vec<String>>),
    /// Those in these columns of what is read in another place, which has a bound itself.
    In { place: Place, columns: Vec<String> },
}

/// The bounds of the tables in the queries that were looked at.
pub(super) struct Bounds<'s> {
    shapes: &'s Shapes,
    found: HashMap<Place, Bound>,
}

/// A table in a FROM, and the conditions that its rows must meet to matter.
struct Named<'a> {
    place: Place,
    alias: String,
    key: &'a [KeyColumn],
    conditions: Vec<&'a Expr>,
}

impl<'s> Bounds<'s> {
    pub(super) fn new(shapes: &'s Shapes) -> Self {
        Self { shapes, found: HashMap::new() }
    }

    pub(super) fn take(&mut self, factor: &TableFactor) -> Option<Bound> {
        self.found.remove(&std::ptr::from_ref(factor))
    }

    /// Looks for the bounds of the tables in the FROM of one query.
    pub(super) fn look_at(&mut self, select: &Select) {
        let mut from = From { shapes: self.shapes, named: Vec::new(), count: 0, all: Vec::new() };
        for joined in &select.from {
            from.add(joined);
        }
        from.all.extend(select.selection.iter().flat_map(conjuncts));
        let is_alone = from.count == 1;
        let bounded = |named: &Named<'_>| {
            let conditions = from.all.iter().chain(&named.conditions).copied();
            let same: Vec<_> = conditions.filter_map(|expr| equal(expr, named, is_alone)).collect();
            keys(named.key, &same).map(Bound::Keys)
        };
        for named in &from.named {
            if let Some(bound) = bounded(named) {
                self.found.insert(named.place, bound);
            }
        }
        self.follow_joins(&from);
    }

    /// A table that is joined by its key to one that has a bound has one, too.
    fn follow_joins(&mut self, from: &From<'_>) {
        loop {
            let known = self.found.len();
            for named in &from.named {
                if !self.found.contains_key(&named.place)
                    && let Some(bound) = self.joined(named, from)
                {
                    self.found.insert(named.place, bound);
                }
            }
            if self.found.len() == known {
                return;
            }
        }
    }

    fn joined(&self, named: &Named<'_>, from: &From<'_>) -> Option<Bound> {
        let others = from.named.iter().filter(|other| self.found.contains_key(&other.place));
        others.filter(|other| other.place != named.place).find_map(|other| {
            let conditions = || from.all.iter().chain(&named.conditions).copied();
            let column = |key: &KeyColumn| {
                conditions().find_map(|expr| joined_column(expr, &named.alias, key, &other.alias))
            };
            let columns = named.key.iter().map(column).collect::<Option<Vec<_>>>()?;
            (!columns.is_empty()).then_some(Bound::In { place: other.place, columns })
        })
    }
}

/// The tables of a FROM that have an alias to be spoken of.
struct From<'a> {
    shapes: &'a Shapes,
    named: Vec<Named<'a>>,
    /// How many things of any kind there are in the FROM.
    count: usize,
    /// What every row of the result must meet.
    all: Vec<&'a Expr>,
}

impl<'a> From<'a> {
    fn add(&mut self, joined: &'a TableWithJoins) {
        self.add_factor(&joined.relation, Vec::new());
        for join in &joined.joins {
            let mut own = Vec::new();
            match &join.join_operator {
                JoinOperator::Join(JoinConstraint::On(on))
                | JoinOperator::Inner(JoinConstraint::On(on)) => self.all.extend(conjuncts(on)),
                JoinOperator::Left(JoinConstraint::On(on))
                | JoinOperator::LeftOuter(JoinConstraint::On(on)) => own = conjuncts(on),
                _ => {}
            }
            self.add_factor(&join.relation, own);
        }
    }

    fn add_factor(&mut self, factor: &'a TableFactor, conditions: Vec<&'a Expr>) {
        self.count += 1;
        match factor {
            TableFactor::NestedJoin { table_with_joins, alias: None } => self.add(table_with_joins),
            TableFactor::Table { name, alias, args: None, .. } => {
                let Some(names) = parts(name) else { return };
                let table = match names.as_slice() {
                    [name] => TableName::new("public", name),
                    [schema, name] => TableName::new(schema, name),
                    _ => return,
                };
                let shape = table.ok().and_then(|table| self.shapes.get(&table));
                // Columns that are renamed are other columns.
                let alias = match alias {
                    Some(alias) if !alias.columns.is_empty() => return,
                    Some(alias) => folded(&alias.name),
                    None => names.last().cloned().unwrap_or_default(),
                };
                if let Some(shape) = shape.filter(|shape| !shape.key.is_empty()) {
                    let place = std::ptr::from_ref(factor);
                    self.named.push(Named { place, alias, key: &shape.key, conditions });
                }
            }
            _ => {}
        }
    }
}

/// What an expression is the AND of.
fn conjuncts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Nested(inner) => conjuncts(inner),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            let mut all = conjuncts(left);
            all.extend(conjuncts(right));
            all
        }
        other => vec![other],
    }
}

/// Columns of a key, and the values of which they must have one: a value for each column in each.
type Same = (Vec<String>, Vec<Vec<String>>);

/// What an expression says of the key of a table, if it says that it is one of some values.
fn equal(expr: &Expr, named: &Named<'_>, is_alone: bool) -> Option<Same> {
    let (columns, values) = match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            let (columns, value) = match columns(left, &named.alias, is_alone) {
                Some(columns) => (columns, right),
                None => (columns(right, &named.alias, is_alone)?, left),
            };
            (columns, vec![&**value])
        }
        Expr::InList { expr, list, negated: false } => {
            (columns(expr, &named.alias, is_alone)?, list.iter().collect())
        }
        _ => return None,
    };
    let kinds: Option<Vec<KeyKind>> = columns
        .iter()
        .map(|column| Some(named.key.iter().find(|key| key.name == *column)?.kind))
        .collect();
    let kinds = kinds?;
    let values: Option<Vec<_>> = values.into_iter().map(|value| tuple(value, &kinds)).collect();
    Some((columns, values?))
}

/// The columns that an expression is, in the table that is called `alias`.
fn columns(expr: &Expr, alias: &str, is_alone: bool) -> Option<Vec<String>> {
    match expr {
        Expr::Nested(inner) => columns(inner, alias, is_alone),
        Expr::Tuple(parts) => {
            parts.iter().map(|part| column(part, alias, is_alone)).collect::<Option<_>>()
        }
        _ => column(expr, alias, is_alone).map(|column| vec![column]),
    }
}

fn column(expr: &Expr, alias: &str, is_alone: bool) -> Option<String> {
    match expr {
        Expr::Nested(inner) => column(inner, alias, is_alone),
        Expr::Identifier(ident) if is_alone => Some(folded(ident)),
        Expr::CompoundIdentifier(idents) => of_table(idents, alias),
        _ => None,
    }
}

fn of_table(idents: &[Ident], alias: &str) -> Option<String> {
    match idents {
        [table, column] if folded(table) == alias => Some(folded(column)),
        _ => None,
    }
}

fn tuple(expr: &Expr, kinds: &[KeyKind]) -> Option<Vec<String>> {
    match (expr, kinds) {
        (Expr::Nested(inner), _) => tuple(inner, kinds),
        (Expr::Tuple(parts), _) if parts.len() == kinds.len() => {
            parts.iter().zip(kinds).map(|(part, kind)| value(part, *kind)).collect()
        }
        (_, [kind]) => value(expr, *kind).map(|value| vec![value]),
        _ => None,
    }
}

/// A value that is the same for every row, and no error that the statement would not make.
fn value(expr: &Expr, kind: KeyKind) -> Option<String> {
    match expr {
        Expr::Nested(inner) => value(inner, kind),
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } if kind == KeyKind::Integer => {
            // Two of them would begin a comment.
            value(expr, kind)
                .filter(|value| !value.starts_with('-'))
                .map(|value| format!("-{value}"))
        }
        Expr::Value(found) => match (&found.value, kind) {
            (Value::Placeholder(name), _) => Some(name.clone()),
            (Value::Number(digits, false), KeyKind::Integer)
                if digits.len() < 18 && digits.bytes().all(|byte| byte.is_ascii_digit()) =>
            {
                Some(digits.clone())
            }
            _ => None,
        },
        _ => None,
    }
}

/// The keys of a table that fit all that is said of its columns, if that says something of each.
fn keys(key: &[KeyColumn], same: &[Same]) -> Option<Vec<Vec<String>>> {
    let mut keys: Vec<Vec<String>> = vec![Vec::new()];
    let mut position = 0;
    while position < key.len() {
        let rest = &key[position..];
        let (columns, values) = same.iter().find(|(columns, _)| {
            columns.len() <= rest.len()
                && columns.iter().all(|name| rest[..columns.len()].iter().any(|k| k.name == *name))
        })?;
        if keys.len().saturating_mul(values.len()) > MOST_KEYS {
            return None;
        }
        let in_order = |values: &Vec<String>| -> Option<Vec<String>> {
            rest[..columns.len()]
                .iter()
                .map(|k| {
                    let at = columns.iter().position(|name| *name == k.name)?;
                    values.get(at).cloned()
                })
                .collect()
        };
        let values = values.iter().map(in_order).collect::<Option<Vec<_>>>()?;
        keys = (keys.iter())
            .flat_map(|begun| values.iter().map(move |more| [begun.as_slice(), more].concat()))
            .collect();
        position += columns.len();
    }
    (!key.is_empty()).then_some(keys)
}

/// The column of `other` that an expression says to be the same as a column of a key.
fn joined_column(expr: &Expr, alias: &str, key: &KeyColumn, other: &str) -> Option<String> {
    let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = expr else { return None };
    let is_key = |expr: &Expr| column(expr, alias, false).is_some_and(|name| name == key.name);
    if is_key(left) {
        column(right, other, false)
    } else if is_key(right) {
        column(left, other, false)
    } else {
        None
    }
}
