//! Coverage: the page, its twin as JSON, and what the header says of it.

use std::time::Duration;

use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::Value;

use crate::fixture::{Fixture, Got, ask};

fn panels(got: &Got) -> Vec<String> {
    got.texts("section.panel h2")
}

fn names(got: &Got, group: &str) -> Vec<String> {
    got.texts(&format!("#{group} tbody th"))
}

#[tokio::test]
async fn a_table_that_nobody_named_is_told_with_what_covers_it() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("admin", "/audit/coverage").await;
    assert_eq!(got.status, StatusCode::OK);
    assert_eq!(got.texts("title"), ["Coverage — Audit · Audit"]);
    assert_eq!(panels(&got), ["Needs capture 1", "Covered 2"]);
    assert_eq!(names(&got, "needs-capture"), ["public.unwatched"]);
    assert_eq!(names(&got, "covered"), ["public.order_lines", "public.tickets"]);
    let verdict = got.texts(".verdict");
    assert!(verdict[0].contains("Not ready: writes to 1 table are not recorded"), "{verdict:?}");
    let commands = got.attributes("#needs-capture [data-copy]", "data-copy");
    assert_eq!(commands, ["threadline attach --tables public.unwatched"]);
    let links = got.attributes("#covered tbody th a", "href");
    assert_eq!(links[1], "/audit/timeline?table=public.tickets");
    assert_eq!(got.texts("#pill"), ["1 uncovered"]);
    assert_eq!(got.attributes("#pill", "href"), ["/audit/coverage"]);
    assert!(got.texts("#covered thead th").contains(&"Last change".to_owned()));
    assert!(
        got.texts(".cli code").contains(&"threadline health coverage --all-schemas".to_owned())
    );
}

#[tokio::test]
async fn what_is_switched_off_is_told_with_the_statement_that_mends_it() {
    let fixture = Fixture::tenants().await;
    fixture.run("DROP TABLE unwatched; ALTER TABLE tickets DISABLE TRIGGER ALL").await;
    let got = fixture.get("admin", "/audit/coverage").await;
    assert_eq!(panels(&got)[..2], ["Disabled or altered 1", "Covered 1"]);
    assert_eq!(names(&got, "altered"), ["public.tickets"]);
    assert_eq!(got.texts("#pill"), ["1 uncovered"]);
    let fixes = got.attributes("#altered [data-copy]", "data-copy");
    assert!(fixes[0].starts_with("ALTER TABLE \"public\".\"tickets\" ENABLE ALWAYS"), "{fixes:?}");

    fixture.run(&fixes[0]).await;
    let got = fixture.get("admin", "/audit/coverage").await;
    assert_eq!(panels(&got), ["Covered 2"]);
    assert!(got.texts(".verdict")[0].contains("Ready: the writes of 2 tables are recorded"));
    assert_eq!(got.texts("#pill"), ["All covered"]);
}

#[tokio::test]
async fn a_table_of_another_form_is_out_of_date() {
    let fixture = Fixture::tenants().await;
    fixture.run("DROP TABLE unwatched; ALTER TABLE tickets ADD COLUMN more text").await;
    let got = fixture.get("admin", "/audit/coverage").await;
    assert_eq!(panels(&got), ["Out of date 1", "Covered 1"]);
    assert!(
        got.texts(".verdict")[0]
            .contains("Ready: every table is covered, and 1 thing wants a look")
    );
    assert_eq!(got.texts("#pill"), ["All covered"]);
}

#[tokio::test]
async fn without_a_trail_nothing_is_ready() {
    let fixture = Fixture::tenants().await;
    fixture.run("DROP TABLE tickets, order_lines, unwatched; DROP SCHEMA threadline CASCADE").await;
    let got = fixture.get("admin", "/audit/coverage").await;
    assert_eq!(got.status, StatusCode::OK);
    assert!(got.texts(".verdict")[0].contains("Not ready"), "{}", got.text);
    assert!(got.text.contains("schema_missing"));
    assert_eq!(got.texts("#pill"), ["2 uncovered"]);
}

#[tokio::test]
async fn one_schema_can_be_looked_at_alone() {
    let fixture = Fixture::tenants().await;
    fixture.run("CREATE SCHEMA billing; CREATE TABLE billing.invoices (id int PRIMARY KEY)").await;
    let all = fixture.get("admin", "/audit/coverage?schema=").await;
    assert_eq!(names(&all, "needs-capture"), ["billing.invoices", "public.unwatched"]);
    assert_eq!(all.attributes("#schema option", "value"), ["", "billing", "public"]);
    let one = fixture.get("admin", "/audit/coverage?schema=billing").await;
    assert_eq!(names(&one, "needs-capture"), ["billing.invoices"]);
    assert_eq!(panels(&one), ["Needs capture 1"]);
    assert_eq!(one.texts("title"), ["billing · Coverage — Audit · Audit"]);
    assert!(!one.text.contains("tickets"));
    assert_eq!(one.attributes("#schema option[selected]", "value"), ["billing"]);
    assert!(
        one.texts(".cli code")
            .contains(&"threadline health coverage --host-schema billing".to_owned())
    );
    // What the header says is about all of them, whatever the page is about.
    assert_eq!(one.texts("#pill"), ["2 uncovered"]);
}

#[tokio::test]
async fn what_cannot_be_asked_is_marked_and_shows_no_table() {
    let fixture = Fixture::tenants().await;
    for (query, key, why) in [
        ("schema=nowhere", "schema", "Schema 'nowhere' not found. There are: public."),
        ("schema=pg_catalog", "schema", "Schema 'pg_catalog' not found."),
        ("schema=threadline", "schema", "not found."),
        ("schema=Public", "schema", "Schema 'Public' not found."),
        ("schema=%3Cscript%3Ealert(1)%3C/script%3E", "schema", "not found."),
        ("shema=public", "shema", "There is no such choice"),
        ("schema=public&schema=public", "schema", "It is there twice"),
        ("check=later", "check", "It can only be now"),
    ] {
        for page in ["coverage", "health.json"] {
            let got = fixture.get("admin", &format!("/audit/{page}?{query}")).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert_eq!(got.texts("tbody th code"), [key], "{query}");
            let told = got.texts("tbody td");
            assert!(told[1].contains(why), "{query}: {told:?}");
            assert!(
                !got.text.contains("tickets") && !got.text.contains("<script>alert"),
                "{query}"
            );
        }
    }
}

#[tokio::test]
async fn whoever_lacks_the_capability_is_told_whom_to_ask_and_sees_no_pill() {
    let fixture = Fixture::tenants().await;
    for viewer in ["acme", "support", "blind"] {
        for path in ["/audit/coverage", "/audit/health.json", "/audit/coverage?schema=nowhere"] {
            let got = fixture.get(viewer, path).await;
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{viewer} {path}");
            assert_eq!(got.texts("h1"), ["Not available here"]);
            assert!(got.text.contains("threadline health coverage"));
            assert!(got.text.contains("“coverage”"), "what to ask for: {}", got.text);
            assert!(got.texts("#pill").is_empty());
            assert!(!got.text.contains("unwatched"));
        }
        assert!(fixture.get(viewer, "/audit").await.texts("#pill").is_empty());
    }
}

#[tokio::test]
async fn a_narrowed_view_tells_names_of_tables_and_nothing_of_rows() {
    let fixture = Fixture::tenants().await;
    silence_order_lines(&fixture).await;
    let all = fixture.get("admin", "/audit/coverage").await;
    assert!(all.text.contains("silent") && all.text.contains("Last change"), "{}", all.text);
    let got = fixture.get("warden", "/audit/coverage").await;
    assert_eq!(names(&got, "covered"), ["public.order_lines", "public.tickets"]);
    assert!(!got.text.contains("Last change") && !got.text.contains("silent"), "{}", got.text);
    assert_eq!(got.texts("#covered .badge"), ["recorded", "recorded"]);
    assert!(!got.text.contains("globex"));
    let json = fixture.get("warden", "/audit/health.json").await;
    assert!(!json.text.contains("silent") && !json.text.contains("last_change"), "{}", json.text);
}

/// Makes a table of which the server has counted writes, and the trail has none of them.
async fn silence_order_lines(fixture: &Fixture) {
    fixture
        .run(
            "UPDATE threadline.audited_tables SET since = since - interval '60 days';
            DELETE FROM threadline.audit_changes WHERE table_name = 'order_lines'",
        )
        .await;
    fixture.run("ANALYZE order_lines").await;
    counted(fixture, "last_analyze IS NOT NULL").await;
    fixture
        .run(
            "ALTER TABLE order_lines DISABLE TRIGGER ALL;
            UPDATE order_lines SET amount = amount + 1;
            ALTER TABLE order_lines ENABLE ALWAYS TRIGGER \"00_threadline_insert\",
                ENABLE ALWAYS TRIGGER \"00_threadline_update\",
                ENABLE ALWAYS TRIGGER \"00_threadline_delete\",
                ENABLE ALWAYS TRIGGER \"00_threadline_truncate\"",
        )
        .await;
    counted(fixture, "n_mod_since_analyze > 0").await;
}

/// Sessions report what they have done a moment later.
async fn counted(fixture: &Fixture, what: &str) {
    let sql = format!("SELECT FROM pg_stat_user_tables WHERE relname = 'order_lines' AND {what}");
    for _ in 0..200 {
        let statement = Statement::from_string(DbBackend::Postgres, sql.clone());
        if !fixture.db.query_all_raw(statement).await.expect("an answer").is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the server has not counted: {what}");
}

#[tokio::test]
async fn the_twin_as_data_has_the_keys_of_the_command() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("admin", "/audit/health.json").await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(got.header("cache-control"), "no-store");
    let document: Value = serde_json::from_str(&got.text).expect("JSON");
    assert_eq!(document["covered"], serde_json::json!(["public.order_lines", "public.tickets"]));
    assert_eq!(document["uncovered"], serde_json::json!(["public.unwatched"]));
    assert_eq!(document["ready"], false);
    assert_eq!(document["findings"][0]["code"], "uncovered");
    fixture.run("DROP TABLE unwatched; CREATE TABLE schema_migrations (id int)").await;
    let got = fixture.get("admin", "/audit/health.json?schema=public").await;
    let document: Value = serde_json::from_str(&got.text).expect("JSON");
    assert_eq!(document["ready"], true, "{document}");
    let expected = serde_json::json!([{"table": "public.schema_migrations", "source": "baseline"}]);
    assert_eq!(document["expected_uncovered"], expected);
}

#[tokio::test]
async fn names_of_tables_are_text_whatever_they_hold() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "CREATE TABLE \"<img src=x onerror=alert(1)>\" (id int PRIMARY KEY);
            CREATE TABLE \"a`b\" (id int PRIMARY KEY);
            CREATE TABLE \"x; rm -rf ~\" (id int PRIMARY KEY);
            CREATE TABLE \"\u{202e}stekcit\" (id int PRIMARY KEY)",
        )
        .await;
    let got = fixture.get("admin", "/audit/coverage").await;
    assert_eq!(names(&got, "needs-capture").len(), 5);
    assert!(got.texts("img").is_empty() && !got.text.contains('\u{202e}'));
    assert!(got.text.contains("U+202E"));
    let commands = got.attributes("#needs-capture [data-copy]", "data-copy");
    assert_eq!(commands, ["threadline attach --tables public.unwatched"]);
}

#[tokio::test]
async fn the_database_is_looked_at_once_per_interval_for_all() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let pill = async |viewer: &str, path: &str| {
        let asked = (viewer, path);
        ask(&client, Method::GET, asked, &[]).await.texts("#pill")
    };
    assert_eq!(pill("admin", "/audit").await, ["1 uncovered"]);
    fixture.run("CREATE TABLE another (id int PRIMARY KEY)").await;
    assert_eq!(pill("warden", "/audit").await, ["1 uncovered"]);
    // Somebody who asks again and again does not make the database work more than every five seconds.
    assert_eq!(pill("admin", "/audit/coverage?check=now").await, ["1 uncovered"]);
    assert_eq!(fixture.get("admin", "/audit").await.texts("#pill"), ["2 uncovered"]);
}
