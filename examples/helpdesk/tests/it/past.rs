use chrono::SecondsFormat;
use helpdesk::tickets::read::{self, Told};
use helpdesk_entity::post;
use poem::http::StatusCode;
use sea_orm::ConnectionTrait;
use sea_orm::prelude::DateTimeUtc;
use serde_json::json;
use threadline::prelude::*;
use threadline::{Absence, Operation, Reified};

use crate::browser::{Browser, json, registry, text};

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

/// What the trail can know of a user: no secret, and what is quiet only as of the last real change.
fn as_recorded(mut told: Told) -> Told {
    let replies = told.replies.iter_mut().filter_map(|(_, author)| author.as_mut());
    for user in told.opened_by.iter_mut().chain(told.assignee.iter_mut()).chain(replies) {
        user.password_hash = String::new();
        user.phone = Some("[REDACTED]".to_owned());
        user.last_seen_at = None;
    }
    told
}

#[tokio::test]
async fn the_query_of_the_page_reads_any_moment_of_the_past() {
    let browser = Browser::seeded().await;
    let db = &browser.db;
    let ids: Vec<i64> =
        read::newest(db, None).await.unwrap().iter().map(|ticket| ticket.id).collect();
    assert!(ids.len() > 2, "{ids:?}");
    let mut remembered = Vec::new();
    for sql in [
        "UPDATE organizations SET plan = plan || '+'; UPDATE users SET name = upper(name)",
        "UPDATE tickets SET assignee_id = NULL, priority = 'low' WHERE id % 2 = 0",
        "DELETE FROM ticket_replies WHERE id % 3 = 0",
        "BEGIN; UPDATE tickets SET subject = 'moved', id = id + 1000 WHERE id = (SELECT min(id) FROM tickets
            t WHERE NOT EXISTS (SELECT FROM ticket_replies r WHERE r.ticket_id = t.id)); COMMIT",
        "TRUNCATE ticket_replies",
    ] {
        let mut told = Vec::new();
        for id in &ids {
            told.push(read::ticket(db, *id).await.unwrap());
        }
        remembered.push((now(&browser).await, read::newest(db, None).await.unwrap(), told));
        db.execute_unprepared(sql).await.unwrap();
    }
    for (at, newest, told) in remembered {
        let past = db.as_of(at, registry());
        assert_eq!(read::newest(&past, None).await.unwrap(), newest);
        for (id, told) in ids.iter().zip(told) {
            let then = read::ticket(&past, *id).await.unwrap();
            assert_eq!(then.map(as_recorded), told.map(as_recorded), "ticket {id} at {at}");
        }
    }
}

#[tokio::test]
async fn the_page_shows_the_replies_and_the_organization_of_the_moment() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let response = browser.post_form("/tickets", &[("subject", "Broken"), ("body", "b")]).await;
    let page = response.0.headers()["location"].to_str().unwrap().to_owned();
    browser.post_form(&format!("{page}/replies"), &[("body", "have you tried")]).await;
    let at = now(&browser).await.to_rfc3339_opts(SecondsFormat::Micros, true);
    browser
        .db
        .execute_unprepared(
            "UPDATE organizations SET name = 'Renamed GmbH' WHERE name = 'Helpdesk';
             UPDATE users SET name = 'Somebody Else';
             DELETE FROM ticket_replies; UPDATE tickets SET subject = 'Wrong since yesterday'",
        )
        .await
        .unwrap();
    let html = text(browser.get(&format!("{page}?at={at}")).await).await;
    for shown in ["Broken", "have you tried", "Alex Agent", "As it stood at"] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    assert!(!html.contains("Renamed GmbH"), "{html}");
    let now = text(browser.get(&page).await).await;
    assert!(now.contains("Renamed GmbH") && !now.contains("have you tried"), "{now}");
    browser.db.execute_unprepared("DELETE FROM tickets").await.unwrap();
    let html = text(browser.get(&format!("{page}?at={at}")).await).await;
    assert!(html.contains("have you tried"), "a ticket that is gone has a past: {html}");
    browser.get(&page).await.assert_status(StatusCode::NOT_FOUND);
}
