use poem::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::browser::{Browser, text};

const ACTIONS: &str = "SELECT jsonb_agg(jsonb_build_array(name, status, actor_type, actor_id) ORDER BY id) \
     FROM threadline.audit_actions WHERE name LIKE 'session.%'";

#[tokio::test]
async fn a_login_sets_a_cookie_that_says_nothing() {
    let mut browser = Browser::new().await;
    let form = [("email", " Admin@Example.com "), ("password", helpdesk::seed::PASSWORD)];
    let response = browser.post_form("/login", &form).await;
    response.assert_status(StatusCode::SEE_OTHER);
    let cookie = response.0.headers()["set-cookie"].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("helpdesk_session="), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    assert!(!cookie.contains("admin") && !cookie.contains("user_id"), "{cookie}");
    assert!(text(browser.get("/").await).await.contains("Ada Admin"));
    assert_eq!(browser.value(ACTIONS).await, json!([["session.login", "ok", "admin", "1"]]));
}

#[tokio::test]
async fn an_old_session_id_is_worth_nothing_after_a_login() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let first = browser.replace_cookie(None);
    browser.replace_cookie(first.clone());
    browser.sign_in("admin@example.com").await;
    let second = browser.replace_cookie(first.clone());
    assert_ne!(first, second);
    assert!(text(browser.get("/").await).await.contains("Sign in"));
}

#[tokio::test]
async fn a_failed_login_is_recorded_without_what_was_typed() {
    let mut browser = Browser::new().await;
    for (email, password) in [
        ("admin@example.com", "wrong-hunter2"),
        ("nobody-hunter2@example.com", "demo-password"),
        ("nul\0hunter2@example.com", "demo-password"),
    ] {
        let form = [("email", email), ("password", password)];
        let response = browser.post_form("/login", &form).await;
        response.assert_status(StatusCode::UNAUTHORIZED);
        assert!(response.0.headers().get("set-cookie").is_none());
        let page = text(response).await;
        assert!(page.contains("There is no account"), "{page}");
        assert!(!page.contains("hunter2"), "{page}");
    }
    let failed = json!(["session.login", "error", "anonymous", null]);
    assert_eq!(browser.value(ACTIONS).await, json!([failed, failed, failed]));
    let trail = "SELECT string_agg(a::text, ' ') FROM threadline.audit_actions a";
    assert!(!browser.value(trail).await.to_string().contains("hunter2"));
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let cookie = browser.replace_cookie(None);
    browser.replace_cookie(cookie.clone());
    browser.post_form("/logout", &[]).await.assert_status(StatusCode::SEE_OTHER);
    browser.replace_cookie(cookie);
    assert!(text(browser.get("/").await).await.contains("Sign in"));
    let last = "SELECT name FROM threadline.audit_actions ORDER BY id DESC LIMIT 1";
    assert_eq!(browser.value(last).await, "session.logout");
}

#[tokio::test]
async fn whoever_loses_a_role_loses_it_with_the_next_request() {
    let browser = Browser::signed_in("admin@example.com").await;
    browser.get("/audit").await.assert_status_is_ok();
    let demote = "UPDATE users SET role = 'agent' WHERE id = 1";
    browser.db.execute_unprepared(demote).await.unwrap();
    browser.get("/audit").await.assert_status(StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_login_alone_is_no_change_of_the_user() {
    let mut browser = Browser::new().await;
    let before = browser.count("threadline.audit_changes").await;
    browser.sign_in("agent@example.com").await;
    assert_eq!(browser.count("threadline.audit_changes").await, before);
    let seen = "SELECT last_seen_at IS NOT NULL FROM users WHERE email = 'agent@example.com'";
    assert_eq!(browser.value(seen).await, true);
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let large = "x".repeat(70_000);
    let form = [("email", "agent@example.com"), ("password", large.as_str())];
    let response = browser.post_form("/login", &form).await;
    response.assert_status(StatusCode::PAYLOAD_TOO_LARGE);
}
