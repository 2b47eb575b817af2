//! What the trail's own functions complain of, as errors of this crate.

use sea_orm::{DbErr, RuntimeErr, SqlxError, SqlxPostgresError};
use serde_json::Value;

use crate::Error;
use crate::error::Drift;
use crate::spec::TableName;

/// The error of a read of the past.
pub(super) fn told(error: DbErr) -> DbErr {
    match ours(&error) {
        Some(ours) => ours.into(),
        None => Error::from_read(error).into(),
    }
}

/// The error of one of this crate's own reads of the past.
pub(super) fn of_read(error: Error) -> Error {
    match error {
        Error::Db(error) => ours(&error).unwrap_or(Error::Db(error)),
        other => other,
    }
}

/// What the database says of a value that does not fit: in these cases it may be one of the past.
pub(super) fn refusal(error: &DbErr) -> Option<&str> {
    let error = of_database(error)?;
    (error.code().starts_with("22") || error.code().starts_with("23")).then(|| error.message())
}

fn ours(error: &DbErr) -> Option<Error> {
    let error = of_database(error)?;
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

fn of_database(error: &DbErr) -> Option<&SqlxPostgresError> {
    let (DbErr::Query(RuntimeErr::SqlxError(error)) | DbErr::Exec(RuntimeErr::SqlxError(error))) =
        error
    else {
        return None;
    };
    let SqlxError::Database(error) = &**error else { return None };
    error.try_downcast_ref::<SqlxPostgresError>()
}

fn drift(detail: &str) -> Option<Error> {
    let mut detail: Value = serde_json::from_str(detail).ok()?;
    let mut text = |key: &str| match detail.get_mut(key).map(Value::take)? {
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    };
    Some(Error::Drift(Box::new(Drift {
        table: TableName::new(text("schema")?, text("table")?).ok()?,
        column: text("column")?,
        row_pk: text("row_pk")?,
        captured_at: text("captured_at")?,
        why: "the row has no value for it".to_owned(),
    })))
}
