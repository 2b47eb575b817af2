use poem::http::StatusCode;
use sea_orm::ConnectionTrait;

use crate::browser::{Browser, json, text};

#[tokio::test]
async fn a_failure_of_the_database_is_told_by_its_number_only() {
    let browser = Browser::signed_in("admin@example.com").await;
    let sql = "ALTER TABLE tickets RENAME TO tickets_gone; ALTER TABLE posts RENAME TO posts_gone";
    browser.db.execute_unprepared(sql).await.unwrap();
    let response = browser.get("/").await;
    response.assert_status(StatusCode::INTERNAL_SERVER_ERROR);
    assert!(response.0.headers().contains_key("x-request-id"));
    let page = text(response).await;
    assert!(page.contains("name the incident"), "{page}");
    assert!(!page.contains("relation") && !page.contains("SELECT"), "{page}");
    let post = r#"{"title": "t", "slug": "s"}"#;
    let response = browser.post_json("/api/posts", post, &[]).await;
    response.assert_status(StatusCode::INTERNAL_SERVER_ERROR);
    let message = json(response).await["error"].as_str().unwrap().to_owned();
    assert!(message.starts_with("something went wrong on our side; if you report it"), "{message}");
    assert!(!message.contains("posts") && !message.contains("INSERT"), "{message}");
}
