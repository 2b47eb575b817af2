//! Columns that a statement tells by their place and not by their name.
//!
//! The past of a table has the columns of its entity, in the order of the entity, which need not be that
//! of the table. A name finds its column all the same; a place might find another one, and so is refused.

use sqlparser::ast::{Query, SelectItem, SetExpr, TableAlias};

/// Why a statement cannot be asked, if it counts columns.
pub(super) const WHY: &str = "it names columns by their place, and the past of a table may have them \
                              in another order; write their names where it says `*`";

/// Whether `alias` gives new names to columns of which nobody said which they are.
pub(super) fn renames_stars(alias: Option<&TableAlias>, query: &Query) -> bool {
    alias.is_some_and(|alias| !alias.columns.is_empty()) && has_star(&query.body)
}

/// Whether one side of a UNION or the like says which columns it has, and the other does not.
pub(super) fn mixes_stars(query: &Query) -> bool {
    mixes(&query.body)
}

fn mixes(body: &SetExpr) -> bool {
    match body {
        SetExpr::SetOperation { left, right, .. } => {
            has_star(left) != has_star(right) || mixes(left) || mixes(right)
        }
        _ => false,
    }
}

pub(super) fn has_star(body: &SetExpr) -> bool {
    match body {
        SetExpr::Select(select) => select.projection.iter().any(|item| {
            matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
        }),
        SetExpr::Query(query) => has_star(&query.body),
        SetExpr::SetOperation { left, right, .. } => has_star(left) || has_star(right),
        _ => false,
    }
}
