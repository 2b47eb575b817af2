//! What a reader sees of what goes wrong.

use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use sea_orm::DatabaseConnection;

use super::{Asked, app_over, every_page};
use crate::fixture::{Fixture, ask};

/// Words of the database, of its driver, and of the program.
const INSIDE: [&str; 20] = [
    "SELECT ",
    "SET TRANSACTION",
    "sqlx",
    "sea_orm",
    "SeaORM",
    "DbErr",
    "Execution Error",
    "Query Error",
    "Connection Error",
    "does not exist",
    "permission denied",
    "pg_catalog",
    "audit_changes",
    "audit_transactions",
    "audited_tables",
    "panicked at",
    "src/",
    "RUST_BACKTRACE",
    "terminating connection",
    "canceling statement",
];

async fn nothing_of_the_inside(db: &DatabaseConnection, pages: &[Asked]) {
    let client = TestClient::new(app_over(db));
    let mut failed = 0;
    for page in pages.iter().filter(|page| page.method == Method::GET) {
        let got = ask(&client, Method::GET, ("admin", &page.path), &[]).await;
        // The page on what is installed names the tables that it looks after.
        let may_name = ["/coverage", "/health.json", "/policy/redaction"].contains(&page.pattern);
        for word in INSIDE {
            let is_name = may_name && (word.starts_with("audit") || word == "does not exist");
            assert!(is_name || !got.text.contains(word), "{}: {word}: {}", page.path, got.text);
        }
        failed += usize::from(got.status.as_u16() >= 500);
        assert!(
            got.status != StatusCode::INTERNAL_SERVER_ERROR || got.text.contains("Incident"),
            "{}",
            page.path
        );
    }
    assert!(failed > 5, "{failed} pages failed");
}

#[tokio::test]
async fn s_33_a_lost_database_is_told_without_its_words() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    let db = fixture.test_db.pool_of(2).await;
    db.clone().close().await.expect("closed");
    nothing_of_the_inside(&db, &pages).await;
}

#[tokio::test]
async fn s_33_a_broken_trail_is_told_without_its_words() {
    for broken in [
        "ALTER TABLE threadline.audit_changes RENAME COLUMN captured_at TO gone;
         ALTER TABLE threadline.audit_transactions RENAME COLUMN actor_id TO gone",
        "ALTER TABLE threadline.audit_transactions RENAME TO elsewhere;
         ALTER TABLE threadline.audited_tables RENAME TO elsewhere_too",
        "DROP SCHEMA threadline CASCADE",
    ] {
        let fixture = Fixture::tenants().await;
        let pages = every_page(&fixture).await;
        fixture.run(broken).await;
        nothing_of_the_inside(&fixture.db, &pages).await;
    }
}

#[tokio::test]
async fn s_33_a_role_without_rights_is_told_without_its_words() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    let db = fixture.test_db.pool_of_as(2, "nobody").await;
    nothing_of_the_inside(&db, &pages).await;
}

#[tokio::test]
async fn s_33_sessions_that_are_ended_are_told_without_their_words() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    let db = fixture.test_db.pool_of(2).await;
    let client = TestClient::new(app_over(&db));
    for page in pages.iter().filter(|page| page.method == Method::GET) {
        fixture
            .run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND pid <> pg_backend_pid()",
            )
            .await;
        let got = ask(&client, Method::GET, ("admin", &page.path), &[]).await;
        // A pool may notice, and connect again: what stands then offers its question as SQL.
        for word in INSIDE.iter().filter(|_| !got.status.is_success()) {
            assert!(!got.text.contains(word), "{}: {word}: {}", page.path, got.text);
        }
    }
}

#[tokio::test]
async fn s_34_a_panic_of_the_hosts_own_functions_is_an_answer() {
    let fixture = Fixture::tenants().await;
    let surface =
        threadline_poem::Surface::builder(fixture.db.clone(), &crate::fixture::registry())
            .authorize(|_| async { crate::fixture::grant("admin") })
            .actor_names(|actors| async move {
                assert!(actors.is_empty(), "Secret: the directory is away");
                std::collections::HashMap::new()
            })
            .host_link(|_, _| panic!("Secret link"))
            .build();
    let client = TestClient::new(poem::Route::new().nest("/audit", surface));
    let mut panicked = 0;
    for page in every_page(&fixture).await.iter().filter(|page| page.method == Method::GET) {
        let got = ask(&client, Method::GET, ("", &page.path), &[]).await;
        assert!(!got.text.contains("Secret") && !got.text.contains("panicked at"), "{}", page.path);
        assert!(!got.header("content-security-policy").is_empty());
        panicked += usize::from(got.status == StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert!(panicked > 1, "{panicked}");
}
