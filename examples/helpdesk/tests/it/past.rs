use helpdesk_entity::post;
use sea_orm::ConnectionTrait;
use sea_orm::prelude::DateTimeUtc;
use serde_json::json;
use threadline::prelude::*;
use threadline::{Absence, Operation, Reified};

use crate::browser::{Browser, json};

async fn now(browser: &Browser) -> DateTimeUtc {
    serde_json::from_value(browser.value("SELECT clock_timestamp()").await).expect("a moment")
}

#[tokio::test]
async fn raw_sql_is_captured_and_the_past_stays_readable() {
    let browser = Browser::signed_in("agent@example.com").await;
    let before_all = now(&browser).await;
    let body = r#"{"title": "Opening hours", "slug": "opening-hours"}"#;
    let id = json(browser.post_json("/api/posts", body, &[]).await).await["id"].as_i64().unwrap();
    let created = now(&browser).await;
    let db = &browser.db;
    db.execute_unprepared("UPDATE posts SET title = 'When we are there'").await.unwrap();
    let updated = now(&browser).await;
    db.execute_unprepared("DELETE FROM posts").await.unwrap();

    let versions = post::Entity::history(id).all(db).await.unwrap();
    let told: Vec<_> = versions
        .iter()
        .map(|version| (version.change.op, version.actor().map(ToString::to_string)))
        .collect();
    let by_agent = Some("user:3".to_owned());
    assert_eq!(
        told,
        [(Operation::Insert, by_agent), (Operation::Update, None), (Operation::Delete, None)]
    );
    assert!(versions[1].changed(post::Column::Title) && versions[1].action.is_none());

    let title = async |at| {
        let row = post::Entity::as_of(id, at, db).await.unwrap();
        row.into_model().map(|post: post::Model| post.title)
    };
    assert_eq!(title(created).await.as_deref(), Some("Opening hours"));
    assert_eq!(title(updated).await.as_deref(), Some("When we are there"));
    let gone = post::Entity::as_of(id, now(&browser).await, db).await.unwrap();
    assert!(matches!(gone, Reified::Absent(Absence::Deleted { .. })), "{gone:?}");
    let not_yet = post::Entity::as_of(id, before_all, db).await.unwrap();
    assert!(matches!(not_yet, Reified::Absent(Absence::NeverExisted)), "{not_yet:?}");
}

#[tokio::test]
async fn a_write_without_an_actor_keeps_what_the_database_knows() {
    let browser = Browser::new().await;
    let sql = "UPDATE organizations SET plan = 'team'";
    browser.db.execute_unprepared(sql).await.unwrap();
    let last = "SELECT jsonb_build_array(actor_type, actor_id, action_id, \
         session_user_name = session_user, backend_pid IS NOT NULL) \
         FROM threadline.audit_transactions ORDER BY id DESC LIMIT 1";
    assert_eq!(browser.value(last).await, json!([null, null, null, true, true]));
}
