//! By what kind of trigger a table is captured.

use serde::{Deserialize, Serialize};

/// By what kind of trigger a table's writes are captured.
///
/// A statement trigger records a whole statement at once, which is the fastest for many rows. A row
/// trigger records each row when it is written: it keeps the order right if another trigger writes the
/// same table again, it fires for logical replication, and partitions that are attached later inherit it.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CaptureMode {
    /// Whichever the catalog asks for when the table is attached.
    #[default]
    Auto,
    /// `AFTER … FOR EACH STATEMENT`, with transition tables.
    Statement,
    /// `AFTER … FOR EACH ROW`, first of the table's row triggers.
    Row,
}

impl CaptureMode {
    /// Whether the choice is left to the catalog.
    pub fn is_auto(&self) -> bool {
        *self == Self::Auto
    }

    /// `auto`, `statement` or `row`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Statement => "statement",
            Self::Row => "row",
        }
    }
}
