//! Failures of which the client learns only a number.

use std::fmt::Display;

use poem::Error;
use poem::http::StatusCode;
use uuid::Uuid;

/// Logs what went wrong under a new incident id, and gives an error that tells the client only that.
pub(crate) fn report(what: &dyn Display) -> Error {
    let incident = Uuid::now_v7();
    tracing::error!(
        name: "threadline.http.incident",
        target: "threadline",
        %incident,
        "{what}"
    );
    Error::from_string(
        format!("internal server error; incident {incident}"),
        StatusCode::INTERNAL_SERVER_ERROR,
    )
}
