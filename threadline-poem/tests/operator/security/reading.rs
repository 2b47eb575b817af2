//! Reading as a role that may only read, under the settings that a read has.

use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use sea_orm::DatabaseConnection;

use super::crawl::{FROM, crawl};
use super::{app_over, every_page};
use crate::fixture::{Fixture, ask};

const GUIDE: &str = include_str!("../../../../docs/roles.md");

/// A connection as the guide's reader, who has SELECT and nothing else.
async fn reader(fixture: &Fixture) -> DatabaseConnection {
    let db = fixture.test_db.pool_of_as(6, "support").await;
    for title in ["reader", "pages"] {
        let start = format!("```sql\n-- {title}\n");
        let grants = GUIDE.split(&start).nth(1).and_then(|rest| rest.split("```").next());
        let role = format!("TO {};", fixture.test_db.role("support"));
        fixture.run(&grants.expect(title).replace("TO support;", &role)).await;
    }
    db
}

#[tokio::test]
async fn s_45_the_whole_surface_is_served_by_a_role_that_can_only_read() {
    let fixture = Fixture::tenants().await;
    let db = reader(&fixture).await;
    let client = TestClient::new(app_over(&db));
    let log = crate::log::Log::start();
    for page in every_page(&fixture).await.iter().filter(|page| page.method == Method::GET) {
        let got = ask(&client, Method::GET, ("admin", &page.path), &[]).await;
        if got.status.is_server_error() {
            eprintln!("{} {:?}", page.path, log.lines());
        }
        let is_answer = got.status == StatusCode::OK || got.status.is_redirection();
        assert!(is_answer, "{}: {} {}", page.path, got.status, got.text);
        assert!(got.texts("[data-panel-failed], .error-panel").is_empty(), "{}", page.path);
    }
    for statement in
        ["UPDATE threadline.audit_changes SET id = id", "DELETE FROM threadline.audit_transactions"]
    {
        let sql = threadline::schema().expect("a name").rewrite(statement).into_owned();
        let refused =
            sea_orm::ConnectionTrait::execute_unprepared(&db, &sql).await.expect_err(statement);
        assert!(refused.to_string().contains("permission denied"), "{refused}");
    }
}

/// Row security that asks, of each read, how it is read. What is read otherwise is an error.
fn probe(condition: &str, role: &str) -> String {
    format!(
        "CREATE FUNCTION probe() RETURNS boolean LANGUAGE plpgsql AS $probe$
         BEGIN
             IF {condition} THEN RAISE EXCEPTION 'read without limits'; END IF;
             RETURN true;
         END $probe$;
         GRANT EXECUTE ON FUNCTION probe() TO {role};
         ALTER TABLE threadline.audit_changes ENABLE ROW LEVEL SECURITY;
         ALTER TABLE threadline.audit_transactions ENABLE ROW LEVEL SECURITY;
         ALTER TABLE threadline.audited_tables ENABLE ROW LEVEL SECURITY;
         CREATE POLICY probe ON threadline.audit_changes USING (public.probe());
         CREATE POLICY probe ON threadline.audit_transactions USING (public.probe());
         CREATE POLICY probe ON threadline.audited_tables USING (public.probe())"
    )
}

const UNBOUNDED: &str = "current_setting('transaction_read_only') <> 'on'
    OR current_setting('statement_timeout') = '0'
    OR current_setting('lock_timeout') = '0'
    OR current_setting('idle_in_transaction_session_timeout') = '0'
    OR current_setting('transaction_isolation') <> 'repeatable read'";

#[tokio::test]
async fn s_30_every_read_is_read_only_and_has_its_limits_of_time() {
    let fixture = Fixture::tenants().await;
    let db = reader(&fixture).await;
    fixture.run(&probe(UNBOUNDED, &fixture.test_db.role("support"))).await;
    let client = TestClient::new(app_over(&db));
    let pages: Vec<String> = every_page(&fixture).await.into_iter().map(|p| p.path).collect();
    let from: Vec<&str> = FROM.into_iter().chain(pages.iter().map(String::as_str)).collect();
    let walk = crawl(&client, "acme", &from).await;
    assert!(walk.len() > 80, "{}", walk.len());
    for (path, got) in walk {
        assert!(got.status.as_u16() < 500, "{path}: {} {}", got.status, got.text);
        assert!(!got.text.contains("could not be read"), "{path}: a panel failed");
    }
}

#[tokio::test]
async fn s_30_the_check_of_the_limits_can_fail() {
    let fixture = Fixture::tenants().await;
    let db = reader(&fixture).await;
    fixture
        .run(&probe(
            "current_setting('transaction_read_only') = 'on'",
            &fixture.test_db.role("support"),
        ))
        .await;
    let got =
        ask(&TestClient::new(app_over(&db)), Method::GET, ("acme", "/audit/timeline"), &[]).await;
    assert!(got.status.as_u16() >= 500, "{}", got.status);
}
