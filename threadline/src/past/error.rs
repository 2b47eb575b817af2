//! What the trail's own functions complain of, as errors of this crate.

use sea_orm::{DbErr, RuntimeErr, SqlxError, SqlxPostgresError};
use serde_json::Value;

use crate::Error;
use crate::spec::TableName;

/// The error of a read of the past.
pub(super) fn told(error: DbErr) -> DbErr {
    match ours(&error) {
        Some(ours) => ours.into(),
        None => Error::from_read(error).into(),
    }
}

fn ours(error: &DbErr) -> Option<Error> {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    let SqlxError::Database(error) = &**error else { return None };
    let error = error.try_downcast_ref::<SqlxPostgresError>()?;
    match error.code() {
        "TL001" => drift(error.detail()?),
        "TL002" | "TL003" => {
            let text = match error.hint() {
                Some(hint) => format!("{}; {hint}", error.message()),
                None => error.message().to_owned(),
            };
            Some(Error::BeforeHorizon(text))
        }
        _ => None,
    }
}

fn drift(detail: &str) -> Option<Error> {
    let mut detail: Value = serde_json::from_str(detail).ok()?;
    let mut text = |key: &str| match detail.get_mut(key).map(Value::take)? {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    Some(Error::Drift {
        table: TableName::new(text("schema")?, text("table")?).ok()?,
        column: text("column")?,
        row_pk: text("row_pk")?,
        captured_at: text("captured_at")?,
    })
}
