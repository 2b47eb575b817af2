//! What is redacted: three states, and never a value.

use poem::http::StatusCode;
use threadline::{Registry, TableName, TableSpec};
use threadline_migration::Sync;

use crate::fixture::{Fixture, Got};

fn summary(got: &Got) -> Vec<String> {
    got.texts("section.panel h2")
}

/// The columns of all tables, in order, each as its cells.
fn rows(got: &Got) -> Vec<String> {
    got.texts("details table tbody th, details table tbody td")
        .chunks(4)
        .map(|cells| cells.join(" | "))
        .collect()
}

#[tokio::test]
async fn what_matches_is_told_column_by_column() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("admin", "/audit/policy/redaction").await;
    assert_eq!(got.status, StatusCode::OK);
    assert_eq!(got.texts("title"), ["Redaction — Audit · Audit"]);
    assert_eq!(summary(&got), ["Matches 2"]);
    let cells = rows(&got);
    assert!(cells[0].starts_with("card | masked as [card] | masked as [card] |"), "{cells:?}");
    assert!(
        cells[1].starts_with("secret | excluded | excluded | Nothing of it is stored"),
        "{cells:?}"
    );
    assert!(got.text.contains("Nothing is kept out of: "));
    assert!(got.text.contains("threadline policy show"));
    assert!(got.texts(".verdict")[0].contains("What is deployed is what is configured."));
    for value in ["acme card", "acme secret", "globex"] {
        assert!(!got.text.contains(value), "{value}");
    }
}

#[tokio::test]
async fn a_column_that_is_stored_though_the_policy_keeps_it_out_is_told_first() {
    let fixture = Fixture::tenants().await;
    let tickets = TableSpec::new(TableName::parse("tickets").expect("a name"));
    let weaker = Registry::builder().table(tickets).build().expect("a registry");
    let sync = Sync::new(&weaker).allow_weaker_redaction();
    sync.run(&fixture.db).await.expect("synced");
    let got = fixture.get("admin", "/audit/policy/redaction").await;
    assert_eq!(summary(&got), ["Drift detected 1", "Matches 1"], "{}", got.text);
    assert!(
        got.texts(".verdict")[0].contains("More is stored than the policy permits: in 1 table.")
    );
    let cells = rows(&got);
    assert!(cells[1].starts_with("secret | excluded | stored as it is | exposed"), "{cells:?}");
    assert!(got.text.contains("Attach it by what is configured"), "{}", got.text);
    assert!(got.attributes("main [data-copy]", "data-copy").is_empty(), "no command mends it");
}

#[tokio::test]
async fn of_an_edited_function_nothing_is_believed() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "DO $$ DECLARE f oid; BEGIN
                SELECT oid INTO STRICT f FROM pg_proc
                WHERE pronamespace = 'threadline'::regnamespace AND proname LIKE 'capture%tickets%';
                EXECUTE replace(pg_get_functiondef(f), 'BEGIN', 'BEGIN /* acme card */');
            END $$",
        )
        .await;
    let got = fixture.get("warden", "/audit/policy/redaction").await;
    assert_eq!(summary(&got), ["Could not introspect 1", "Matches 1"]);
    let cells = rows(&got);
    assert!(cells[0].starts_with("card | masked as [card] | cannot be told"), "{cells:?}");
    assert!(!got.text.contains("acme card"), "a function's text is not shown either");
}

#[tokio::test]
async fn it_wants_the_capability_and_knows_no_other_parameter() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/policy/redaction").await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    assert!(got.text.contains("threadline policy show") && got.text.contains("“policy”"));
    assert!(!got.text.contains("tickets"));
    for query in ["table=tickets", "check=now&check=now", "check=", "check"] {
        let got = fixture.get("admin", &format!("/audit/policy/redaction?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(!got.text.contains("tickets.") && !got.text.contains("[card]"), "{query}");
    }
}
