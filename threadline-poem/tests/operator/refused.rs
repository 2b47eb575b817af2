//! The pages that there are in place of others.

use poem::Route;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use sea_orm::DatabaseConnection;
use threadline_poem::Surface;

use crate::fixture::{Fixture, Got, ask, grant, registry};

/// Words of the database, of its driver, and of the library between.
const INSIDE: [&str; 12] = [
    "SELECT",
    "SET TRANSACTION",
    "sqlx",
    "sea_orm",
    "DbErr",
    "Execution Error",
    "Query Error",
    "Connection Error",
    "permission denied",
    "pg_catalog",
    "audit_changes",
    "audited_tables",
];

async fn get(db: &DatabaseConnection, path: &str) -> Got {
    let surface = Surface::builder(db.clone(), &registry())
        .contact("Ask in #audit.")
        .authorize(|_| async { grant("admin") });
    let app = Route::new().nest("/audit", surface.build());
    ask(&TestClient::new(app), Method::GET, ("admin", path), &[]).await
}

fn tells_nothing_of_the_inside(got: &Got) {
    for word in INSIDE {
        assert!(!got.text.contains(word), "{word}: {}", got.text);
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_page_like_the_others() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/nothing-is-here?q=%3Cscript%3E").await;
    assert_eq!(got.status, StatusCode::NOT_FOUND);
    assert_eq!(got.texts("h1"), ["Not found"]);
    assert_eq!(got.texts("title"), ["Not found — Audit · Audit"]);
    assert_eq!(got.attributes("main .ways a", "href"), ["/audit/"]);
    assert_eq!(got.texts("nav.places a").len(), 3, "the way on is there");
    let head = fixture.ask(Method::HEAD, "acme", "/audit/nothing-is-here", &[]).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::NOT_FOUND, ""));
}

#[tokio::test]
async fn what_cannot_be_asked_leads_back_to_what_can() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("admin", "/audit/coverage?shema=public").await;
    assert_eq!(got.texts("h1"), ["This cannot be asked"]);
    assert_eq!(got.attributes("main .ways a", "href"), ["/audit/coverage", "/audit/"]);
    assert!(got.texts("[role=alert] .note")[0].contains("For example: schema=public"));
}

#[tokio::test]
async fn without_a_database_there_is_a_page_that_says_so() {
    let fixture = Fixture::tenants().await;
    let db = fixture.test_db.pool_of(2).await;
    db.clone().close().await.expect("closed");
    let got = get(&db, "/audit/coverage?schema=public").await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(got.texts("h1"), ["The database cannot be reached"]);
    assert_eq!(got.header("retry-after"), "5");
    assert_eq!(got.texts("#pill"), ["Coverage unknown"]);
    let ways = got.attributes("main .ways a", "href");
    assert_eq!(ways, ["/audit/coverage?schema=public", "/audit/"]);
    assert!(got.text.contains("Ask in #audit.") && got.text.contains("Incident"));
    tells_nothing_of_the_inside(&got);
    // A page that reads nothing stands, and its header does not wait.
    let prefs = get(&db, "/audit/nothing-is-here").await;
    assert_eq!(prefs.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_role_without_rights_is_told_apart() {
    let fixture = Fixture::tenants().await;
    let db = fixture.test_db.pool_of_as(2, "nobody").await;
    let got = get(&db, "/audit/policy/redaction").await;
    assert_eq!(got.status, StatusCode::SERVICE_UNAVAILABLE, "{}", got.text);
    assert_eq!(got.texts("h1"), ["These pages may not read the trail"]);
    assert!(got.text.contains("threadline doctor"));
    tells_nothing_of_the_inside(&got);
}

#[tokio::test]
async fn a_page_that_panics_is_a_page_with_the_number_of_an_incident() {
    let fixture = Fixture::tenants().await;
    let surface = Surface::builder(fixture.db.clone(), &registry())
        .actor_names(|_| async { panic!("password=hunter2") })
        .authorize(|_| async { grant("admin") });
    let app = Route::new().nest("/audit", surface.build());
    let client = TestClient::new(app);
    let got = ask(&client, Method::GET, ("admin", "/audit/timeline"), &[]).await;
    assert_eq!(got.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(got.texts("h1"), ["Something went wrong"]);
    assert!(got.text.contains("Incident") && !got.text.contains("hunter2"), "{}", got.text);
    assert_eq!(got.texts("nav.places a").len(), 5, "the way on is there");
}
