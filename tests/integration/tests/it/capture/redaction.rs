//! Excluded, masked and quiet columns.

use serde_json::json;
use threadline::{Placeholder, TableSpec};
use threadline_migration::{Error, Sync};

use crate::fixture::{Fixture, column, plain, registry};

const USERS: &str = "CREATE TABLE users (id int PRIMARY KEY, email text, hash text, tax varchar(4),
    seen timestamptz)";

fn policy() -> TableSpec {
    plain("users")
        .exclude(column("hash"))
        .mask(column("tax"), Placeholder::default())
        .quieten(column("seen"))
}

async fn users() -> Fixture {
    let f = Fixture::audited(USERS, [policy()]).await;
    f.run("INSERT INTO users VALUES (1, 'a@x', 'h1', '1', NULL), (2, 'b@x', 'h2', NULL, NULL)")
        .await;
    f
}

#[tokio::test]
async fn excluded_columns_leave_no_trace_and_masked_ones_only_that_they_changed() {
    let f = users().await;
    f.run("UPDATE users SET hash = 'h9', tax = '9', email = 'c@x' WHERE id = 1").await;
    f.run("UPDATE users SET hash = 'h8', tax = '8', email = 'd@x'").await;
    f.run("DELETE FROM users WHERE id = 1").await;
    let row = |email: &str| json!({"id": 1, "email": email, "tax": "[REDACTED]", "seen": null});
    let mut changes = f.changes().await;
    changes.retain(|change| change[1] == json!({"id": 1}));
    assert_eq!(changes[0], json!(["insert", {"id": 1}, row("a@x"), null, null]));
    let one = json!(["update", {"id": 1}, row("c@x"), ["email", "tax"], {"email": "a@x", "tax": "[REDACTED]"}]);
    assert_eq!(changes[1], one);
    let many = json!(["update", {"id": 1}, row("d@x"), ["email", "tax"], {"email": "c@x", "tax": "[REDACTED]"}]);
    assert_eq!(changes[2], many);
    assert_eq!(changes[3], json!(["delete", {"id": 1}, null, null, row("d@x")]));
}

#[tokio::test]
async fn an_update_of_excluded_columns_alone_is_recorded_without_a_field() {
    let f = users().await;
    f.run("UPDATE users SET hash = 'new' WHERE id = 1").await;
    f.run("UPDATE users SET hash = 'newer'").await;
    let changes = f.changes().await;
    for change in &changes[2..] {
        assert_eq!((&change[3], &change[4]), (&json!([]), &json!({})));
    }
    assert_eq!(changes.len(), 5);
}

#[tokio::test]
async fn quiet_columns_alone_record_nothing_but_ride_along() {
    let f = users().await;
    f.run("UPDATE users SET seen = now() WHERE id = 1; UPDATE users SET seen = now() + '1 s'")
        .await;
    assert_eq!(f.changes().await.len(), 2);
    f.run("UPDATE users SET seen = '2026-01-02 03:04:05+00', email = 'n@x' WHERE id = 1").await;
    let change = &f.changes().await[2];
    assert_eq!(change[3], json!(["email", "seen"]));
    assert_eq!(change[2]["seen"], json!("2026-01-02T03:04:05+00:00"));
}

#[tokio::test]
async fn a_placeholder_of_ones_own_is_stored() {
    let spec =
        plain("users").mask(column("email"), Placeholder::new("it's \"gone\" \\").expect("valid"));
    let f = Fixture::audited(USERS, [spec]).await;
    f.run("INSERT INTO users VALUES (1, 'a', 'h', 't'), (2, 'b', 'h', 't')").await;
    f.run("UPDATE users SET email = 'x' WHERE id = 1; UPDATE users SET email = 'y'").await;
    let stored = "SELECT DISTINCT coalesce(changed_from -> 'email', data_after -> 'email')
        FROM threadline.audit_changes";
    assert_eq!(f.values(stored).await, [json!("it's \"gone\" \\")]);
}

#[tokio::test]
async fn a_sync_never_weakens_redaction_unless_told_to() {
    let f = users().await;
    let open = registry([plain("users").mask(column("tax"), Placeholder::default())]);
    let error = threadline_migration::sync(&f.db, &open).await.expect_err("refused");
    assert!(matches!(error, Error::WeakerRedaction { .. }), "{error}");
    assert!(error.to_string().contains("`hash`"), "{error}");
    f.run("UPDATE users SET hash = 'canary' WHERE id = 1").await;
    let leaks =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c WHERE c::text LIKE '%canary%'";
    assert_eq!(f.value(leaks).await, json!(0));
    let report = Sync::new(&open).allow_weaker_redaction().run(&f.db).await.expect("told so");
    assert!(!report.is_unchanged());
    f.run("UPDATE users SET hash = 'canary 2' WHERE id = 1").await;
    assert_eq!(f.value(leaks).await, json!(1));
}

#[tokio::test]
async fn a_policy_for_a_column_that_does_not_exist_is_refused() {
    let f = users().await;
    let wrong = registry([policy().exclude(column("hsah"))]);
    let error = threadline_migration::sync(&f.db, &wrong).await.expect_err("refused");
    assert!(error.to_string().contains("names the column `hsah`"), "{error}");
}
