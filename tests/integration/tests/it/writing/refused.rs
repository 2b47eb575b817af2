//! What is refused, and that nothing is left of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::{AccessMode, DbErr};
use serde_json::json;
use threadline::{Action, ActorRef, AuditContext, AuditExt, Error, record_action};
use threadline_testkit::TestDb;

use super::{attribution, counts, fixture, insert, user};

#[tokio::test]
async fn without_an_actor_nothing_is_begun() {
    let f = fixture().await;
    let statements = Arc::new(AtomicUsize::new(0));
    let mut db = f.db.clone();
    let seen = Arc::clone(&statements);
    db.set_metric_callback(move |_| {
        seen.fetch_add(1, Ordering::Relaxed);
    });
    // The only connection of the pool is taken, so beginning anything would wait for ever.
    let taken = f.db.audit_begin(&user(), "other").await.unwrap();
    let nobody = AuditContext::default();
    for action in [
        Action::new("note.create"),
        Action::new("note.create").allow_missing_actor(),
        Action::capture_only(),
    ] {
        let error = db.audit_begin(&nobody, action.clone()).await.unwrap_err();
        assert!(matches!(error, Error::MissingActor { .. }), "{error}");
        let ran = db.audited(&nobody, action, async |_| -> Result<(), DbErr> { unreachable!() });
        assert!(ran.await.unwrap_err().to_string().contains("actor"));
    }
    let error = record_action(&db, &nobody, "login").await.unwrap_err();
    assert!(matches!(error, Error::MissingActor { .. }), "{error}");
    assert_eq!(statements.load(Ordering::Relaxed), 0);
    taken.rollback().await.unwrap();
    assert_eq!(counts(&f.db).await, json!([0, 0, 0, 0]));
}

#[tokio::test]
async fn what_is_out_of_bounds_is_refused_before_anything_is_sent() {
    let f = fixture().await;
    let ctx = AuditContext::new(ActorRef::user(""));
    assert!(matches!(f.db.audit_begin(&ctx, "a").await, Err(Error::InvalidActor(_))));
    let ctx = user().correlation_id("two\nlines");
    assert!(matches!(f.db.audit_begin(&ctx, "a").await, Err(Error::InvalidContext(_))));
    assert!(matches!(f.db.audit_begin(&user(), "").await, Err(Error::InvalidAction(_))));
    let nothing = record_action(&f.db, &user(), Action::capture_only()).await;
    assert!(matches!(nothing, Err(Error::InvalidAction(_))));
    assert_eq!(counts(&f.db).await, json!([0, 0, 0, 0]));
}

#[tokio::test]
async fn a_database_without_the_schema_says_how_to_install_it() {
    let empty = TestDb::empty().await;
    let db = empty.pool_of(1).await;
    for error in [
        db.audit_begin(&user(), "a").await.unwrap_err(),
        record_action(&db, &user(), "a").await.unwrap_err(),
    ] {
        assert!(matches!(error, Error::NotInstalled { .. }), "{error}");
        assert!(error.to_string().contains("threadline_migration"), "{error}");
    }
}

#[tokio::test]
async fn a_capture_that_is_required_and_missing_rolls_back() {
    let f = fixture().await;
    f.run("CREATE TABLE unaudited (id int)").await;
    let action = Action::new("note.create").require_capture();
    let txn = f.db.audit_begin(&user(), action.clone()).await.unwrap();
    sea_orm::ConnectionTrait::execute_unprepared(&txn, "INSERT INTO unaudited VALUES (1)")
        .await
        .unwrap();
    let error = txn.commit().await.unwrap_err();
    assert!(matches!(&error, Error::NothingCaptured { action } if action == "note.create"));
    assert_eq!(f.value("SELECT to_jsonb(count(*)) FROM unaudited").await, json!(0));
    assert_eq!(counts(&f.db).await, json!([0, 0, 0, 0]));

    f.db.audited(&user(), action, async |txn| insert(txn, 1).await).await.unwrap();
    // Not required, an action without rows is recorded with its transaction.
    f.db.audited(&user(), "look", async |_| Ok::<_, DbErr>(())).await.unwrap();
    assert_eq!(counts(&f.db).await, json!([2, 2, 1, 1]));
}

#[tokio::test]
async fn a_commit_after_a_failed_statement_is_no_success() {
    let f = fixture().await;
    insert(&f.db, 1).await.unwrap();
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    insert(&txn, 2).await.unwrap();
    insert(&txn, 1).await.unwrap_err();
    assert!(matches!(txn.commit().await, Err(Error::RolledBack)));

    let swallowed =
        f.db.audited(&user(), "note.create", async |txn| {
            let _ = insert(txn, 1).await;
            Ok::<_, DbErr>(())
        })
        .await;
    assert!(swallowed.is_err());
    assert_eq!(counts(&f.db).await, json!([1, 0, 1, 1]));
}

#[tokio::test]
async fn a_failure_that_a_savepoint_caught_does_not_hinder_the_commit() {
    let f = fixture().await;
    insert(&f.db, 1).await.unwrap();
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    let inner = txn.audit_begin(&user(), "inner").await.unwrap();
    insert(&inner, 1).await.unwrap_err();
    assert!(matches!(inner.commit().await, Err(Error::RolledBack)));
    insert(&txn, 2).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(attribution(&f).await[1], json!([2, "note.create", null, "7"]));
}

#[tokio::test]
async fn an_audited_transaction_cannot_be_read_only() {
    let f = fixture().await;
    let mode = Some(AccessMode::ReadOnly);
    let error = f.db.audit_begin_with(&user(), "a", None, mode).await.unwrap_err();
    assert!(error.to_string().contains("read-only"), "{error}");
    f.db.audited(&user(), "note.create", async |txn| insert(txn, 1).await).await.unwrap();
}
