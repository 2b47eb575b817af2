//! Errors of Threadline and of the database as responses.

use std::fmt;

use poem::Response;
use poem::error::ResponseError;
use poem::http::StatusCode;
use sea_orm::DbErr;

use crate::incident;

/// An error of Threadline or of SeaORM as the error of a handler.
///
/// The client gets a 500 with the id of an incident and nothing else; what went wrong is logged under
/// that id. None of these errors is the client's: a missing actor, too, is a mistake in the order of
/// middleware. (Do not use `poem::error::InternalServerError` instead: it sends the text of the error.)
#[derive(Debug)]
pub struct AuditError(threadline::Error);

impl AuditError {
    /// What went wrong, for handlers that answer some cases themselves.
    pub fn inner(&self) -> &threadline::Error {
        &self.0
    }
}

impl From<threadline::Error> for AuditError {
    fn from(error: threadline::Error) -> Self {
        Self(error)
    }
}

impl From<DbErr> for AuditError {
    fn from(error: DbErr) -> Self {
        Self(error.into())
    }
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for AuditError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl ResponseError for AuditError {
    fn status(&self) -> StatusCode {
        StatusCode::INTERNAL_SERVER_ERROR
    }

    fn as_response(&self) -> Response {
        incident::report(&self.0).into_response()
    }
}
