//! Whether a table holds rows, and how many: asked of the catalog, which takes no right on the table.

use serde::Deserialize;

/// What is known of a table's rows without reading it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Population {
    /// Whether there is anything at all; perhaps only rows that were deleted.
    pub(crate) is_empty: bool,
    /// About how many there are, if the table was ever analyzed.
    #[serde(deserialize_with = "known")]
    pub(crate) estimate: Option<i64>,
}

/// An empty table is estimated at none, which says no more than that it was analyzed.
fn known<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.filter(|rows| *rows > 0))
}
