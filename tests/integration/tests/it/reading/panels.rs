//! What stands beside a list: bars, what is nearest to an empty window, an actor in numbers.

use chrono::{DateTime, TimeDelta, Utc};
use threadline::prelude::*;
use threadline::{
    Error, Filter, actor_summary, audit_transaction, histogram, nearest, neighbours, timeline,
};

use super::written;
use crate::fixture::{Fixture, plain, run};

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, v int)";

fn filter(text: &str) -> Filter {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Changes of one transaction each, at these times; in UTC, by user 7 from one address and an action.
async fn at_times(times: &[&str]) -> Fixture {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    for (place, time) in times.iter().enumerate() {
        let id = place + 1;
        f.run(&format!(
            "INSERT INTO threadline.audit_transactions (id, xid, occurred_at, committed_at, actor_type,
                actor_id, action_id, remote_ip, session_user_name, backend_pid)
            VALUES ({id}, '{id}', '{time}', '{time}', 'user', '7', {id}, '10.0.0.{}', 'app', 1);
            INSERT INTO threadline.audit_actions (id, transaction_id, name, recorded_at)
            VALUES ({id}, {id}, 'act.{}', '{time}');
            INSERT INTO threadline.audit_changes (id, transaction_id, action_id, table_schema, table_name,
                row_hash, row_pk, op, data_after, changed_fields, changed_from, captured_at)
            SELECT {id}, {id}, {id}, 'public', 't', jsonb_hash_extended(key, hashtextextended('public.t', 0)),
                key, 'insert', key, NULL, NULL, '{time}'
            FROM (SELECT jsonb_build_object('id', {id}) AS key) k",
            id % 2,
            id % 3,
        ))
        .await;
    }
    f
}

#[tokio::test]
async fn bars_begin_at_whole_hours_have_no_gap_and_hold_every_change_once() {
    let f = at_times(&[
        "2026-01-05T10:29:59.999999Z",
        "2026-01-05T10:30:00Z",
        "2026-01-05T10:59:59.999999Z",
        "2026-01-05T11:00:00Z",
        "2026-01-05T13:30:00Z",
        "2026-01-05T13:30:00.000001Z",
    ])
    .await;
    f.run("SET timezone = 'Asia/Kolkata'").await;
    let window = filter("from=2026-01-05T10:30:00Z&to=2026-01-05T13:30:00Z");
    let told = histogram(&f.db, &window, 5).await.expect("reads");
    assert_eq!((told.width_seconds, told.counted, told.is_capped), (3_600, 4, false));
    let bars: Vec<_> = told.bars.iter().map(|bar| (bar.from, bar.changes)).collect();
    let expected = [
        (at("2026-01-05T10:30:00Z"), 2),
        (at("2026-01-05T11:00:00Z"), 1),
        (at("2026-01-05T12:00:00Z"), 0),
        (at("2026-01-05T13:00:00Z"), 1),
    ];
    assert_eq!(bars, expected);
    assert_eq!(told.bars[3].to, at("2026-01-05T13:30:00Z"), "no further than the window");
    assert_eq!(told.bars[0].to, at("2026-01-05T10:59:59.999999Z"));
    for bar in &told.bars {
        let of_bar = window.clone().only(Filter::new().from(bar.from).to(bar.to));
        let found = timeline(&f.db, &of_bar).await.expect("reads");
        assert_eq!(found.len(), bar.changes as usize, "{bar:?}");
        assert!(bar.is_complete && bar.inserts == bar.changes, "{bar:?}");
    }
}

#[tokio::test]
async fn a_histogram_tells_operations_and_what_matches_alone() {
    let f = written().await;
    let all = histogram(&f.db, &filter("from=-1h"), 60).await.expect("reads");
    let sum = |of: fn(&threadline::Bar) -> u32| -> u32 { all.bars.iter().map(of).sum() };
    assert_eq!((sum(|b| b.changes), all.counted), (4, 4));
    assert_eq!((sum(|b| b.inserts), sum(|b| b.updates), sum(|b| b.deletes)), (2, 1, 1));
    assert!(all.bars.len() <= 60 && all.bars.len() > 10, "{}", all.bars.len());
    let some = histogram(&f.db, &filter("from=-1h&actor=user:1&table=t"), 60).await.expect("reads");
    assert_eq!(some.counted, 1);
    let none = histogram(&f.db, &filter("from=-1h&table=nowhere"), 60).await.expect("reads");
    assert_eq!((none.counted, none.bars.len()), (0, all.bars.len()), "empty bars are there");
    let future = histogram(&f.db, &filter("from=2999-01-01"), 60).await.expect("reads");
    assert_eq!(future.bars, []);
    let reversed = histogram(&f.db, &filter("from=-1h&to=-2h"), 60).await.expect("reads");
    assert_eq!(reversed.bars, []);
    let error = histogram(&f.db, &Filter::new(), 60).await.expect_err("no window");
    assert!(matches!(error, Error::InvalidFilter(_)), "{error}");
    assert!(error.to_string().contains("`from=-24h`"), "{error}");
}

#[tokio::test]
async fn a_histogram_that_is_cut_says_which_bars_are_not_complete() {
    let f = at_times(&[]).await;
    f.run(
        "INSERT INTO threadline.audit_changes (id, transaction_id, table_schema, table_name, op, captured_at)
        SELECT n, 1, 'public', 't', 'truncate', '2026-01-05T10:00:00Z'::timestamptz + n * interval '30 ms'
        FROM generate_series(1, 100001) n",
    )
    .await;
    let window = filter("from=2026-01-05T10:00:00Z&to=2026-01-05T10:59:00Z");
    let told = histogram(&f.db, &window, 62).await.expect("reads");
    assert_eq!((told.counted, told.is_capped, told.bars.len()), (100_000, true, 60));
    let incomplete = |told: &threadline::Histogram| -> Vec<usize> {
        (0..60).filter(|place| !told.bars[*place].is_complete).collect()
    };
    assert_eq!(incomplete(&told), [0], "the oldest was not looked at");
    let told = histogram(&f.db, &window.clone().oldest_first(), 62).await.expect("reads");
    assert_eq!(incomplete(&told), (50..60).collect::<Vec<_>>(), "the newest was not looked at");
    let inner = window.only(filter("to=2026-01-05T10:49:59Z"));
    let told = histogram(&f.db, &inner, 62).await.expect("reads");
    assert!(!told.is_capped && told.bars.iter().all(|bar| bar.is_complete));
}

#[tokio::test]
async fn the_nearest_changes_beside_an_empty_window_are_found() {
    let f =
        at_times(&["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-02-01T00:00:00Z"]).await;
    let near = async |text: &str| {
        let near = nearest(&f.db, &filter(text)).await.expect("reads");
        let told = |at: Option<DateTime<Utc>>| at.map(|at| at.format("%m-%d").to_string());
        (told(near.before), told(near.after))
    };
    let (second, third) = (Some("01-02".to_owned()), Some("02-01".to_owned()));
    let window = "from=2026-01-03&to=2026-01-31";
    assert_eq!(near(window).await, (second.clone(), third.clone()));
    assert_eq!(
        near(&format!("{window}&table=t&actor=user:7")).await,
        (second.clone(), third.clone())
    );
    assert_eq!(near(&format!("{window}&actor=user:8")).await, (None, None));
    assert_eq!(near(&format!("{window}&op=insert")).await, (second, third), "within 30 days");
    assert_eq!(near("from=2026-03-05&op=insert").await, (None, None), "32 days ago");
    assert_eq!(near("from=2026-03-05&table=t&op=insert").await.0, Some("02-01".to_owned()));
    assert_eq!(near("to=2025-01-01&table=t").await, (None, Some("01-01".to_owned())));
    // The bounds are inclusive, so what lies on them is no neighbour.
    assert_eq!(
        near("from=2026-01-02T00:00:00Z&to=2026-02-01T00:00:00Z").await,
        (Some("01-01".to_owned()), None)
    );
}

#[tokio::test]
async fn the_transactions_beside_one_are_those_of_the_same_actor() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    let ann = AuditContext::new(ActorRef::user("ann"));
    let bob = AuditContext::new(ActorRef::user("bob"));
    let anonymous = AuditContext::new(ActorRef::anonymous());
    let mut ids = Vec::new();
    for (place, ctx) in [&ann, &bob, &anonymous, &ann, &anonymous, &ann].into_iter().enumerate() {
        let txn = f.db.audit_begin(ctx, "act").await.expect("begins");
        run(&*txn, &format!("INSERT INTO t VALUES ({place}, 1)")).await;
        ids.push(txn.commit().await.expect("commits").transaction_id);
    }
    f.run("INSERT INTO t VALUES (99, 1)").await;
    let beside = async |id: i64| {
        let transaction = audit_transaction(&f.db, id).await.expect("reads");
        let found = neighbours(&f.db, &transaction).await.expect("reads");
        (found.previous, found.next)
    };
    assert_eq!(beside(ids[0]).await, (None, Some(ids[3])));
    assert_eq!(beside(ids[3]).await, (Some(ids[0]), Some(ids[5])));
    assert_eq!(beside(ids[5]).await, (Some(ids[3]), None));
    assert_eq!(beside(ids[1]).await, (None, None));
    assert_eq!(beside(ids[2]).await, (None, Some(ids[4])), "anonymous");
    let newest = timeline(&f.db, &Filter::new().limit(1)).await.expect("reads").remove(0);
    assert_eq!(newest.transaction.actor, None);
    assert_eq!(beside(newest.transaction.id).await, (None, None), "nobody is no actor");
}

#[tokio::test]
async fn an_actor_is_told_in_numbers() {
    let f = at_times(&[
        "2026-01-04T23:59:59Z", // a Sunday
        "2026-01-05T00:00:00Z",
        "2026-01-05T00:30:00Z",
        "2026-01-11T23:30:00Z", // a Sunday
    ])
    .await;
    f.run("SET timezone = 'Pacific/Auckland'").await;
    let window = filter("from=2026-01-05&to=2026-01-31");
    let told = actor_summary(&f.db, &ActorRef::user(7), &window).await.expect("reads");
    assert_eq!(told.first_seen, Some(at("2026-01-05T00:00:00Z")));
    assert_eq!(told.last_seen, Some(at("2026-01-11T23:30:00Z")));
    assert_eq!((told.transactions.counted, told.changes.counted), (3, 3));
    assert!(!told.transactions.is_capped && !told.changes.is_capped);
    assert_eq!(told.tables.len(), 1);
    let addresses: Vec<_> =
        told.addresses.iter().map(|a| (a.value.as_deref(), a.changes)).collect();
    assert_eq!(addresses, [(Some("10.0.0.0"), 2), (Some("10.0.0.1"), 1)]);
    let actions: Vec<_> = told.actions.iter().map(|a| (a.value.as_deref(), a.changes)).collect();
    assert_eq!(actions, [(Some("act.0"), 1), (Some("act.1"), 1), (Some("act.2"), 1)]);
    let hours = told.by_hour.as_flattened();
    assert_eq!((hours[0], hours[6 * 24 + 23], hours.iter().sum::<u32>()), (2, 1, 3));
    let nobody = actor_summary(&f.db, &ActorRef::user(8), &window).await.expect("reads");
    assert_eq!((nobody.first_seen, nobody.changes.counted), (None, 0));
    for wrong in ["to=2026-01-31", "from=-1h&table=t"] {
        let error =
            actor_summary(&f.db, &ActorRef::user(7), &filter(wrong)).await.expect_err(wrong);
        assert!(matches!(error, Error::InvalidFilter(_)), "{error}");
    }
}

#[tokio::test]
async fn what_an_actor_did_is_counted_up_to_a_cap() {
    let f = at_times(&[]).await;
    f.run(
        "INSERT INTO threadline.audit_transactions (id, xid, occurred_at, committed_at, actor_type, actor_id,
            session_user_name, backend_pid)
        SELECT n, n::text::xid8, now() - n * interval '1 s', now(), 'user', '7', 'app', 1
        FROM generate_series(1, 10001) n;
        INSERT INTO threadline.audit_changes (id, transaction_id, table_schema, table_name, op, captured_at)
        SELECT n, n, 'public', 't', 'truncate', now() - n * interval '1 s' FROM generate_series(1, 10001) n",
    )
    .await;
    let told = actor_summary(&f.db, &ActorRef::user(7), &filter("from=-1d")).await.expect("reads");
    assert_eq!((told.transactions.counted, told.transactions.is_capped), (10_000, true));
    assert_eq!((told.changes.counted, told.changes.is_capped), (10_000, true));
    let (first, last) = (told.first_seen.expect("one"), told.last_seen.expect("one"));
    assert_eq!(
        last - first,
        TimeDelta::seconds(10_000),
        "the first is told though it is not counted"
    );
}
