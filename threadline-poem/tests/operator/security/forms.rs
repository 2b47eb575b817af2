//! What changes something, and what must not.

use poem::Body;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;

use super::{every_page, number};
use crate::fixture::{Fixture, ask};

#[tokio::test]
async fn s_10_a_form_is_taken_from_these_pages_only() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let site = "sec-fetch-site";
    for (headers, is_taken) in [
        (&[(site, "same-origin")][..], true),
        (&[(site, "same-site")], false),
        (&[(site, "cross-site")], false),
        (&[(site, "none")], false),
        (&[(site, "same-origin, cross-site")], false),
        (&[("host", "ops.example"), ("origin", "https://ops.example")], true),
        (&[("host", "ops.example"), ("origin", "null")], false),
        (&[("host", "ops.example"), ("origin", "https://evil.example")], false),
        (&[("host", "ops.example"), ("origin", "https://ops.example.evil")], false),
        (&[("host", "ops.example")], false),
        (&[], false),
        (&[(site, "cross-site"), ("host", "a"), ("origin", "http://a")], false),
        (
            &[
                ("origin", "https://evil.example"),
                ("x-forwarded-host", "evil.example"),
                ("host", "a"),
            ],
            false,
        ),
    ] {
        let request = client
            .post("/audit/prefs")
            .header("x-viewer", "acme")
            .content_type("application/x-www-form-urlencoded")
            .body("theme=dark&back=/audit/timeline");
        let request =
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
        let response = request.send().await.0;
        let expected = if is_taken { StatusCode::SEE_OTHER } else { StatusCode::FORBIDDEN };
        assert_eq!(response.status(), expected, "{headers:?}");
        assert_eq!(response.headers().contains_key("set-cookie"), is_taken, "{headers:?}");
    }
}

#[tokio::test]
async fn s_11_to_read_changes_nothing_and_head_agrees_with_get() {
    let fixture = Fixture::tenants().await;
    let state = "SELECT (SELECT count(*) FROM threadline.audit_changes)
        + (SELECT count(*) FROM threadline.audit_transactions)
        + (SELECT count(*) FROM threadline.open_transactions)
        + (SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables)::bigint";
    let before = number(&fixture, state).await;
    for page in every_page(&fixture).await.iter().filter(|page| page.method == Method::GET) {
        let get = fixture.ask(Method::GET, "admin", &page.path, &[]).await;
        let head = fixture.ask(Method::HEAD, "admin", &page.path, &[]).await;
        assert_eq!((head.status, head.text.as_str()), (get.status, ""), "{}", page.path);
        let names = |got: &crate::fixture::Got| {
            let mut names: Vec<String> = got.headers.keys().map(ToString::to_string).collect();
            names.sort();
            names
        };
        assert_eq!(names(&head), names(&get), "{}", page.path);
        assert!(get.headers.get("set-cookie").is_none(), "{}", page.path);
        let body = Body::from("theme=dark");
        let with_body = TestClient::new(fixture.app());
        let response =
            with_body.get(&page.path).header("x-viewer", "admin").body(body).send().await.0;
        assert_eq!(response.status(), get.status, "a body says nothing: {}", page.path);
    }
    assert_eq!(number(&fixture, state).await, before);
}

#[tokio::test]
async fn s_23_the_only_cookie_holds_a_choice_and_nothing_about_anybody() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let got = client
        .post("/audit/prefs")
        .header("x-viewer", "acme")
        .header("sec-fetch-site", "same-origin")
        .content_type("application/x-www-form-urlencoded")
        .body("theme=dark&back=/audit/timeline")
        .send()
        .await
        .0;
    let cookies: Vec<_> = got.headers().get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1);
    let cookie = cookies[0].to_str().expect("a text");
    assert!(cookie.starts_with("__Host-tl-prefs=theme:dark;"), "{cookie}");
    for word in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(word), "{cookie}: {word}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("acme"), "{cookie}");
    // What is no choice is not taken from a cookie either.
    for forged in ["theme:\"><script>", "theme:dark; theme", "x", "theme:"] {
        let header = format!("__Host-tl-prefs={forged}");
        let got = fixture.ask(Method::GET, "acme", "/audit", &[("cookie", &header)]).await;
        assert_eq!(got.status, StatusCode::OK, "{forged}");
        assert!(!got.text.contains("\"><script>"), "{forged}");
    }
}

#[tokio::test]
async fn s_15_a_form_leads_back_below_the_mount_and_nowhere_else() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    for back in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/audit/../../evil",
        "/audit/..//evil.example",
        "/auditevil",
        "/audit@evil.example",
        "/audit.evil.example",
        "/audit/%2f%2fevil.example/..",
        "javascript:alert(1)",
        "/audit/\r\nSet-Cookie: evil=1",
        "/audit/\tx",
        "",
        "/",
        "/login",
    ] {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("theme", "dark"), ("back", back)])
            .finish();
        let response = client
            .post("/audit/prefs")
            .header("x-viewer", "acme")
            .header("sec-fetch-site", "same-origin")
            .content_type("application/x-www-form-urlencoded")
            .body(body)
            .send()
            .await
            .0;
        let to =
            response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default();
        let is_below = to == "/audit" || to.starts_with("/audit/") || to.starts_with("/audit?");
        assert!(response.status().as_u16() < 500, "{back}");
        assert!(
            to.is_empty() || is_below && !to.contains("..") && !to.contains("//"),
            "{back}: {to}"
        );
        assert!(
            !response
                .headers()
                .iter()
                .any(|(_, v)| v.as_bytes().windows(4).any(|w| w == b"evil") && to.is_empty()),
            "{back}"
        );
    }
    // An odd address is put right within the mount.
    for path in ["/audit//evil.example/x", "/audit//evil.example//", "/audit///"] {
        let got = ask(&client, Method::GET, ("acme", path), &[]).await;
        assert_eq!(got.status, StatusCode::PERMANENT_REDIRECT, "{path}");
        let to = got.header("location");
        assert!(to.starts_with("/audit/") && !to.contains("//"), "{path}: {to}");
    }
}
