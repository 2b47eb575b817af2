//! Transactions that do not come to their end: nothing is left of them, in the database or on the
//! connection.

use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use serde_json::{Value, json};
use threadline::AuditExt;

use super::{attribution, counts, fixture, insert, user};
use crate::fixture::{Fixture, values};

/// Polls a future this often, and drops it if it is not ready by then.
async fn polled<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(move |cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(cx).map(Some)
    })
    .await
}

/// What is there, seen from a connection that had no part in it.
async fn seen_from_outside(f: &Fixture) -> Value {
    counts(&f.test_db.pool_of(1).await).await
}

#[tokio::test]
async fn a_dropped_guard_leaves_nothing() {
    let f = fixture().await;
    let txn = f.db.audit_begin(&user(), "note.create").await.unwrap();
    insert(&txn, 1).await.unwrap();
    let inner = txn.audit_begin(&user(), "inner").await.unwrap();
    insert(&inner, 2).await.unwrap();
    drop(inner);
    drop(txn);
    insert(&f.db, 3).await.unwrap();
    assert_eq!(attribution(&f).await, [json!([3, null, null, null])]);
    assert_eq!(counts(&f.db).await, json!([1, 0, 1, 1]));
}

#[tokio::test]
async fn a_dropped_nested_guard_lets_the_outer_one_go_on() {
    let f = fixture().await;
    let txn = f.db.audit_begin(&user(), "outer").await.unwrap();
    let inner = txn.audit_begin(&user(), "inner").await.unwrap();
    insert(&inner, 1).await.unwrap();
    drop(inner);
    insert(&txn, 2).await.unwrap();
    txn.commit().await.unwrap();
    assert_eq!(attribution(&f).await, [json!([2, "outer", null, "7"])]);
}

#[tokio::test]
async fn a_panic_leaves_nothing() {
    let f = fixture().await;
    let db = f.db.clone();
    let task = tokio::spawn(async move {
        db.audited(&user(), "note.create", async |txn| {
            insert(txn, 1).await?;
            if txn.transaction_id() > 0 {
                panic!("on purpose");
            }
            Ok::<_, DbErr>(())
        })
        .await
        .map(drop)
    });
    assert!(task.await.unwrap_err().is_panic());
    insert(&f.db, 2).await.unwrap();
    assert_eq!(attribution(&f).await, [json!([2, null, null, null])]);
}

#[tokio::test]
async fn an_error_of_the_host_comes_out_as_it_went_in() {
    #[derive(Debug, PartialEq)]
    enum AppError {
        Db,
        Teapot,
    }
    impl From<DbErr> for AppError {
        fn from(_: DbErr) -> Self {
            Self::Db
        }
    }
    let f = fixture().await;
    let refused =
        f.db.audited(&user(), "note.create", async |txn| {
            insert(txn, 1).await?;
            Err::<(), _>(AppError::Teapot)
        })
        .await;
    assert_eq!(refused.unwrap_err(), AppError::Teapot);
    // The rollback was waited for.
    assert_eq!(seen_from_outside(&f).await, json!([0, 0, 0, 0]));
}

/// Dropped during COMMIT it may be committed after all; then it is all there.
#[tokio::test]
async fn a_future_dropped_at_any_point_leaves_all_or_nothing() {
    let f = fixture().await;
    let outside = f.test_db.pool_of(1).await;
    let ctx = user();
    let (mut finished, mut committed) = (0, 0);
    for point in 0..400 {
        let id = 1000 + point;
        let work = f.db.audited(&ctx, "note.create", async |txn| {
            insert(txn, id).await?;
            txn.audited(&ctx, "inner", async |t| insert(t, -id).await).await?;
            Ok::<_, DbErr>(())
        });
        let done = polled(work, usize::try_from(point).unwrap()).await.is_some();
        // Whatever comes next on that connection is committed, and put down to nobody. It is a
        // transaction, because sqlx 0.9.0 leaves the connection in one if the future is dropped
        // during BEGIN (transact-rs/sqlx#4394), and a lone statement would be swallowed by that.
        let next = f.db.begin().await.unwrap();
        insert(&next, 10_000 + point).await.unwrap();
        next.commit().await.unwrap();

        let plain = i64::from(point) + 1;
        let seen = counts(&outside).await;
        let whole = seen[0].as_i64().unwrap() - plain;
        assert!(whole == committed + 1 || (!done && whole == committed), "after {point} polls");
        committed = whole;
        let rows = plain + 2 * committed;
        assert_eq!(
            seen,
            json!([plain + committed, 2 * committed, rows, rows]),
            "after {point} polls"
        );

        finished += i32::from(done);
        if finished == 3 {
            let misattributed = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c JOIN \
                threadline.audit_transactions t ON t.id = c.transaction_id \
                WHERE (t.actor_id IS NULL) <> ((c.row_pk ->> 'id')::int >= 10000)";
            assert_eq!(values(&outside, misattributed).await, [json!(0)]);
            return;
        }
    }
    panic!("it was never ready");
}

/// Every change of a transaction as `[action, id]`; `None` if there is no such transaction.
async fn changes_of(db: &DatabaseConnection, transaction_id: i64) -> Option<Vec<Value>> {
    let sql = format!(
        "SELECT coalesce((SELECT jsonb_agg(jsonb_build_array(a.name, c.row_pk -> 'id') ORDER BY c.id) \
         FROM threadline.audit_changes c JOIN threadline.audit_actions a ON a.id = c.action_id \
         WHERE c.transaction_id = t.id), '[]') \
         FROM threadline.audit_transactions t WHERE t.id = {transaction_id}"
    );
    let found = values(db, &sql).await.pop()?;
    found.as_array().cloned()
}

/// The commit of the outer one either fails and nothing is there, or all is there that succeeded.
#[tokio::test]
async fn a_nested_one_dropped_at_any_point_never_makes_the_outer_one_lie() {
    let f = fixture().await;
    let outside = f.test_db.pool_of(1).await;
    let ctx = user();
    for goes_on in [true, false] {
        let (mut point, mut finished) = (0, 0);
        while finished < 3 {
            point += 1;
            assert!(point < 400, "it was never ready");
            let id = if goes_on { point } else { 1000 + point };
            let before = counts(&outside).await;
            let txn = f.db.audit_begin(&ctx, "outer").await.unwrap();
            let work = txn.audited(&ctx, "inner", async |t| insert(t, -id).await);
            let inner = polled(work, usize::try_from(point).unwrap()).await.is_some();
            let wrote = goes_on && insert(&txn, id).await.is_ok();
            match txn.commit().await {
                Ok(done) => {
                    let mut found = changes_of(&outside, done.transaction_id).await.unwrap();
                    let has_inner = found.first() == Some(&json!(["inner", -id]));
                    assert!(has_inner || !inner, "after {point} polls: {found:?}");
                    found.retain(|change| change != &json!(["inner", -id]));
                    let rest = if goes_on { vec![json!(["outer", id])] } else { Vec::new() };
                    assert_eq!((found, wrote), (rest, goes_on), "after {point} polls");
                }
                Err(error) => {
                    assert_eq!(counts(&outside).await, before, "after {point} polls: {error}");
                }
            }
            finished += i32::from(inner);
        }
    }
}

/// sqlx 0.9.0 rolls back one level too many for each nested transaction that is dropped while it is
/// begun, so the one in the middle takes the outermost with it.
#[tokio::test]
async fn a_commit_tells_if_the_transaction_was_lost_two_levels_down() {
    let f = fixture().await;
    let outside = f.test_db.pool_of(1).await;
    let ctx = user();
    let mut lost = 0;
    for point in 1..40 {
        let outer = f.db.audit_begin(&ctx, "outer").await.unwrap();
        insert(&outer, point).await.unwrap();
        let middle = outer.audit_begin(&ctx, "middle").await.unwrap();
        drop(polled(middle.audit_begin(&ctx, "inner"), usize::try_from(point).unwrap()).await);
        drop(middle);
        match outer.commit().await {
            Ok(done) => {
                let found = changes_of(&outside, done.transaction_id).await;
                assert_eq!(found, Some(vec![json!(["outer", point])]), "after {point} polls");
            }
            Err(_) => lost += 1,
        }
    }
    assert!(lost < 10, "{lost} of 39 were lost, and most were not even dropped");
}

#[tokio::test]
async fn a_statement_goes_on_when_its_future_is_dropped() {
    let f = fixture().await;
    let ctx = user();
    let work = f.db.audited(&ctx, "note.create", async |txn| {
        insert(txn, 1).await?;
        txn.execute_unprepared("SELECT pg_sleep(0.4)").await?;
        Ok::<_, DbErr>(())
    });
    assert!(tokio::time::timeout(Duration::from_millis(100), work).await.is_err());
    insert(&f.db, 2).await.unwrap();
    assert_eq!(attribution(&f).await, [json!([2, null, null, null])]);
}
