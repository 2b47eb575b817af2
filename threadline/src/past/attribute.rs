//! Names behind a dot that may be functions: to PostgreSQL `x.f` is `f(x)` if `x` has no column `f`.

use std::collections::BTreeSet;

use sqlparser::ast::{AccessExpr, Expr, Ident, TableAlias, TableFactor};

use super::function;
use super::name::{folded, parts};

/// Why a statement cannot be asked that may call a function so.
pub(super) const WHY: &str = "what stands behind the dot in `(…).name`, or in the name of a function's \
                              rows, may be a function that reads rows as they are now";

/// The columns of PostgreSQL's own functions that give rows.
const COLUMNS: [&str; 7] = ["key", "value", "ordinality", "lexeme", "positions", "weights", "word"];

/// What has been seen of them in a statement.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// What the rows of functions are called in a FROM, and the columns that are named there.
    functions: BTreeSet<String>,
    columns: BTreeSet<(String, String)>,
    /// What is named as a column of something.
    named: BTreeSet<(String, String)>,
}

impl Attributes {
    /// Whether an expression calls nothing that nobody looked at.
    pub(super) fn expression(&mut self, expr: &Expr) -> bool {
        match expr {
            Expr::CompoundFieldAccess { access_chain, .. } => access_chain.iter().all(|access| {
                let AccessExpr::Dot(Expr::Identifier(name)) = access else {
                    return matches!(access, AccessExpr::Subscript(_));
                };
                is_column(&folded(name))
            }),
            Expr::CompoundIdentifier(idents) => {
                if let [.., of, name] = idents.as_slice() {
                    self.named.insert((folded(of), folded(name)));
                }
                true
            }
            _ => true,
        }
    }

    /// The rows of a function may be plain values, and a function of such a value may be anything.
    pub(super) fn factor(&mut self, factor: &TableFactor) {
        let (alias, name) = match factor {
            TableFactor::Table { alias, name, args: Some(_), .. }
            | TableFactor::Function { alias, name, .. } => (alias, parts(name)),
            TableFactor::UNNEST { alias, .. } => (alias, Some(vec!["unnest".to_owned()])),
            _ => return,
        };
        match alias {
            Some(TableAlias { name, columns, .. }) => {
                let called = folded(name);
                let columns = columns.iter().map(|column| (called.clone(), folded(&column.name)));
                self.columns.extend(columns);
                self.functions.insert(called);
            }
            None => self.functions.extend(name.and_then(|mut parts| parts.pop())),
        }
    }

    /// Whether all that was named is a column.
    pub(super) fn are_columns(&self) -> bool {
        self.named
            .iter()
            .filter(|(of, _)| self.functions.contains(of))
            .all(|named| named.0 == named.1 || is_column(&named.1) || self.columns.contains(named))
    }
}

/// A column, or a function that may be called.
fn is_column(name: &str) -> bool {
    COLUMNS.contains(&name) || function::is_harmless_name(name)
}

/// Whether `name` is the word of `FROM ONLY t`, which the parser takes for a table of that name.
pub(super) fn is_only(name: &[&Ident]) -> bool {
    matches!(name, [word] if word.quote_style.is_none() && word.value.eq_ignore_ascii_case("only"))
}
