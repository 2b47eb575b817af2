//! Which CTEs a name can mean at a place.

use sqlparser::ast::Query;

use super::name::folded;

/// The queries around a place, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Scopes(Vec<Scope>);

#[derive(Debug)]
struct Scope {
    /// The CTEs of the query, and where their queries are.
    names: Vec<String>,
    queries: Vec<*const Query>,
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
        let recursive = query.with.as_ref().is_some_and(|with| with.recursive);
        self.0.push(Scope { names, queries, recursive, current: None });
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

    /// Whether the place is in a CTE that may call itself.
    pub(super) fn in_recursion(&self) -> bool {
        self.0.iter().any(|scope| scope.recursive && scope.current.is_some())
    }
}
