//! What a handler can fail with, and what the client gets to see of it.

use std::error::Error as StdError;
use std::sync::Arc;

use maud::html;
use poem::error::{NotFoundError, ParsePathError, ResponseError};
use poem::http::StatusCode;
use poem::web::{Json, Redirect};
use poem::{Endpoint, IntoResponse, Request, Response};
use sea_orm::DbErr;
use serde_json::json;
use uuid::Uuid;

use crate::view;

/// Why a request was not served. Every text may be shown to the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppError {
    #[error("sign in first")]
    SignedOut,
    #[error("changes are only taken from this site's own pages")]
    ForeignPage,
    #[error("there is no such thing here")]
    NotFound,
    #[error("send JSON, with `content-type: application/json`")]
    NotJson,
    #[error("{0}")]
    Invalid(String),
    /// The cause is for the log only: it may name tables, values and files.
    #[error("something went wrong on our side")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl AppError {
    /// Something that must not happen, whatever the client sends.
    pub(crate) fn internal(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl ResponseError for AppError {
    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut => StatusCode::UNAUTHORIZED,
            Self::ForeignPage => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<DbErr> for AppError {
    fn from(error: DbErr) -> Self {
        Self::internal(error)
    }
}

impl From<threadline::Error> for AppError {
    fn from(error: threadline::Error) -> Self {
        match error {
            threadline::Error::NotFound { .. } => Self::NotFound,
            error => Self::internal(error),
        }
    }
}

/// The layer that turns errors into responses.
pub(crate) async fn render<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
) -> poem::Result<Response> {
    let form = Form::of(&request);
    match endpoint.call(request).await {
        Ok(output) => Ok(output.into_response()),
        Err(error) => Ok(form.response(&error)),
    }
}

/// In what form the client wants to read an error.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Json,
    Page,
}

impl Form {
    pub(crate) fn of(request: &Request) -> Self {
        if request.uri().path().starts_with("/api/") { Self::Json } else { Self::Page }
    }

    pub(crate) fn response(self, error: &poem::Error) -> Response {
        let (status, mut message) = told(error);
        if status.is_server_error() {
            let incident = Uuid::now_v7();
            // The only place where the cause appears, under an id that the client can name.
            tracing::error!(%incident, cause = %causes(error), "a request failed");
            message = format!("{message}; if you report it, name the incident {incident}");
        }
        match self {
            Self::Json => Json(json!({ "error": message })).with_status(status).into_response(),
            // Whoever is signed out finds the login form on the first page.
            Self::Page if status == StatusCode::UNAUTHORIZED => {
                Redirect::see_other("/").into_response()
            }
            Self::Page => {
                let body = html! { p.error role="alert" { (message) } };
                view::page("Not this time", None, body).with_status(status).into_response()
            }
        }
    }
}

/// The status, and what the client is told.
fn told(error: &poem::Error) -> (StatusCode, String) {
    if let Some(error) = error.downcast_ref::<AppError>() {
        return (error.status(), error.to_string());
    }
    // An id that cannot be one names nothing.
    if error.is::<ParsePathError>() || error.is::<NotFoundError>() {
        return (StatusCode::NOT_FOUND, AppError::NotFound.to_string());
    }
    // Errors of the framework and of other layers: their texts are not ours, so only the client's
    // own mistakes are repeated.
    let status = error.status();
    let message = match status {
        status if status.is_client_error() => error.to_string(),
        _ => "something went wrong on our side".to_owned(),
    };
    (status, message)
}

/// An error and everything that caused it, on one line.
fn causes(error: &poem::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.downcast_ref::<AppError>().and_then(StdError::source);
    while let Some(next) = cause {
        text = format!("{text}: {next}");
        cause = next.source();
    }
    text
}
