//! The ids of a request.

use poem::http::HeaderName;
use serde_json::{Map, Value, json};

use crate::log::Log;
use crate::{context, nobody};

const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn is_uuid_v7(id: &str) -> bool {
    id.len() == 36 && id.as_bytes()[14] == b'7'
}

#[tokio::test]
async fn a_request_without_an_id_is_given_one() {
    let (told, id) = context(nobody(), &[]).await;
    assert!(is_uuid_v7(&id), "{id}");
    assert_eq!(told, json!({"request_id": id}));
    let (_, other) = context(nobody(), &[]).await;
    assert_ne!(id, other);
}

#[tokio::test]
async fn usable_ids_are_taken_over() {
    let headers = [
        ("x-request-id", "r-1"),
        ("x-correlation-id", "  import 7 "),
        ("traceparent", TRACEPARENT),
    ];
    let (told, id) = context(nobody(), &headers).await;
    assert_eq!(id, "r-1");
    assert_eq!(
        told,
        json!({
            "request_id": "r-1", "correlation_id": "import 7",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
        })
    );
}

#[tokio::test]
async fn a_request_id_that_is_not_usable_is_replaced() {
    for bad in ["", "a b", "a\tb", "é", &"x".repeat(129)] {
        let log = Log::start();
        let (told, id) = context(nobody(), &[("x-request-id", bad)]).await;
        assert!(is_uuid_v7(&id), "{bad}: {id}");
        assert_eq!(told["request_id"], json!(id));
        assert_eq!(log.lines().len(), 1, "{:?}", log.lines());
    }
    let longest = "x".repeat(128);
    assert_eq!(context(nobody(), &[("x-request-id", &longest)]).await.1, longest);
}

#[tokio::test]
async fn a_correlation_id_that_is_not_usable_is_left_out() {
    for bad in ["", "   ", "secret\tvalue", &"secret".repeat(50)] {
        let log = Log::start();
        let (told, _) = context(nobody(), &[("x-correlation-id", bad)]).await;
        assert_eq!(told.get("correlation_id"), None, "{bad}");
        let lines = log.lines();
        assert_eq!(lines.len(), 1, "{lines:?}");
        assert!(lines[0].starts_with("WARN threadline.http.header_dropped"), "{lines:?}");
        assert!(lines[0].contains("x-correlation-id") && !lines[0].contains("secret"), "{lines:?}");
    }
    let longest = "x".repeat(256);
    let (told, _) = context(nobody(), &[("x-correlation-id", &longest)]).await;
    assert_eq!(told["correlation_id"], json!(longest));
}

#[tokio::test]
async fn of_two_values_neither_is_believed() {
    let headers = [
        ("x-request-id", "one"),
        ("x-request-id", "two"),
        ("x-correlation-id", "one"),
        ("x-correlation-id", "two"),
        ("traceparent", TRACEPARENT),
        ("traceparent", TRACEPARENT),
    ];
    let (told, id) = context(nobody(), &headers).await;
    assert!(is_uuid_v7(&id), "{id}");
    assert_eq!(told, json!({"request_id": id}));
}

#[tokio::test]
async fn a_trace_that_is_not_well_formed_is_left_out() {
    let (told, _) = context(nobody(), &[("traceparent", "00-xyz-1-01")]).await;
    assert_eq!(told.get("trace_id"), None);
}

#[tokio::test]
async fn the_names_of_the_headers_can_be_chosen() {
    let audit = nobody()
        .request_id_header(HeaderName::from_static("x-request-id"))
        .correlation_id_header(HeaderName::from_static("x-trail"));
    let (told, _) = context(audit, &[("x-correlation-id", "a"), ("x-trail", "b")]).await;
    assert_eq!(told["correlation_id"], json!("b"));

    let audit = nobody().request_id_header(HeaderName::from_static("x-req"));
    let response = crate::client(audit).get("/").header("x-req", "r-1").send().await;
    assert_eq!(response.0.header("x-req"), Some("r-1"));
    assert_eq!(response.0.header("x-request-id"), None);
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

#[tokio::test]
async fn overrides_fill_only_what_is_missing() {
    let audit = nobody()
        .context_overrides(|_| object(json!({"request_id": "host-r", "correlation_id": "host-c"})));
    let (told, id) = context(audit.clone(), &[]).await;
    assert_eq!(told, json!({"request_id": "host-r", "correlation_id": "host-c"}));
    assert_eq!(id, "host-r");
    let (told, id) =
        context(audit.clone(), &[("x-request-id", "r"), ("x-correlation-id", "c")]).await;
    assert_eq!(told, json!({"request_id": "r", "correlation_id": "c"}));
    assert_eq!(id, "r");
    // A header that is not usable is missing.
    let (told, _) = context(audit, &[("x-correlation-id", " ")]).await;
    assert_eq!(told["correlation_id"], json!("host-c"));
}

#[tokio::test]
async fn overrides_can_depend_on_the_request() {
    let audit = nobody().context_overrides(|req| {
        req.header("x-import").map(|id| object(json!({"correlation_id": id}))).unwrap_or_default()
    });
    let (told, _) = context(audit, &[("x-import", "7")]).await;
    assert_eq!(told["correlation_id"], json!("7"));
}
