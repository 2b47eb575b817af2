//! Two versions of one row, wherever they lie in its history.

use serde::Serialize;

use super::difference::fields;
use crate::model::{FieldChange, Operation};
use crate::query::change::found;
use crate::query::timeline::TimelineEntry;
use crate::{Error, TrailSource};

/// Two changes of one row, and how the row differs after them: [`change_pair`] makes it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ChangePair {
    /// The first one that was named, with who made it. The whole row as it stood after it is in
    /// `change.data_after`; after a delete and a truncate there was none.
    pub one: TimelineEntry,
    /// The second one that was named.
    pub other: TimelineEntry,
    /// The columns in which the row after `other` differs from the row after `one`, sorted by name, with the
    /// values of `one` as `before`. A side on which the row or the column was not there has no value;
    /// `before_is` and `after_is` tell hashes and sizes from values.
    pub fields: Vec<FieldChange>,
}

/// Any two versions of a row, by the numbers of their changes, as they are stored: after redaction. They are
/// compared by what they say, so that 1.0 is 1.00, and need not be in order, nor neighbours.
///
/// A truncate ends every row of its table, so it can stand for the end of any of them.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), threadline::Error> {
/// for field in threadline::change_pair(&db, 7, 12).await?.fields {
///     println!("{}: {:?} became {:?}", field.name, field.before, field.after);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::DifferentRows`] if they are not of one row; and those of
/// [`audit_change`](crate::audit_change).
pub async fn change_pair(db: &impl TrailSource, one: i64, other: i64) -> Result<ChangePair, Error> {
    let (row, one) = found(db, one).await?;
    let before: Option<String> = row.try_get("c:", "data_after")?;
    let key: Option<String> = row.try_get("c:", "row_pk")?;
    let (row, other) = found(db, other).await?;
    let after: Option<String> = row.try_get("c:", "data_after")?;
    // As texts: a number may be one that Rust cannot hold.
    let same_key = key == row.try_get("c:", "row_pk")?;
    if !is_one_row(&one, &other, same_key) {
        return Err(Error::DifferentRows { one: one.change.id, other: other.change.id });
    }
    let fields = fields(before.as_deref(), after.as_deref());
    Ok(ChangePair { one, other, fields })
}

fn is_one_row(one: &TimelineEntry, other: &TimelineEntry, same_key: bool) -> bool {
    let has_truncate = [one, other].iter().any(|entry| entry.change.op == Operation::Truncate);
    one.change.table == other.change.table && (same_key || has_truncate)
}
