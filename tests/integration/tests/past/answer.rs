//! What a query answers, as text that can be compared.

use std::fmt::Debug;

use sea_orm::DbErr;

/// The rows of an answer.
pub(crate) type Answer = Result<Vec<String>, DbErr>;

/// The rows in the order in which they came.
pub(crate) fn told<T: Debug>(rows: impl IntoIterator<Item = T>) -> Answer {
    Ok(rows.into_iter().map(|row| format!("{row:?}")).collect())
}

/// The rows of a query that asks for no order.
pub(crate) fn unordered<T: Debug>(rows: impl IntoIterator<Item = T>) -> Answer {
    let mut rows = told(rows)?;
    rows.sort();
    Ok(rows)
}
