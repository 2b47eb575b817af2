//! How a declaration can contradict itself.

use std::fmt;

use super::{ColumnName, JsonPath};

/// One contradiction in what is declared about a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SpecProblem {
    /// The column is both excluded and masked.
    ExcludedAndMasked(ColumnName),
    /// The column is masked with two different placeholders.
    TwoPlaceholders(ColumnName),
    /// The column is redacted in two ways.
    TwoRedactions {
        /// The column.
        column: ColumnName,
        /// What it is: the way that stores less.
        stronger: &'static str,
        /// What it is said to be as well.
        weaker: &'static str,
    },
    /// Two paths of a column that is masked in parts do not go together.
    ClashingPaths {
        /// The column.
        column: ColumnName,
        /// One path.
        one: JsonPath,
        /// The other.
        other: JsonPath,
    },
    /// A column is to be masked in parts, and no part is named.
    NoPath(ColumnName),
    /// The column's size is limited, and it is redacted in a way that leaves nothing to limit.
    LimitedAndRedacted {
        /// The column.
        column: ColumnName,
        /// What it is.
        redacted: &'static str,
    },
    /// The column's size is limited to two different numbers of bytes.
    TwoLimits(ColumnName),
    /// The column's size is limited, and it is part of the key.
    LimitedKey(ColumnName),
    /// The column is both quiet and excluded.
    QuietAndExcluded(ColumnName),
    /// The column is redacted and part of the key.
    RedactedKey(ColumnName),
    /// The declared key has no column.
    EmptyKey,
    /// The declared key names the column twice.
    RepeatedKeyColumn(ColumnName),
    /// The table is declared audited, and also named as one to be read live.
    AuditedAndLive,
    /// The table is declared audited, and also named as one that is not.
    AuditedAndExempt,
}

impl fmt::Display for SpecProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ExcludedAndMasked(column) => write!(
                f,
                "`{column}` is both excluded and masked; an excluded column is never stored, so \
                 there is nothing to mask: remove one"
            ),
            Self::TwoPlaceholders(column) => {
                write!(f, "`{column}` is masked with two different placeholders: remove one")
            }
            Self::TwoRedactions { column, stronger, weaker } => {
                write!(f, "`{column}` is both {stronger} and {weaker}: remove one")
            }
            Self::ClashingPaths { column, one, other } if one.contradicts(other) => write!(
                f,
                "`{column}` is masked at `{one}` and at `{other}`; where one expects an array the \
                 other expects an object, so every document would be masked wholly: remove one"
            ),
            Self::ClashingPaths { column, one, other } => write!(
                f,
                "`{column}` is masked at `{one}` and at `{other}`, which lies within it: remove one"
            ),
            Self::NoPath(column) => {
                write!(f, "`{column}` is to be masked in parts, but no path is named: name one")
            }
            Self::LimitedAndRedacted { column, redacted } => write!(
                f,
                "`{column}` is both {redacted} and limited by `max_bytes`; nothing of its values is \
                 stored that could be too large: remove one"
            ),
            Self::TwoLimits(column) => {
                write!(f, "`{column}` is limited to two different numbers of bytes: remove one")
            }
            Self::LimitedKey(column) => write!(
                f,
                "`{column}` is part of the key; changes could no longer be tied to their row, so \
                 it cannot be limited by `max_bytes`"
            ),
            Self::QuietAndExcluded(column) => write!(
                f,
                "`{column}` is both quiet and excluded; the values of an excluded column are never \
                 compared, so there is nothing to quieten: remove one"
            ),
            Self::RedactedKey(column) => write!(
                f,
                "`{column}` is part of the key; changes could no longer be tied to their row, so \
                 it cannot be redacted"
            ),
            Self::EmptyKey => f.write_str("its key has no column: name at least one"),
            Self::RepeatedKeyColumn(column) => {
                write!(f, "its key names `{column}` twice: remove one")
            }
            Self::AuditedAndLive => {
                f.write_str("it is audited, so its past is known: do not name it as live")
            }
            Self::AuditedAndExempt => {
                f.write_str("it is audited, so it needs no exemption: do not name it as exempt")
            }
        }
    }
}
