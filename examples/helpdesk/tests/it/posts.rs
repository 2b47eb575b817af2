use poem::http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, json, text};

#[tokio::test]
async fn a_post_is_created_and_put_down_to_whoever_is_signed_in() {
    let browser = Browser::signed_in("support@example.com").await;
    let body = r#"{"title": "Opening hours", "slug": "opening-hours"}"#;
    let headers = [("x-request-id", "req-77"), ("x-correlation-id", "import-7")];
    let response = browser.post_json("/api/posts", body, &headers).await;
    response.assert_status(StatusCode::CREATED);
    response.assert_header("x-request-id", "req-77");
    let answer = json(response).await;
    let transaction = answer["audit_transaction_id"].as_i64().unwrap();
    let recorded = browser
        .value(&format!(
            "SELECT jsonb_build_array(t.actor_type, t.actor_id, t.request_id, t.correlation_id, \
             a.name, a.status, a.correlation_id, c.op, c.row_pk, c.data_after->>'title') \
             FROM threadline.audit_transactions t \
             JOIN threadline.audit_actions a ON a.id = t.action_id \
             JOIN threadline.audit_changes c ON c.transaction_id = t.id WHERE t.id = {transaction}"
        ))
        .await;
    assert_eq!(
        recorded,
        json!([
            "user", "2", "req-77", "import-7", "post_created_via_api", "ok", "import-7", "insert",
            {"id": answer["id"]}, "Opening hours"
        ])
    );
}

#[tokio::test]
async fn nobody_creates_a_post_without_signing_in() {
    let browser = Browser::new().await;
    let before = trail(&browser).await;
    let response = browser.post_json("/api/posts", r#"{"title":"t","slug":"s"}"#, &[]).await;
    response.assert_status(StatusCode::UNAUTHORIZED);
    assert_eq!(json(response).await, json!({"error": "sign in first"}));
    assert_eq!(browser.count("posts").await, 0);
    assert_eq!(trail(&browser).await, before);
}

#[tokio::test]
async fn bad_input_is_told_and_writes_nothing() {
    let browser = Browser::signed_in("agent@example.com").await;
    let before = trail(&browser).await;
    let (long_title, long_slug) = ("t".repeat(201), "s".repeat(81));
    for (body, about) in [
        (json!({"title": "", "slug": "s"}), "title"),
        (json!({"title": "   ", "slug": "s"}), "title"),
        (json!({"title": long_title, "slug": "s"}), "title"),
        (json!({"title": "a\u{0}b", "slug": "s"}), "title"),
        (json!({"title": "t", "slug": ""}), "slug"),
        (json!({"title": "t", "slug": "Not A Slug"}), "slug"),
        (json!({"title": "t", "slug": long_slug}), "slug"),
        (json!({"title": "t"}), "slug"),
        (json!({"title": 7, "slug": "s"}), "expected a string"),
        (json!({"title": "t", "slug": "s", "published": true}), "published"),
        (json!([]), "body"),
    ] {
        let response = browser.post_json("/api/posts", &body.to_string(), &[]).await;
        response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
        let message = json(response).await["error"].as_str().unwrap().to_owned();
        assert!(message.contains(about), "{body}: {message}");
    }
    let response = browser.post_json("/api/posts", "not json", &[]).await;
    response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    let huge = json!({"title": "t", "slug": "s".repeat(20_000)}).to_string();
    let response = browser.post_json("/api/posts", &huge, &[]).await;
    response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.count("posts").await, 0);
    assert_eq!(trail(&browser).await, before);
}

#[tokio::test]
async fn the_bounds_themselves_are_taken() {
    let browser = Browser::signed_in("agent@example.com").await;
    let body = json!({"title": "ü".repeat(200), "slug": "s".repeat(80)}).to_string();
    let response = browser.post_json("/api/posts", &body, &[]).await;
    response.assert_status(StatusCode::CREATED);
}

#[tokio::test]
async fn a_slug_is_taken_once() {
    let browser = Browser::signed_in("agent@example.com").await;
    let body = r#"{"title": "t", "slug": "once"}"#;
    browser.post_json("/api/posts", body, &[]).await.assert_status(StatusCode::CREATED);
    let before = trail(&browser).await;
    let response = browser.post_json("/api/posts", body, &[]).await;
    response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(response).await.contains("slug"));
    assert_eq!(browser.count("posts").await, 1);
    assert_eq!(trail(&browser).await, before);
}

/// How much the trail holds: transactions, changes, actions.
async fn trail(browser: &Browser) -> [i64; 3] {
    [
        browser.count("threadline.audit_transactions").await,
        browser.count("threadline.audit_changes").await,
        browser.count("threadline.audit_actions").await,
    ]
}
