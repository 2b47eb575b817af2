use poem::http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, json, text};

const POST: &str = r#"{"title": "Opening hours", "slug": "opening-hours"}"#;

/// Creates a post and gives the path of its changes.
async fn changes_of_a_post(browser: &Browser) -> String {
    let created = json(browser.post_json("/api/posts", POST, &[]).await).await;
    format!("/api/audit_transactions/{}/changes", created["audit_transaction_id"])
}

#[tokio::test]
async fn a_transaction_tells_its_changes_column_by_column() {
    for email in ["admin@example.com", "support@example.com", "agent@example.com"] {
        let browser = Browser::signed_in(email).await;
        let path = changes_of_a_post(&browser).await;
        let response = browser.get(&path).await;
        response.assert_status_is_ok();
        let answer = json(response).await;
        assert_eq!(answer["action"]["name"], "post_created_via_api");
        assert_eq!(answer["transaction"]["actor"], answer["action"]["actor"]);
        assert_eq!(answer["changes"].as_array().map(Vec::len), Some(1));
        let change = &answer["changes"][0];
        assert_eq!(change["op"], "INSERT");
        assert_eq!(change["table_name"], "posts");
        assert_eq!(change["data_after"]["title"], "Opening hours");
        assert_eq!(change["field_changes"], json!([]));
        assert_eq!(change["schema_version"], 1);
    }
}

#[tokio::test]
async fn a_transaction_that_is_none_is_not_found() {
    let browser = Browser::signed_in("support@example.com").await;
    for id in ["999999", "-1", "0", "abc", "1.5", "99999999999999999999", "%ff", "1%00"] {
        let response = browser.get(&format!("/api/audit_transactions/{id}/changes")).await;
        response.assert_status(StatusCode::NOT_FOUND);
        assert_eq!(json(response).await, json!({"error": "there is no such thing here"}), "{id}");
    }
}

#[tokio::test]
async fn agents_see_of_the_trail_their_own_transactions_only() {
    let mut browser = Browser::signed_in("admin@example.com").await;
    let path = changes_of_a_post(&browser).await;
    browser.sign_in("agent@example.com").await;
    browser.get("/audit").await.assert_status(StatusCode::FORBIDDEN);
    // The answer is the same whether or not there is such a transaction.
    for path in [path.as_str(), "/api/audit_transactions/999999/changes"] {
        let response = browser.get(path).await;
        response.assert_status(StatusCode::NOT_FOUND);
        assert_eq!(json(response).await, json!({"error": "there is no such thing here"}));
    }
    browser.replace_cookie(None);
    browser.get(&path).await.assert_status(StatusCode::UNAUTHORIZED);
    let response = browser.get("/audit").await;
    response.assert_status(StatusCode::SEE_OTHER);
    response.assert_header("location", "/");
}

/// The id of a ticket of the support's own organization, and of one of another.
async fn tickets(browser: &Browser) -> (i64, i64) {
    let of = |condition: &str| {
        format!(
            "SELECT max(t.id) FROM tickets t JOIN organizations o ON o.id = t.organization_id
             WHERE o.name {condition} 'Larch & Sons'"
        )
    };
    let own = browser.value(&of("=")).await.as_i64().expect("a ticket");
    (own, browser.value(&of("<>")).await.as_i64().expect("a ticket"))
}

#[tokio::test]
async fn support_sees_its_own_organization_and_admins_see_all() {
    let mut browser = Browser::seeded().await;
    let (own, foreign) = tickets(&browser).await;
    browser.sign_in("support@example.com").await;
    let page = text(browser.get(&format!("/tickets/{own}")).await).await;
    assert!(page.contains(&format!("href=\"/audit/rows/public.tickets/{own}\"")), "{page}");
    browser.get(&format!("/audit/rows/public.tickets/{own}")).await.assert_status_is_ok();
    let of_ticket = format!(
        "SELECT max(transaction_id) FROM threadline.audit_changes
         WHERE table_name = 'tickets' AND row_pk = '{{\"id\": {foreign}}}'"
    );
    let transaction = browser.value(&of_ticket).await;
    let hidden = [
        format!("/tickets/{foreign}"),
        format!("/tickets/{foreign}?at=2999-01-01T00:00:00Z"),
        format!("/audit/transactions/{transaction}"),
        format!("/api/audit_transactions/{transaction}/changes"),
    ];
    for path in &hidden {
        browser.get(path).await.assert_status(StatusCode::NOT_FOUND);
    }
    browser.sign_in("admin@example.com").await;
    for path in &hidden {
        browser.get(path).await.assert_status_is_ok();
    }
}

#[tokio::test]
async fn support_sees_no_coverage_and_admins_do() {
    let mut browser = Browser::signed_in("support@example.com").await;
    browser.get("/audit/coverage").await.assert_status(StatusCode::FORBIDDEN);
    browser.sign_in("admin@example.com").await;
    browser.get("/audit/coverage").await.assert_status_is_ok();
}
