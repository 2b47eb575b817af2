//! What one request, and one viewer, may cost.

use std::time::Duration;

use futures_util::future::join_all;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;

use crate::fixture::{Fixture, ask};

#[tokio::test]
async fn s_29_what_is_too_long_is_refused_before_it_is_read() {
    let fixture = Fixture::tenants().await;
    let long = format!("/audit/timeline?q={}", "x".repeat(8 * 1024));
    let got = fixture.get("acme", &long).await;
    assert_eq!(got.status, StatusCode::URI_TOO_LONG);
    let path = format!("/audit/rows/{}", "x".repeat(8 * 1024));
    assert_eq!(fixture.get("acme", &path).await.status, StatusCode::URI_TOO_LONG);
    let client = TestClient::new(fixture.app());
    for (bytes, status) in
        [(16 * 1024 + 1, StatusCode::PAYLOAD_TOO_LARGE), (1_000, StatusCode::UNPROCESSABLE_ENTITY)]
    {
        let got = client
            .post("/audit/prefs")
            .header("x-viewer", "acme")
            .header("sec-fetch-site", "same-origin")
            .body("x".repeat(bytes))
            .send()
            .await
            .0;
        assert_eq!(got.status(), status, "{bytes}");
    }
}

#[tokio::test]
async fn s_29_long_values_and_many_conditions_are_refused_by_every_page() {
    let fixture = Fixture::tenants().await;
    let long = format!("corr={}", "x".repeat(257));
    let many = (0..33).map(|n| format!("corr=c{n}")).collect::<Vec<_>>().join("&");
    let few = (0..32).map(|n| format!("corr=c{n}")).collect::<Vec<_>>().join("&");
    for page in ["timeline", "_/pulse.json", "exports/changes.csv", "exports/changes.json"] {
        for query in [&long, &many] {
            let got = fixture.get("acme", &format!("/audit/{page}?{query}")).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{page}?{query}");
            assert!(!got.text.contains("acme ticket"), "{page}");
        }
        let got = fixture.get("acme", &format!("/audit/{page}?{few}")).await;
        let is_answer = got.status == StatusCode::OK || got.status == StatusCode::SEE_OTHER;
        assert!(is_answer, "{page}: {} {}", got.status, got.text);
    }
    let client = TestClient::new(fixture.app());
    for query in [&long, &many] {
        let path = format!("/audit/actors/user/acme-agent?{query}");
        let got = ask(&client, Method::GET, ("acme", &path), &[]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
}

#[tokio::test]
async fn s_31_one_viewer_exports_one_document_at_a_time() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let path = "/audit/exports/changes.csv?table=tickets";
    let asked = (0..4).map(|_| ask(&client, Method::GET, ("acme", path), &[]));
    let answers = join_all(asked).await;
    let whole = answers.iter().filter(|got| got.status == StatusCode::OK).count();
    let refused: Vec<_> =
        answers.iter().filter(|got| got.status == StatusCode::TOO_MANY_REQUESTS).collect();
    assert_eq!((whole, refused.len()), (1, 3));
    for got in refused {
        assert_eq!(got.header("retry-after"), "5");
        assert!(got.header("content-disposition").is_empty());
        assert_eq!(got.texts("h1"), ["Too many at once"]);
    }
    let again = ask(&client, Method::GET, ("acme", path), &[]).await;
    assert_eq!(again.status, StatusCode::OK, "when it has ended, the next may");
}

#[tokio::test]
async fn s_31_a_process_makes_two_exports_at_a_time() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let path = "/audit/exports/changes.csv?table=tickets";
    let viewers = ["acme", "globex", "admin"];
    let answers =
        join_all(viewers.map(|viewer| ask(&client, Method::GET, (viewer, path), &[]))).await;
    let statuses: Vec<u16> = answers.iter().map(|got| got.status.as_u16()).collect();
    assert_eq!(statuses, [200, 200, 503]);
    assert_eq!(answers[2].header("retry-after"), "5");
}

#[tokio::test]
async fn s_31_an_export_that_nobody_waits_for_gives_its_turn_back() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let path = "/audit/exports/changes.csv?table=tickets";
    for _ in 0..3 {
        let asked = ask(&client, Method::GET, ("acme", path), &[]);
        let gone = tokio::time::timeout(Duration::from_millis(2), asked).await;
        assert!(gone.is_err(), "it was faster than the client could go away");
    }
    let got = ask(&client, Method::GET, ("acme", path), &[]).await;
    assert_eq!(got.status, StatusCode::OK);
}

#[tokio::test]
async fn s_32_who_asks_too_often_waits() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let path = "/audit/exports/changes.csv?table=order_lines";
    let mut statuses = Vec::new();
    for _ in 0..13 {
        statuses.push(ask(&client, Method::GET, ("acme", path), &[]).await);
    }
    let refused = statuses.iter().filter(|got| got.status == StatusCode::TOO_MANY_REQUESTS);
    let waits: Vec<u64> =
        refused.map(|got| got.header("retry-after").parse().expect("seconds")).collect();
    assert!(!waits.is_empty() && waits.iter().all(|wait| (1..=6).contains(wait)), "{waits:?}");
    let other = ask(&client, Method::GET, ("globex", path), &[]).await;
    assert_eq!(other.status, StatusCode::OK, "others do not wait for it");

    let polls =
        join_all((0..60).map(|_| ask(&client, Method::GET, ("acme", "/audit/_/pulse.json"), &[])))
            .await;
    let (fine, refused): (Vec<_>, Vec<_>) =
        polls.iter().partition(|got| got.status == StatusCode::OK);
    assert!(fine.len() >= 30 && !refused.is_empty(), "{} and {}", fine.len(), refused.len());
    assert!(
        refused.iter().all(|got| got.status == StatusCode::TOO_MANY_REQUESTS
            && !got.header("retry-after").is_empty())
    );
    let page = ask(&client, Method::GET, ("acme", "/audit/timeline"), &[]).await;
    assert_eq!(page.status, StatusCode::OK, "pages can be read all the time");
}
