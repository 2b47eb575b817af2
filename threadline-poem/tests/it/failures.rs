//! What goes wrong is logged, and the client learns no more than an incident's id.

use poem::error::NotFoundError;
use poem::http::StatusCode;
use poem::test::{TestClient, TestResponse};
use poem::{EndpointExt, Response, Route, handler};
use serde_json::{Map, json};
use threadline::Error;
use threadline_poem::{AuditContext, AuditError};

use crate::log::Log;
use crate::{nobody, tell, user};

/// The incident's id in a 500 that says nothing else.
async fn incident(response: TestResponse) -> String {
    response.assert_status(StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.0.into_body().into_string().await.unwrap();
    let id = body.strip_prefix("internal server error; incident ").expect(&body);
    assert_eq!(id.len(), 36, "{body}");
    id.to_owned()
}

#[tokio::test]
async fn without_the_middleware_the_extractor_says_so_in_the_log() {
    let log = Log::start();
    let id = incident(TestClient::new(tell).get("/").send().await).await;
    let lines = log.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].starts_with("ERROR threadline.http.incident"), "{lines:?}");
    assert!(lines[0].contains(&id) && lines[0].contains("Audit::new"), "{lines:?}");
}

#[tokio::test]
async fn a_mistake_in_the_overrides_is_never_ignored() {
    for given in [
        json!({"actor": {"type": "admin", "id": "1"}}),
        json!({"corelation_id": "c"}),
        json!({"correlation_id": 7}),
        json!({"request_id": "a\r\nset-cookie: x"}),
    ] {
        let log = Log::start();
        let given: Map<_, _> = given.as_object().cloned().unwrap();
        let key = given.keys().next().cloned().unwrap();
        let audit = user().context_overrides(move |_| given.clone());
        let response = TestClient::new(tell.with(audit)).get("/").send().await;
        assert!(response.0.header("x-request-id").is_some());
        let id = incident(response).await;
        let lines = log.lines();
        assert!(lines[0].contains(&id) && lines[0].contains(&key), "{lines:?}");
    }
}

#[handler]
async fn unable(_ctx: AuditContext) -> Result<String, AuditError> {
    let error = Error::MissingActor { action: "post.publish".to_owned() };
    Err(error.into())
}

#[handler]
async fn unlucky() -> Result<String, AuditError> {
    Err(sea_orm::DbErr::Custom("password=hunter2".to_owned()).into())
}

#[tokio::test]
async fn an_error_of_threadline_tells_the_client_nothing() {
    let log = Log::start();
    let id = incident(TestClient::new(unable.with(nobody())).get("/").send().await).await;
    let lines = log.lines();
    assert!(lines[0].contains(&id) && lines[0].contains("post.publish"), "{lines:?}");
    incident(TestClient::new(unlucky).get("/").send().await).await;
    assert!(log.lines()[1].contains("hunter2"));
}

#[handler]
fn missing() -> poem::Result<()> {
    Err(NotFoundError.into())
}

#[handler]
fn refused() -> poem::Result<()> {
    let response = Response::builder().status(StatusCode::FORBIDDEN).header("x-why", "tenant");
    Err(poem::Error::from_response(response.body("no")))
}

#[tokio::test]
async fn every_response_carries_the_id_of_the_request() {
    let app = Route::new()
        .at("/", tell)
        .at("/missing", missing)
        .at("/refused", refused)
        .at("/unable", unable)
        .with(nobody());
    let client = TestClient::new(app);
    for (path, status) in [
        ("/", StatusCode::OK),
        ("/missing", StatusCode::NOT_FOUND),
        ("/nowhere", StatusCode::NOT_FOUND),
        ("/refused", StatusCode::FORBIDDEN),
        ("/unable", StatusCode::INTERNAL_SERVER_ERROR),
    ] {
        let response = client.get(path).header("x-request-id", "r-1").send().await;
        response.assert_status(status);
        response.assert_header("x-request-id", "r-1");
    }
}

#[tokio::test]
async fn an_error_that_is_a_response_stays_as_it_is() {
    let response = TestClient::new(refused.with(nobody())).get("/").send().await;
    response.assert_status(StatusCode::FORBIDDEN);
    response.assert_header("x-why", "tenant");
    response.assert_text("no").await;
}

#[tokio::test]
async fn errors_can_be_caught_inside() {
    let app = Route::new()
        .at("/missing", missing)
        .catch_error(|_: NotFoundError| async { "my own page" })
        .with(nobody());
    let response = TestClient::new(app).get("/missing").send().await;
    assert!(response.0.header("x-request-id").is_some());
    response.assert_text("my own page").await;
}
