//! Two tenants in one trail: neither learns that the other is there.

mod readers;

use serde_json::json;
use threadline::prelude::*;
use threadline::{Error, Filter, Predicate, Reader, TableName, timeline};

use crate::fixture::{Fixture, plain, run};
use readers::{Answers, Asked, ask, ask_of_row};

#[expect(unreachable_pub, reason = "SeaORM wants them public")]
mod entity {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "t")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub org: Option<String>,
        pub v: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, org text, v text);
    CREATE TABLE u (id int, org text, v text, PRIMARY KEY (id, org))";

/// The tables of the story in a trail without the months to come: a thousand questions are planned much
/// faster so.
async fn audited() -> Fixture {
    let f = Fixture::audited(DDL, [plain("t"), plain("u")]).await;
    f.run(
        "DO $$ DECLARE month regclass; BEGIN
            FOR month IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent IN
                ('threadline.audit_changes'::regclass, 'threadline.audit_transactions'::regclass)
            LOOP
                CONTINUE WHEN month::text LIKE '%default';
                EXECUTE format('DROP TABLE %s', month);
            END LOOP;
        END $$",
    )
    .await;
    f
}

const TENANTS: [&str; 2] = ["alpha", "bravo"];

/// One write of a tenant, or one that concerns both. Whatever it writes bears its name.
fn write(rng: &mut fastrand::Rng, tenant: &str) -> String {
    let (id, other) = (rng.i32(1..8), rng.i32(1..8));
    match rng.u8(0..10) {
        0..4 => format!(
            "INSERT INTO t VALUES ({id}, '{tenant}', '{tenant}') ON CONFLICT (id) DO UPDATE
                SET v = t.v || {other} WHERE t.org = '{tenant}'"
        ),
        4 => format!("UPDATE t SET v = '{tenant}' || {other} WHERE org = '{tenant}'"),
        5 => format!("DELETE FROM t WHERE id = {id} AND org = '{tenant}'"),
        6 => format!("INSERT INTO u VALUES ({id}, '{tenant}', '{tenant}') ON CONFLICT DO NOTHING"),
        7 => format!("UPDATE u SET id = id + 10 WHERE org = '{tenant}' AND id = {id}"),
        // A row that moves from one to the other.
        8 => format!("UPDATE t SET org = '{tenant}' WHERE id = {id}"),
        _ => "TRUNCATE t".to_owned(),
    }
}

/// Random transactions, some with nested actions of both tenants, some without context.
async fn history(f: &Fixture, rng: &mut fastrand::Rng) {
    for _ in 0..40 {
        let tenant = TENANTS[rng.usize(0..2)];
        let ctx = context(tenant);
        match rng.u8(0..6) {
            0 => f.run(&write(rng, tenant)).await,
            1 => {
                let attempt = Action::new(format!("act.{tenant}")).failed();
                threadline::record_action(&f.db, &ctx, attempt).await.expect("records");
            }
            2 => {
                let both = AuditContext::new(ActorRef::user("both")).request_id("both");
                let txn = f.db.audit_begin(&both, "act.both").await.expect("begins");
                for tenant in TENANTS {
                    let of = context(tenant);
                    let nested = txn.audit_begin(&of, format!("act.{tenant}").as_str()).await;
                    let nested = nested.expect("begins");
                    run(&*nested, &write(rng, tenant)).await;
                    nested.commit().await.expect("commits");
                }
                txn.commit().await.expect("commits");
            }
            3 => {
                let txn = f.db.audit_begin(&ctx, Action::capture_only()).await.expect("begins");
                run(&*txn, &write(rng, tenant)).await;
                txn.commit().await.expect("commits");
            }
            _ => {
                let action = Action::new(format!("act.{tenant}")).reason(format!("for {tenant}"));
                let txn = f.db.audit_begin(&ctx, action).await.expect("begins");
                for _ in 0..rng.u8(1..4) {
                    run(&*txn, &write(rng, tenant)).await;
                }
                txn.commit().await.expect("commits");
            }
        }
    }
}

fn context(tenant: &str) -> AuditContext {
    AuditContext::new(ActorRef::user(tenant))
        .request_id(tenant)
        .correlation_id(tenant)
        .meta(json!({"org": tenant}))
}

/// Scopes of the first tenant, and the same in SQL over a change `c` with its transaction `t`: written
/// here by itself, so that the two may disagree.
fn scopes() -> Vec<(Predicate, &'static str)> {
    let table = |name: &str| Predicate::table(TableName::parse(name).expect("a name"));
    let held = "(c.data_after IS NULL OR c.data_after ->> 'org' = 'alpha')
        AND (c.changed_from ->> 'org' IS NULL OR c.changed_from ->> 'org' = 'alpha') AND c.op <> 'truncate'";
    vec![
        (Predicate::column("org", "alpha"), held),
        (Predicate::meta("org", "alpha"), "t.meta ->> 'org' = 'alpha'"),
        (
            Predicate::any([
                Predicate::key_in("org", ["alpha", "nobody"]),
                Predicate::all([table("t"), Predicate::actor(ActorRef::user("alpha"))]),
            ]),
            "c.row_pk ->> 'org' = 'alpha' OR c.table_name = 't' AND t.actor_id = 'alpha'",
        ),
        (Predicate::column_in("org", Vec::<String>::new()), "false"),
    ]
}

/// Removes whatever the scope does not allow to be seen, as if the others had never been.
async fn without_the_others(f: &Fixture, allowed: &str) {
    f.run(&format!(
        "DELETE FROM threadline.audit_changes c USING threadline.audit_transactions t
            WHERE t.id = c.transaction_id AND NOT coalesce({allowed}, false);
        DELETE FROM threadline.audit_transactions t WHERE NOT EXISTS (
            SELECT FROM threadline.audit_changes c WHERE c.transaction_id = t.id);
        DELETE FROM threadline.audit_actions a WHERE NOT EXISTS (
                SELECT FROM threadline.audit_changes c WHERE c.action_id = a.id)
            AND NOT EXISTS (SELECT FROM threadline.audit_transactions t WHERE t.action_id = a.id)"
    ))
    .await;
}

async fn answers(f: &Fixture, scope: Option<Predicate>, asked: &Asked) -> Answers {
    let reader = Reader::new(&f.db);
    match scope {
        Some(scope) => ask(&reader.scoped("alpha", |_| scope), asked).await,
        None => ask(&reader, asked).await,
    }
}

async fn everything(f: &Fixture) -> Asked {
    let ids = async |table: &str| -> Vec<i64> {
        let sql = format!("SELECT to_jsonb(id) FROM threadline.{table} ORDER BY id LIMIT 15");
        f.values(&sql).await.iter().filter_map(serde_json::Value::as_i64).chain([99_999]).collect()
    };
    Asked {
        transactions: ids("audit_transactions").await,
        changes: ids("audit_changes").await,
        names: vec!["alpha", "bravo", "both"],
    }
}

/// The answers in a scope are the same whether the others are there or were never; and without a scope
/// there is nothing left that the scope would hide.
async fn nobody_learns_of_the_others(seed: u64, scope: Predicate, allowed: &str) {
    println!("seed {seed}, scope {scope:?}");
    let f = audited().await;
    history(&f, &mut fastrand::Rng::with_seed(seed)).await;
    let asked = everything(&f).await;
    let beside_others = answers(&f, Some(scope.clone()), &asked).await;
    without_the_others(&f, allowed).await;
    let alone = answers(&f, Some(scope), &asked).await;
    if let Some(difference) = beside_others.difference(&alone) {
        panic!("seed {seed}: the others are noticed: {difference}");
    }
    let is_some = allowed != "false";
    assert_eq!(alone.substantial() > 50, is_some, "seed {seed}: what is seen proves nothing");
    let unscoped = answers(&f, None, &asked).await;
    if let Some(difference) = alone.difference(&unscoped) {
        panic!("seed {seed}: not everything that may be seen is: {difference}");
    }
}

#[tokio::test]
async fn in_no_scope_and_by_no_reader_is_another_tenant_noticed() {
    for (index, (scope, allowed)) in scopes().into_iter().enumerate() {
        let seed = fastrand::u64(..);
        println!("scope {index}");
        nobody_learns_of_the_others(seed, scope, allowed).await;
    }
}

#[tokio::test]
async fn no_answer_bears_the_name_of_another_tenant() {
    let f = audited().await;
    for id in 1..5 {
        for tenant in TENANTS {
            let txn = f.db.audit_begin(&context(tenant), "act").await.expect("begins");
            let id = if tenant == "alpha" { id } else { id + 100 };
            run(&*txn, &format!("INSERT INTO t VALUES ({id}, '{tenant}', '{tenant}')")).await;
            txn.commit().await.expect("commits");
        }
    }
    let mut asked = everything(&f).await;
    asked.names = vec!["alpha", "nobody"];
    let scope = || Predicate::column("org", "alpha");
    let told = answers(&f, Some(scope()), &asked).await;
    assert!(told.substantial() > 10, "nothing is told");
    assert_eq!(told.telling("bravo"), None);
    let open = answers(&f, None, &asked).await;
    assert!(open.telling("bravo").is_some(), "without a scope it is seen");
    let reader = Reader::new(&f.db).scoped("alpha", |_| scope());
    let (own, foreign, none) = (
        ask_of_row(&reader, 3).await,
        ask_of_row(&reader, 103).await,
        ask_of_row(&reader, 903).await,
    );
    assert_eq!(foreign.difference(&none), None, "another's row is as if it never was");
    assert!(own.difference(&none).is_some(), "one's own row is seen");
    for entry in timeline(&f.db, &Filter::new()).await.expect("reads") {
        let told = readers::undo(&reader, &entry.change).await;
        let is_own = entry.change.data_after.as_ref().is_some_and(|row| row["org"] == "alpha");
        assert_eq!(told.is_ok(), is_own, "{told:?}");
        assert!(!format!("{told:?}").contains("bravo"), "{told:?}");
    }
}

#[tokio::test]
async fn a_row_that_went_to_another_tenant_is_not_told_as_it_was_before() {
    let f = audited().await;
    f.run("INSERT INTO t VALUES (3, 'alpha', 'x'); UPDATE t SET org = 'bravo', v = 'y'").await;
    let reader = Reader::new(&f.db).scoped((), |()| Predicate::column("org", "alpha"));
    let now = chrono::Utc::now();
    let past = entity::Entity::as_of(3, now, &reader).await.expect("reads");
    assert!(matches!(past, threadline::Reified::Absent(_)), "{past:?}");
    let versions = entity::Entity::history(3).all(&reader).await.expect("reads");
    assert_eq!(versions.len(), 1, "the insert, which tells of nobody else");
}

#[tokio::test]
async fn a_scope_that_says_nothing_is_an_error_and_tells_nothing() {
    let f = Fixture::audited(DDL, [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'alpha', 'x')").await;
    let asked = everything(&f).await;
    for empty in [Predicate::all([]), Predicate::any([]), Predicate::any([Predicate::all([])])] {
        let told = answers(&f, Some(empty), &asked).await;
        assert_eq!(told.substantial(), 0, "only errors");
        assert!(told.telling("scope of this reader is not usable").is_some());
    }
    for secret in [
        Predicate::column("org", "secret\0"),
        Predicate::column("secret\0", "x"),
        Predicate::key("org", json!({"secret\0": 1})),
        Predicate::meta("secret\0", 1),
    ] {
        let reader = Reader::new(&f.db).scoped((), |()| secret);
        let error = timeline(&reader, &Filter::new()).await.expect_err("no text");
        assert!(matches!(error, Error::InvalidScope(_)), "{error}");
        assert!(!format!("{error}{error:?}{reader:?}").contains("secret"), "{error:?}");
    }
}

#[tokio::test]
async fn values_are_compared_as_json_and_both_sides_of_a_change_count() {
    let f =
        Fixture::audited("CREATE TABLE t (id int PRIMARY KEY, org numeric)", [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 7), (2, 8), (3, NULL), (4, 7.0)").await;
    f.run("UPDATE t SET org = 7 WHERE id = 2; DELETE FROM t WHERE id = 1; TRUNCATE t").await;
    let seen = async |scope: Predicate| -> Vec<String> {
        let reader = Reader::new(&f.db).scoped((), |()| scope);
        let entries = timeline(&reader, &Filter::new().oldest_first()).await.expect("reads");
        let key = |e: &threadline::TimelineEntry| e.change.row_pk.as_ref().map(|k| k["id"].clone());
        entries.iter().map(|e| format!("{} {}", e.change.op, key(e).unwrap_or_default())).collect()
    };
    assert_eq!(seen(Predicate::column("org", 7)).await, ["insert 1", "insert 4", "delete 1"]);
    assert_eq!(seen(Predicate::column("org", "7")).await, Vec::<String>::new(), "a text");
    assert_eq!(seen(Predicate::column("org", serde_json::Value::Null)).await, ["insert 3"]);
    assert_eq!(
        seen(Predicate::column("gone", serde_json::Value::Null)).await,
        Vec::<String>::new()
    );
    assert_eq!(seen(Predicate::key_in("id", [2, 3])).await, ["insert 2", "insert 3", "update 2"]);
    let table = Predicate::table(TableName::parse("t").expect("a name"));
    assert_eq!(seen(table.clone()).await.len(), 7, "with the truncate");
    let both =
        Reader::new(&f.db).scoped((), |()| table).scoped(7, |org| Predicate::column("org", *org));
    assert_eq!(timeline(&both, &Filter::new()).await.expect("reads").len(), 3, "both hold");
}
