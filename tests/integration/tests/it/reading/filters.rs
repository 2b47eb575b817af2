//! Every key of a filter, held against the same question asked of every change by itself.

use threadline::prelude::*;
use threadline::{
    ActorType, ColumnName, Filter, Network, Operation, Position, RowKey, TableName, TimelineEntry,
    timeline, timeline_page, timeline_sql,
};

use crate::fixture::{Fixture, plain, run};

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, v text);
    CREATE TABLE u (a text, b bigint, v text, PRIMARY KEY (a, b))";

/// Transactions of several actors, requests, correlations and nested actions.
async fn story() -> Fixture {
    let f = Fixture::audited(DDL, [plain("t"), plain("u")]).await;
    for i in 0..4_u8 {
        let actor = if i < 2 { ActorRef::user(i) } else { ActorRef::job(format!("j{i}")) };
        let ctx = AuditContext::new(actor)
            .request_id(format!("req-{i}"))
            .correlation_id(format!("corr-{}", i % 2))
            .remote_ip([10, 0, i, 1]);
        let txn = f.db.audit_begin(&ctx, format!("act.{}", i % 3).as_str()).await.expect("begins");
        run(
            &*txn,
            &format!(
                "INSERT INTO t VALUES ({i}, 'new'); INSERT INTO u VALUES ('{i}', 4{i}, NULL);
                UPDATE t SET v = 'paid' WHERE id = {i}; UPDATE u SET v = 'x' WHERE b = 4{i}"
            ),
        )
        .await;
        txn.commit().await.expect("commits");
    }
    let ctx = AuditContext::system("cron").correlation_id("corr-0");
    let txn = f.db.audit_begin(&ctx, Action::capture_only()).await.expect("begins");
    run(&*txn, "UPDATE t SET v = NULL WHERE id = 1; DELETE FROM t WHERE id = 0").await;
    txn.commit().await.expect("commits");
    f.run("TRUNCATE u; INSERT INTO t VALUES (42, 'null')").await;
    f
}

fn table(name: &str) -> TableName {
    TableName::parse(name).expect("a name")
}

fn column(name: &str) -> ColumnName {
    ColumnName::new(name).expect("a name")
}

type Wants = fn(&TimelineEntry) -> bool;

fn value(of: &Option<serde_json::Map<String, serde_json::Value>>) -> Option<&str> {
    of.as_ref().and_then(|row| row.get("v")).and_then(|value| value.as_str())
}

/// Each key, and what it means.
fn keys() -> Vec<(Filter, Wants)> {
    let f = Filter::new;
    let first = |text: &str| text.parse::<Network>().expect("a network");
    vec![
        (f().table(table("t")), |e| e.change.table.name() == "t"),
        (f().table(table("t")).table(table("u")), |_| true),
        (f().operation(Operation::Update), |e| e.change.op == Operation::Update),
        (f().operation(Operation::Truncate).operation(Operation::Delete), |e| {
            [Operation::Truncate, Operation::Delete].contains(&e.change.op)
        }),
        (f().changed(column("v")), |e| e.change.changed_fields.contains(&"v".to_owned())),
        (f().was(column("v"), Some("new")), |e| value(&e.change.changed_from) == Some("new")),
        (f().was(column("v"), None), |e| {
            e.change.op == Operation::Update && e.change.table.name() == "u"
        }),
        (f().now(column("v"), Some("paid")), |e| {
            e.change.op == Operation::Update && value(&e.change.data_after) == Some("paid")
        }),
        (f().now(column("v"), Some("null")), |e| value(&e.change.data_after) == Some("null")),
        (f().actor(ActorRef::user(1)), |e| e.transaction.actor == Some(ActorRef::user(1))),
        (f().actor(ActorRef::user(1)).actor(ActorRef::job("j3")), |e| {
            [Some(ActorRef::user(1)), Some(ActorRef::job("j3"))].contains(&e.transaction.actor)
        }),
        (f().actor(ActorRef::user(0)).no_actor(), |e| {
            [Some(ActorRef::user(0)), None].contains(&e.transaction.actor)
        }),
        (f().kind(ActorType::Job), |e| {
            e.transaction.actor.as_ref().is_some_and(|a| a.actor_type() == ActorType::Job)
        }),
        (f().action("act.1"), |e| e.action.as_ref().is_some_and(|a| a.name == "act.1")),
        (f().correlation_id("corr-0"), |e| {
            e.action.as_ref().is_some_and(|a| a.correlation_id.as_deref() == Some("corr-0"))
        }),
        (f().correlation_id("corr-0").include_capture_only(), |e| {
            e.transaction.correlation_id.as_deref() == Some("corr-0")
        }),
        (f().request_id("req-2"), |e| e.transaction.request_id.as_deref() == Some("req-2")),
        (f().ip(first("10.0.0.0/23")), |e| {
            e.transaction.remote_ip.as_deref().is_some_and(|ip| ip < "10.0.2")
        }),
        (f().ip(first("10.0.3.1")), |e| e.transaction.remote_ip.as_deref() == Some("10.0.3.1")),
    ]
}

/// The changes that the statement of a filter finds which people copy.
async fn copied(f: &Fixture, filter: &Filter) -> Vec<i64> {
    let sql = timeline_sql(filter).unwrap_or_else(|e| panic!("{filter}: {e}"));
    let found = f.values(&format!("SELECT to_jsonb(s.change_id) FROM ({sql}) s")).await;
    found.iter().filter_map(serde_json::Value::as_i64).collect()
}

fn ids(entries: &[TimelineEntry]) -> Vec<i64> {
    entries.iter().map(|entry| entry.change.id).collect()
}

#[tokio::test]
async fn every_key_finds_what_it_says_alone_refused_and_together_with_each_other() {
    let f = story().await;
    let ago = || Filter::new().last(std::time::Duration::from_secs(3_600));
    let all = timeline(&f.db, &Filter::new()).await.expect("reads");
    assert_eq!(all.len(), 20);
    let check = async |filter: Filter, wants: &dyn Fn(&TimelineEntry) -> bool| {
        let found = timeline(&f.db, &filter).await.unwrap_or_else(|e| panic!("{filter}: {e}"));
        let wanted: Vec<TimelineEntry> = all.iter().filter(|e| wants(e)).cloned().collect();
        assert_eq!(found, wanted, "{filter}");
        let mut oldest_first: Vec<TimelineEntry> = wanted;
        oldest_first.reverse();
        assert_eq!(copied(&f, &filter).await, ids(&found), "{filter}");
        let filter = filter.oldest_first();
        assert_eq!(timeline(&f.db, &filter).await.expect("reads"), oldest_first, "{filter}");
        assert_eq!(copied(&f, &filter).await, ids(&oldest_first), "{filter}");
    };
    for (place, (key, wants)) in keys().into_iter().enumerate() {
        let in_time: Filter = format!("{key}&from=-1h").parse().expect("a filter");
        check(in_time, &wants).await;
        // Whether a correlation is strict is said of the whole filter.
        let is_wide = key.to_string().contains("capture_only");
        let refused = if is_wide { ago().include_capture_only() } else { ago() };
        check(refused.except(key.clone()), &|e| !wants(e)).await;
        assert!(all.iter().any(wants), "{key} finds nothing, so it proves nothing");
        for (other, also) in keys().into_iter().skip(place + 1) {
            // A key given twice means either; each must be another one here.
            let names = |f: &Filter| -> Vec<&str> { f.pairs().iter().map(|p| p.0).collect() };
            if names(&key).iter().any(|name| names(&other).contains(name)) {
                continue;
            }
            let both: Filter = format!("{key}&{other}&from=-1h").parse().expect("a filter");
            check(both, &|e| wants(e) && also(e)).await;
        }
    }
}

#[tokio::test]
async fn a_row_is_found_by_its_key_as_people_write_it() {
    let f = story().await;
    let count = async |filter: &str| {
        let filter: Filter = filter.parse().expect("a filter");
        let found = timeline(&f.db, &filter).await.expect("reads");
        assert_eq!(copied(&f, &filter).await, ids(&found), "{filter}");
        found.len()
    };
    assert_eq!(count("table=t&row=1").await, 3);
    assert_eq!(count("table=t&row=1&row=42").await, 4);
    assert_eq!(count("table=t&row=1.0").await, 3, "the same number");
    assert_eq!(count("table=t&row=1&op=update").await, 2);
    assert_eq!(count("table=t&row=id=1").await, 3);
    assert_eq!(count("table=u&row=b=41;a=1").await, 2, "a text that looks like a number");
    assert_eq!(count("table=u&row=b=41;a=2").await, 0);
    assert_eq!(count("table=t&row=12345678901234567890123456789").await, 0);
    assert_eq!(count("table=t&row=-1").await, 8, "all but that row");
    // Other values in the same words: the driver keeps statements by their text.
    assert_eq!(count("table=t&from=-1h").await + count("table=u&from=-1h").await, 20);
    assert_eq!(count("table=t&table=u&from=-1h").await, 20);
    let key = RowKey::named([("a", "1"), ("b", "41")]).expect("a key");
    let filter = Filter::new().table(table("u")).row(key);
    assert_eq!(timeline(&f.db, &filter).await.expect("reads").len(), 2);
}

#[tokio::test]
async fn the_statement_that_people_copy_holds_what_they_typed_and_goes_on_from_a_cursor() {
    let f = story().await;
    for hostile in ["'; DROP TABLE t; --", "a\\'b", "$1 ? {x}", "\u{202e}\"x\"\n"] {
        let ctx = AuditContext::new(ActorRef::user(7)).correlation_id("c");
        let txn = f.db.audit_begin(&ctx, Action::new(hostile)).await.expect("begins");
        run(&*txn, "UPDATE t SET v = v || '!' WHERE id = 42").await;
        txn.commit().await.expect("commits");
        let filter = Filter::new().action(hostile).was(column("v"), Some(hostile));
        assert_eq!(copied(&f, &filter).await, Vec::<i64>::new(), "{hostile}");
        assert_eq!(copied(&f, &Filter::new().action(hostile)).await.len(), 1, "{hostile}");
    }
    let filter = Filter::new().limit(7);
    let page = timeline_page(&f.db, &filter, Position::Start).await.expect("reads");
    let second = filter.after(page.cursor.expect("there is more"));
    let found = timeline(&f.db, &second).await.expect("reads");
    assert_eq!(copied(&f, &second).await, ids(&found));
    let error = timeline_sql(&Filter::new().operation(Operation::Delete)).expect_err("unbounded");
    assert!(error.to_string().contains("whole trail"), "{error}");
}
