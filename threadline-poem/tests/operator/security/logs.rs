//! What is logged of requests, and what is not.

use poem::http::Method;
use poem::test::TestClient;

use super::{app_over, every_page};
use crate::fixture::{Fixture, ask};
use crate::log::Log;

#[tokio::test]
async fn s_24_s_40_no_query_and_no_value_is_logged() {
    let fixture = Fixture::tenants().await;
    let log = Log::start();
    let client = TestClient::new(fixture.app());
    for page in every_page(&fixture).await {
        let join = if page.path.contains('?') { '&' } else { '?' };
        let path = format!("{}{join}hunter2=evil%0d%0aERROR%20forged", page.path);
        for viewer in ["admin", "acme", "stranger"] {
            ask(
                &client,
                page.method.clone(),
                (viewer, &path),
                &[("sec-fetch-site", "same-origin")],
            )
            .await;
        }
    }
    for path in [
        "/audit/hunter2%0aERROR",
        "/audit/rows/hunter2",
        "/audit/timeline?corr=hunter2",
        "/audit/rows/public.tickets/hunter2",
    ] {
        ask(&client, Method::GET, ("acme", path), &[]).await;
    }
    let lines = log.lines();
    assert!(lines.len() > 20, "{lines:?}");
    for line in &lines {
        for word in ["hunter2", "forged", "acme ticket", "acme town", "\n", "\r"] {
            assert!(!line.contains(word), "{line}");
        }
    }
}

#[tokio::test]
async fn s_43_a_denial_is_logged_with_its_reason() {
    let fixture = Fixture::tenants().await;
    let log = Log::start();
    let own = [("sec-fetch-site", "same-origin")];
    fixture.ask(Method::GET, "stranger", "/audit/timeline", &[]).await;
    fixture.ask(Method::GET, "support", "/audit/coverage", &[]).await;
    fixture.ask(Method::GET, "support", "/audit/timeline?tabel=x", &[]).await;
    fixture.ask(Method::GET, "acme", "/audit/transactions/987654321", &[]).await;
    fixture.ask(Method::POST, "acme", "/audit/prefs", &own).await;
    fixture.ask(Method::POST, "acme", "/audit/prefs", &[("sec-fetch-site", "cross-site")]).await;
    let lines = log.lines();
    let has =
        |words: &[&str]| lines.iter().any(|line| words.iter().all(|word| line.contains(word)));
    assert!(has(&["threadline.operator.denied"]), "{lines:?}");
    assert!(has(&["threadline.operator.refused", "/coverage", "no_capability"]), "{lines:?}");
    assert!(has(&["threadline.operator.refused", "/transactions/{id}", "not_found"]), "{lines:?}");
    assert!(has(&["threadline.operator.refused", "/prefs", "bad_request"]), "{lines:?}");
    assert!(has(&["threadline.operator.refused", "cross_site"]), "{lines:?}");
}

#[tokio::test]
async fn s_33_s_40_what_went_wrong_is_logged_under_the_number_that_is_shown() {
    let fixture = Fixture::tenants().await;
    let db = fixture.test_db.pool_of(1).await;
    fixture.run("ALTER TABLE threadline.audit_changes RENAME COLUMN captured_at TO gone").await;
    let log = Log::start();
    let got = ask(
        &TestClient::new(app_over(&db)),
        Method::GET,
        ("admin", "/audit/rows/public.tickets/11"),
        &[],
    )
    .await;
    assert!(got.status.is_server_error(), "{}", got.status);
    let number = got.texts("main .meta code").concat();
    assert_eq!(number.len(), 36, "{number}");
    let lines = log.lines();
    assert!(lines.iter().any(|line| line.contains(&number)), "{lines:?}");
}
