use poem::http::StatusCode;
use serde_json::json;

use crate::browser::{Browser, text};

const SUBJECT: &str = "<script>alert(1)</script> & more";

/// Opens a ticket as the agent, and gives the path of its page.
async fn open(browser: &mut Browser) -> String {
    let form = [("subject", SUBJECT), ("body", "It is broken."), ("priority", "high")];
    let response = browser.post_form("/tickets", &form).await;
    response.assert_status(StatusCode::SEE_OTHER);
    response.0.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_ticket_is_opened_answered_and_closed() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let page = open(&mut browser).await;
    browser.sign_in("admin@example.com").await;
    let form = [("body", "We are looking into it.")];
    let response = browser.post_form(&format!("{page}/replies"), &form).await;
    response.assert_status(StatusCode::SEE_OTHER);
    let response = browser.post_form(&format!("{page}/close"), &[]).await;
    response.assert_status(StatusCode::SEE_OTHER);
    let trail = "SELECT jsonb_agg(jsonb_build_array(a.name, a.actor_id, c.table_name, c.op, \
         c.changed_fields) ORDER BY c.id) \
         FROM threadline.audit_changes c JOIN threadline.audit_actions a ON a.id = c.action_id \
         WHERE a.name LIKE 'ticket.%'";
    assert_eq!(
        browser.value(trail).await,
        json!([
            ["ticket.open", "3", "tickets", "insert", null],
            ["ticket.reply", "1", "ticket_replies", "insert", null],
            ["ticket.reply", "1", "tickets", "update", ["assignee_id"]],
            ["ticket.close", "1", "tickets", "update", ["status", "closed_at"]],
        ])
    );
}

#[tokio::test]
async fn a_closed_ticket_takes_no_replies_and_is_not_closed_again() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let page = open(&mut browser).await;
    browser.post_form(&format!("{page}/close"), &[]).await.assert_status(StatusCode::SEE_OTHER);
    let before = browser.count("threadline.audit_actions").await;
    browser.post_form(&format!("{page}/close"), &[]).await.assert_status(StatusCode::SEE_OTHER);
    let response = browser.post_form(&format!("{page}/replies"), &[("body", "late")]).await;
    response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.count("ticket_replies").await, 0);
    assert_eq!(browser.count("threadline.audit_actions").await, before);
}

#[tokio::test]
async fn the_page_escapes_and_tells_who_did_what() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let page = open(&mut browser).await;
    browser.sign_in("admin@example.com").await;
    browser.post_form(&format!("{page}/close"), &[]).await;
    let html = text(browser.get(&page).await).await;
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; more"), "{html}");
    assert!(!html.contains("<script") && !html.contains("style=") && !html.contains("onclick"));
    assert!(html.contains("Ada Admin · ticket.close"), "{html}");
    assert!(html.contains("Alex Agent · ticket.open"), "{html}");
    assert!(html.contains("<del>open</del> → <ins>closed</ins>"), "{html}");
}

#[tokio::test]
async fn every_version_links_to_the_ticket_as_it_stood() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let page = open(&mut browser).await;
    browser.post_form(&format!("{page}/close"), &[]).await;
    let html = text(browser.get(&page).await).await;
    let links: Vec<&str> = html
        .split("href=\"")
        .filter_map(|rest| rest.split('"').next())
        .filter(|href| href.contains("?at="))
        .collect();
    assert_eq!(links.len(), 2, "{html}");
    let (closed, opened) = (links[0], links[1]);
    let past = text(browser.get(closed).await).await;
    assert!(past.contains("closed · high priority"), "{past}");
    let past = text(browser.get(opened).await).await;
    assert!(past.contains("class=\"past\""), "it says that this is the past: {past}");
    assert!(past.contains("open · high priority"), "{past}");
}

#[tokio::test]
async fn a_moment_is_any_of_rfc_3339_and_nothing_else() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    let page = open(&mut browser).await;
    let html = text(browser.get(&format!("{page}?at=2000-01-01T00:00:00Z")).await).await;
    assert!(html.contains("Nobody can know"), "{html}");
    let in_time = format!("{page}?at=2200-01-01T00:00:00.5+01:00");
    let html = text(browser.get(&in_time).await).await;
    assert!(html.contains("As it stood at"), "{html}");
    browser.get(&format!("{page}?at=")).await.assert_status_is_ok();
    let response = browser.get(&format!("{page}?at=yesterday")).await;
    response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let mut browser = Browser::signed_in("agent@example.com").await;
    for path in ["/tickets/999", "/tickets/abc", "/tickets/99999999999999999999", "/tickets/%ff"] {
        browser.get(path).await.assert_status(StatusCode::NOT_FOUND);
    }
    for path in ["/tickets/999/close", "/tickets/999/replies"] {
        let response = browser.post_form(path, &[("body", "b")]).await;
        response.assert_status(StatusCode::NOT_FOUND);
    }
    let response = browser.post_form("/tickets", &[("subject", " "), ("body", "b")]).await;
    response.assert_status(StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn whoever_is_signed_out_is_led_to_the_login() {
    let mut browser = Browser::new().await;
    for response in [
        browser.get("/tickets/1").await,
        browser.post_form("/tickets", &[("subject", "s"), ("body", "b")]).await,
    ] {
        response.assert_status(StatusCode::SEE_OTHER);
        response.assert_header("location", "/");
    }
    assert!(text(browser.get("/").await).await.contains("action=\"/login\""));
}
