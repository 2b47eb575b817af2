use poem::http::StatusCode;

use crate::browser::Browser;

const TICKET: [(&str, &str); 2] = [("subject", "s"), ("body", "b")];

#[tokio::test]
async fn a_foreign_page_cannot_make_the_browser_write() {
    let browser = Browser::signed_in("agent@example.com").await;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("sec-fetch-site", "same-site")],
        &[("host", "localhost:8000"), ("origin", "https://evil.example")],
        &[("host", "localhost:8000"), ("origin", "null")],
        &[],
    ] {
        let response = browser.post_form_with("/tickets", &TICKET, headers).await;
        response.assert_status(StatusCode::FORBIDDEN);
    }
    let post = r#"{"title": "t", "slug": "s"}"#;
    for headers in [
        &[("sec-fetch-site", "cross-site")][..],
        &[("host", "localhost:8000"), ("origin", "https://evil.example")],
    ] {
        let response = browser.post_json("/api/posts", post, headers).await;
        response.assert_status(StatusCode::FORBIDDEN);
        assert_eq!(response.0.content_type(), Some("application/json; charset=utf-8"));
    }
    assert_eq!(browser.count("tickets").await, 0);
    assert_eq!(browser.count("posts").await, 0);
}

#[tokio::test]
async fn own_pages_may_write_with_either_header() {
    let browser = Browser::signed_in("agent@example.com").await;
    for headers in [
        &[("sec-fetch-site", "same-origin")][..],
        &[("host", "localhost:8000"), ("origin", "http://localhost:8000")],
    ] {
        let response = browser.post_form_with("/tickets", &TICKET, headers).await;
        response.assert_status(StatusCode::SEE_OTHER);
    }
    assert_eq!(browser.count("tickets").await, 2);
}

#[tokio::test]
async fn pages_carry_a_strict_policy_whatever_their_status() {
    let browser = Browser::new().await;
    for path in ["/", "/tickets/1", "/nothing-here", "/assets/helpdesk.css"] {
        let response = browser.get(path).await;
        let policy = response.0.headers().get("content-security-policy");
        let policy = policy.unwrap_or_else(|| panic!("{path} has no policy")).to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
