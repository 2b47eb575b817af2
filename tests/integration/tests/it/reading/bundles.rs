//! What belongs together: an actor's transactions, a correlation, a request, one transaction, one change.

use threadline::prelude::*;
use threadline::{
    Count, Error, Filter, Operation, Position, TableName, actor_history, actor_window,
    audit_actions_for_transaction, audit_change, audit_changes_for_transaction, audit_transaction,
    correlation, count, facets, newer, record_action, request, timeline, timeline_page,
    transaction_context, transactions,
};

use super::written;
use crate::fixture::{Fixture, plain, run};

async fn ids(f: &Fixture, actor: &ActorRef, window: &str, position: Position) -> Vec<i64> {
    let window: Filter = window.parse().expect("a filter");
    let page = actor_history(&f.db, actor, &window, position).await.expect("reads");
    page.entries.iter().map(|entry| entry.transaction.id).collect()
}

#[tokio::test]
async fn the_history_of_an_actor_is_its_transactions_in_pages_both_ways() {
    let f = written().await;
    let ann = ActorRef::user(1);
    for i in 2..6 {
        let txn = f.db.audit_begin(&AuditContext::new(ann.clone()), "more").await.expect("begins");
        run(&*txn, &format!("INSERT INTO t VALUES ({i}, 0)")).await;
        txn.commit().await.expect("commits");
    }
    let all = ids(&f, &ann, "", Position::Start).await;
    assert_eq!(all.len(), 5, "one of them in the story, and none of `admin:1`");
    assert!(all.is_sorted_by(|a, b| a > b), "{all:?}");
    let two: Filter = "limit=2".parse().expect("a filter");
    let first = actor_history(&f.db, &ann, &two, Position::Start).await.expect("reads");
    assert!(first.has_more && first.entries[1].action.as_ref().is_some_and(|a| a.name == "more"));
    let second = Position::After(first.cursor.expect("more"));
    assert_eq!(ids(&f, &ann, "limit=2", second).await, all[2..4]);
    let page = actor_history(&f.db, &ann, &two, second).await.expect("reads");
    let back = Position::Before(page.first.expect("entries"));
    assert_eq!(ids(&f, &ann, "limit=2", back).await, all[..2], "newer ones");
    assert_eq!(ids(&f, &ann, "to=-1h", Position::Start).await, Vec::<i64>::new());
    let mut oldest_first = ids(&f, &ann, "sort=old&from=-1h", Position::Start).await;
    oldest_first.reverse();
    assert_eq!(oldest_first, all);
    let error = actor_history(&f.db, &ActorRef::user(2), &two, second).await.expect_err("another");
    assert!(matches!(error, Error::InvalidCursor(_)), "{error}");
    let asks = "table=t".parse().expect("a filter");
    let error = actor_history(&f.db, &ann, &asks, Position::Start).await.expect_err("a table");
    assert!(error.to_string().contains("`actor_window` takes every key"), "{error}");
    assert_eq!(ids(&f, &ActorRef::anonymous(), "", Position::Start).await, Vec::<i64>::new());
}

#[tokio::test]
async fn the_window_of_an_actor_is_its_changes_in_all_tables() {
    let f = written().await;
    let ann = ActorRef::user(1);
    let page = actor_window(&f.db, &ann, &Filter::new(), Position::Start).await.expect("reads");
    let tables: Vec<&str> = page.entries.iter().map(|e| e.change.table.name()).collect();
    assert_eq!(tables, ["u", "t"]);
    let another = Filter::new().actor(ActorRef::admin(1));
    let error = actor_window(&f.db, &ann, &another, Position::Start).await.expect_err("two actors");
    assert!(matches!(error, Error::InvalidFilter(_)), "{error}");
}

#[tokio::test]
async fn a_correlation_bundles_changes_transactions_and_failed_attempts() {
    let f = written().await;
    let ann = AuditContext::new(ActorRef::user(1)).correlation_id("c1").request_id("r1");
    record_action(&f.db, &ann, Action::new("attempt").failed()).await.expect("records");
    let bundle = correlation(&f.db, " c1 ", &Filter::new()).await.expect("reads");
    let tables: Vec<&str> = bundle.changes.iter().map(|c| c.table.name()).collect();
    assert_eq!((tables, bundle.transactions.len()), (vec!["u", "t"], 1));
    let names: Vec<&str> = bundle.actions.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["first", "attempt"]);
    assert!(!bundle.truncated);
    let narrow = Filter::new().table(TableName::parse("t").expect("a name"));
    let bundle = correlation(&f.db, "c1", &narrow).await.expect("reads");
    assert_eq!((bundle.changes.len(), bundle.actions.len()), (1, 2));
    let bundle = correlation(&f.db, "c1", &Filter::new().limit(1)).await.expect("reads");
    assert!(bundle.truncated && bundle.changes.len() == 1);
    let strict = correlation(&f.db, "c2", &Filter::new()).await.expect("reads");
    assert!(strict.changes.is_empty() && strict.actions.is_empty(), "capture only");
    let wide = Filter::new().include_capture_only();
    assert_eq!(correlation(&f.db, "c2", &wide).await.expect("reads").changes.len(), 1);
    let asks = Filter::new().correlation_id("c2");
    let error = correlation(&f.db, "c1", &asks).await.expect_err("two ids");
    assert!(matches!(error, Error::InvalidFilter(_)), "{error}");
    let bundle = request(&f.db, "r1", &Filter::new()).await.expect("reads");
    assert_eq!((bundle.changes.len(), bundle.actions[0].name.as_str()), (0, "attempt"));
}

#[tokio::test]
async fn one_transaction_comes_with_all_its_actions_and_changes() {
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY)", [plain("t")]).await;
    let ctx = AuditContext::new(ActorRef::user(1)).request_id("r9");
    let txn = f.db.audit_begin(&ctx, "outer").await.expect("begins");
    run(&*txn, "INSERT INTO t VALUES (1)").await;
    let nested = txn.audit_begin(&ctx, "inner").await.expect("begins");
    run(&*nested, "INSERT INTO t VALUES (2)").await;
    nested.commit().await.expect("commits");
    let id = txn.commit().await.expect("commits").transaction_id;
    f.run("INSERT INTO t VALUES (3)").await;

    let context = transaction_context(&f.db, id).await.expect("reads");
    let names: Vec<&str> = context.actions.iter().map(|a| a.name.as_str()).collect();
    assert_eq!(names, ["outer", "inner"]);
    assert_eq!(context.action.as_ref().map(|a| a.name.as_str()), Some("outer"));
    assert!(!context.truncated);
    let alone = audit_actions_for_transaction(&f.db, id).await.expect("reads");
    assert_eq!(alone, context.actions);
    assert!(audit_actions_for_transaction(&f.db, 404).await.expect("reads").is_empty());
    assert_eq!(context.transaction, audit_transaction(&f.db, id).await.expect("reads"));
    let changes = audit_changes_for_transaction(&f.db, id).await.expect("reads");
    assert_eq!((changes.len(), &context.changes), (2, &changes));
    assert!(changes[0].id > changes[1].id, "the newest first");
    let by_request = request(&f.db, "r9", &Filter::new()).await.expect("reads");
    assert_eq!((by_request.changes, by_request.actions), (changes, context.actions));
    assert!(matches!(transaction_context(&f.db, 404).await, Err(Error::NotFound { .. })));
    assert!(matches!(audit_transaction(&f.db, 404).await, Err(Error::NotFound { .. })));
    assert!(audit_changes_for_transaction(&f.db, 404).await.expect("reads").is_empty());
    let newest = transactions(&f.db, 1).await.expect("reads");
    assert_ne!(newest[0].0.id, id);
}

#[tokio::test]
async fn a_change_is_found_by_its_number_alone() {
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY)", [plain("t")]).await;
    let none = audit_change(&f.db, 1).await.expect_err("an empty trail");
    assert!(none.to_string().contains("change 1"), "{none}");
    for _ in 0..3 {
        f.run("INSERT INTO t SELECT i FROM generate_series(1, 20) i; DELETE FROM t").await;
    }
    // One far from its neighbours in number, as of a statement that ran for days.
    f.run("UPDATE threadline.audit_changes SET captured_at = captured_at + interval '3 days' WHERE id = 50")
        .await;
    for entry in timeline(&f.db, &Filter::new()).await.expect("reads") {
        let found = audit_change(&f.db, entry.change.id).await.expect("reads");
        assert_eq!(found, entry);
    }
    assert!(matches!(audit_change(&f.db, 1_000).await, Err(Error::NotFound { .. })));
    assert!(matches!(audit_change(&f.db, -1).await, Err(Error::NotFound { .. })));
}

#[tokio::test]
async fn nothing_is_counted_further_than_its_cap() {
    let f = written().await;
    let all = Filter::new().limit(1);
    let counted = async |cap: u32| -> (u32, bool) {
        let Count { counted, is_capped, .. } = count(&f.db, &all, cap).await.expect("counts");
        (counted, is_capped)
    };
    assert_eq!(counted(10).await, (4, false));
    assert_eq!(counted(4).await, (4, false));
    assert_eq!(counted(3).await, (3, true));
    assert_eq!(counted(0).await, (0, true));
    let first = timeline_page(&f.db, &all, Position::Start).await.expect("reads").first;
    let first = first.expect("entries");
    assert_eq!(newer(&f.db, &all, first, 10).await.expect("counts").counted, 0);
    f.run("INSERT INTO t VALUES (7, 7), (8, 8)").await;
    assert_eq!(newer(&f.db, &all, first, 10).await.expect("counts").counted, 2);
    assert!(newer(&f.db, &all, first, 1).await.expect("counts").is_capped);
    let error = newer(&f.db, &Filter::new().oldest_first(), first, 1).await.expect_err("another");
    assert!(matches!(error, Error::InvalidCursor(_)), "{error}");
}

#[tokio::test]
async fn facets_say_what_the_matching_changes_are_made_of() {
    let f = written().await;
    let facets = facets(&f.db, &Filter::new().limit(1)).await.expect("reads");
    let tables: Vec<_> = facets.tables.iter().map(|t| (t.value.name(), t.changes)).collect();
    assert_eq!(tables, [("t", 3), ("u", 1)]);
    assert_eq!((facets.operations[0].value, facets.operations[0].changes), (Operation::Insert, 2));
    assert_eq!(facets.operations.len(), 3);
    let actors: Vec<_> = facets.actors.iter().map(|a| (a.value.clone(), a.changes)).collect();
    assert_eq!(actors, [(Some(ActorRef::user(1)), 2), (Some(ActorRef::admin(1)), 1), (None, 1)]);
    let actions: Vec<_> = facets.actions.iter().map(|a| (a.value.as_deref(), a.changes)).collect();
    assert_eq!(actions, [(Some("first"), 2), (None, 2)]);
    assert_eq!((facets.counted, facets.is_capped), (4, false));
}
