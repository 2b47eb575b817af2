//! Reads that may not cost more than they may: limits, one moment, and nothing left behind.

use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection};
use serde_json::json;
use threadline::{BoundedRead, Error, Filter, Predicate, Reader, count, timeline};

use super::written;
use crate::fixture::{self, Fixture, value};

const LONG: Duration = Duration::from_secs(60);
/// What a bounded read sets, and a few settings that say so.
const SETTINGS: &str = "SELECT jsonb_object_agg(name, current_setting(name)) FROM unnest(ARRAY[
    'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'search_path',
    'TimeZone', 'DateStyle', 'IntervalStyle', 'jit', 'transaction_read_only',
    'transaction_isolation']) name";

/// Another connection that holds the trail locked, as a migration would.
async fn locked(f: &Fixture) -> DatabaseConnection {
    let other = f.test_db.pool_of(1).await;
    fixture::run(&other, "BEGIN; LOCK TABLE threadline.audit_changes").await;
    other
}

async fn changes(read: &BoundedRead) -> Result<u32, Error> {
    Ok(count(&**read, &Filter::new(), 1_000).await?.counted)
}

#[tokio::test]
async fn a_statement_that_reaches_its_limit_is_stopped_and_says_after_how_long() {
    let f = written().await;
    let other = locked(&f).await;
    let read = BoundedRead::begin(&f.db, Duration::from_millis(60)).await.expect("begins");
    fixture::run(read.connection(), "SET LOCAL lock_timeout = 0").await;
    let error = changes(&read).await.expect_err("it can only wait");
    let Error::TimedOut { after: Some(after), .. } = &error else { panic!("{error:?}") };
    assert!(*after >= Duration::from_millis(55), "{after:?}");
    assert!(error.is_timeout() && !error.is_unavailable());
    assert!(error.to_string().contains("took longer than its time limit"), "{error}");
    drop(read);
    fixture::run(&other, "ROLLBACK").await;
    assert_eq!(timeline(&f.db, &Filter::new()).await.expect("the connection goes on").len(), 4);
}

#[tokio::test]
async fn a_statement_that_somebody_cancels_is_the_same_error() {
    let f = written().await;
    let other = locked(&f).await;
    let read = BoundedRead::begin(&f.db, LONG).await.expect("begins");
    let pid = value(&*read, "SELECT to_jsonb(pg_backend_pid())").await;
    let cancel = async {
        let waits = format!("SELECT to_jsonb(cardinality(pg_blocking_pids({pid})))");
        while value(&other, &waits).await == json!(0) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        value(&other, &format!("SELECT to_jsonb(pg_cancel_backend({pid}))")).await
    };
    let (told, is_cancelled) = tokio::join!(changes(&read), cancel);
    assert_eq!(is_cancelled, json!(true));
    let error = told.expect_err("it was cancelled");
    assert!(error.is_timeout(), "{error:?}");
    assert!(error.to_string().contains("or somebody cancelled it"), "{error}");
}

#[tokio::test]
async fn a_locked_trail_is_unavailable_before_the_limit_is_reached() {
    let f = written().await;
    let other = locked(&f).await;
    let read = BoundedRead::begin(&f.db, Duration::from_millis(400)).await.expect("begins");
    let error = changes(&read).await.expect_err("it can only wait");
    assert!(error.is_unavailable() && !error.is_timeout(), "{error:?}");
    drop(other);
}

#[tokio::test]
async fn it_sets_what_it_says_for_itself_alone() {
    let f = written().await;
    f.run("SET search_path = public; SET timezone = 'Asia/Tokyo'; SET jit = on").await;
    f.run("SET default_transaction_isolation = 'serializable'").await;
    let before = f.value(SETTINGS).await;
    let read = BoundedRead::begin(&f.db, Duration::from_millis(1_500)).await.expect("begins");
    let expected = json!({
        "statement_timeout": "1500ms", "lock_timeout": "750ms",
        "idle_in_transaction_session_timeout": "10s", "search_path": "pg_catalog, pg_temp",
        "TimeZone": "UTC", "DateStyle": "ISO, YMD", "IntervalStyle": "postgres", "jit": "off",
        "transaction_read_only": "on", "transaction_isolation": "repeatable read",
    });
    assert_eq!(value(&*read, SETTINGS).await, expected);
    read.end().await.expect("ends");
    assert_eq!(f.value(SETTINGS).await, before, "after its end");
    drop(BoundedRead::begin(&f.db, LONG).await.expect("begins"));
    assert_eq!(f.value(SETTINGS).await, before, "after it was dropped");
}

#[tokio::test]
async fn it_sees_one_moment_keeps_to_a_scope_and_writes_nothing() {
    let f = written().await;
    let other = f.test_db.pool_of(1).await;
    let read = BoundedRead::begin(&f.db, LONG).await.expect("begins");
    assert_eq!(changes(&read).await.expect("reads"), 4);
    fixture::run(&other, "INSERT INTO t VALUES (9, 9)").await;
    assert_eq!(changes(&read).await.expect("reads"), 4, "as it was");
    let reader = Reader::new(read.connection()).scoped((), |()| Predicate::key("id", 404));
    assert_eq!(timeline(&reader, &Filter::new()).await.expect("reads").len(), 0);
    let error = read.execute_unprepared("DELETE FROM public.t").await.expect_err("read only");
    assert!(error.to_string().contains("read-only transaction"), "{error}");
}

#[tokio::test]
async fn without_a_connection_it_is_unavailable() {
    let f = Fixture::installed().await;
    let mut options = ConnectOptions::new(f.test_db.url());
    options.max_connections(1).acquire_timeout(Duration::from_millis(50)).sqlx_logging(false);
    let db = Database::connect(options).await.expect("connects");
    let held = BoundedRead::begin(&db, LONG).await.expect("begins");
    let error = BoundedRead::begin(&db, LONG).await.expect_err("the pool has one connection");
    assert!(error.is_unavailable(), "{error:?}");
    drop(held);

    let mut options = ConnectOptions::new("postgres://nobody@127.0.0.1:1/none");
    options.connect_lazy(true).acquire_timeout(Duration::from_millis(50)).sqlx_logging(false);
    let nowhere = Database::connect(options).await.expect("does not connect yet");
    let error = BoundedRead::begin(&nowhere, LONG).await.expect_err("nothing listens");
    assert!(error.is_unavailable(), "{error:?}");
}

#[tokio::test]
async fn a_connection_that_the_server_ends_is_unavailable() {
    let f = written().await;
    let read = BoundedRead::begin(&f.db, LONG).await.expect("begins");
    let pid = value(&*read, "SELECT to_jsonb(pg_backend_pid())").await;
    let other = f.test_db.pool_of(1).await;
    value(&other, &format!("SELECT to_jsonb(pg_terminate_backend({pid}))")).await;
    let gone = format!("SELECT to_jsonb(count(*)) FROM pg_stat_activity WHERE pid = {pid}");
    while value(&other, &gone).await != json!(0) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let error = changes(&read).await.expect_err("there is nobody to answer");
    assert!(error.is_unavailable(), "{error:?}");
}
