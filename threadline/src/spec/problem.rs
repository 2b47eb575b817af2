//! How a declaration can contradict itself.

use std::fmt;

use super::ColumnName;

/// One contradiction in what is declared about a table.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SpecProblem {
    /// The column is both excluded and masked.
    ExcludedAndMasked(ColumnName),
    /// The column is masked with two different placeholders.
    TwoPlaceholders(ColumnName),
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
            Self::QuietAndExcluded(column) => write!(
                f,
                "`{column}` is both quiet and excluded; the values of an excluded column are never \
                 compared, so there is nothing to quieten: remove one"
            ),
            Self::RedactedKey(column) => write!(
                f,
                "`{column}` is part of the key; changes could no longer be tied to their row, so \
                 it can be neither excluded nor masked"
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
