//! Which CTEs a name can mean at a place.

use sqlparser::ast::{Query, SetExpr};

use super::name::folded;
use super::position;

/// The queries around a place, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes(Vec<Scope>);

#[derive(Debug)]
struct Scope {
    /// The CTEs of the query, and where their queries are.
    names: Vec<String>,
    queries: Vec<*const Query>,
    /// Which of them say `*`.
    stars: Vec<bool>,
    recursive: bool,
    /// The CTE in whose query the place is, if it is in one.
    current: Option<usize>,
}

impl Scopes {
    pub(super) fn enter(&mut self, query: &Query) {
        if let Some(around) = self.0.last_mut() {
            let is_this = |other: &*const Query| std::ptr::eq(*other, query);
            around.current = around.queries.iter().position(is_this);
        }
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        let (names, queries) =
            ctes.map(|cte| (folded(&cte.alias.name), std::ptr::from_ref(&*cte.query))).unzip();
        let ctes = query.with.iter().flat_map(|with| &with.cte_tables);
        let stars = ctes.map(|cte| position::has_star(&cte.query.body)).collect();
        let recursive = query.with.as_ref().is_some_and(|with| with.recursive);
        self.0.push(Scope { names, queries, stars, recursive, current: None });
    }

    pub(super) fn leave(&mut self, _: &Query) {
        self.0.pop();
        if let Some(around) = self.0.last_mut() {
            around.current = None;
        }
    }

    /// Whether `name` means a CTE. Without RECURSIVE a CTE sees only those before it, and its own name
    /// means the table.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|scope| {
            let visible = match scope.current {
                Some(current) if !scope.recursive => current,
                _ => scope.names.len(),
            };
            scope.names.iter().take(visible).any(|other| other == name)
        })
    }

    /// Whether a CTE of that name, wherever it is, has columns of which nobody said which they are.
    pub(super) fn has_star(&self, name: &str) -> bool {
        let all = self.0.iter().flat_map(|scope| scope.names.iter().zip(&scope.stars));
        all.into_iter().any(|(other, has_star)| other == name && *has_star)
    }

    /// Whether the place is in a CTE that may call itself.
    pub(super) fn in_recursion(&self) -> bool {
        self.0.iter().any(|scope| scope.recursive && scope.current.is_some())
    }
}

/// Whether a query says behind parentheses what PostgreSQL takes for a part of what is in them, with the
/// CTEs that are there: `(WITH … SELECT …) ORDER BY …`.
pub(super) fn goes_on_outside(query: &Query) -> bool {
    let goes_on = query.order_by.is_some() || query.limit_clause.is_some() || query.fetch.is_some();
    let mut body = &*query.body;
    while let SetExpr::Query(inner) = body {
        if goes_on && inner.with.is_some() {
            return true;
        }
        body = &*inner.body;
    }
    false
}
