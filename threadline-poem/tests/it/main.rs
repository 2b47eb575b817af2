//! The middleware and its extractor, as an application sees them.

mod actor;
mod address;
mod failures;
mod handlers;
mod ids;
mod log;

use poem::http::StatusCode;
use poem::test::TestClient;
use poem::{Endpoint, EndpointExt, handler};
use serde_json::Value;
use threadline::ActorRef;
use threadline_poem::{Audit, AuditContext};

/// Tells the context it was given.
#[handler]
fn tell(ctx: AuditContext) -> String {
    // As a Threadline function would take it.
    fn told(ctx: &threadline::AuditContext) -> String {
        serde_json::to_string(ctx).expect("a context is JSON")
    }
    told(&ctx)
}

fn nobody() -> Audit {
    Audit::new(|_| None)
}

fn user() -> Audit {
    Audit::new(|_| Some(ActorRef::user(7)))
}

fn client(audit: Audit) -> TestClient<impl Endpoint> {
    TestClient::new(tell.with(audit))
}

/// The context that a request with these headers is given, and the request id of the response.
async fn context(audit: Audit, headers: &[(&str, &str)]) -> (Value, String) {
    let client = client(audit);
    let mut request = client.get("/");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await;
    response.assert_status(StatusCode::OK);
    let id = response.0.header("x-request-id").expect("every response has it").to_owned();
    let body = response.0.into_body().into_string().await.expect("text");
    (serde_json::from_str(&body).expect("JSON"), id)
}
