//! Triggers and rules of the host, and views: what is recorded is what was written in the end.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::statements::sorted;
use crate::fixture::{Fixture, plain};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

async fn table() -> Fixture {
    Fixture::audited(T, [plain("t")]).await
}

#[tokio::test]
async fn a_before_trigger_that_changes_the_row_is_recorded_with_what_it_made() {
    let f = table().await;
    f.run(
        "CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.v := upper(NEW.v); RETURN NEW; END $$;
        CREATE TRIGGER tidy BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION tidy()",
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a'); UPDATE t SET v = 'b'; UPDATE t SET v = 'B'").await;
    assert_eq!(
        f.changes().await,
        [
            json!(["insert", {"id": 1}, {"id": 1, "v": "A"}, null, null]),
            json!(["update", {"id": 1}, {"id": 1, "v": "B"}, ["v"], {"v": "A"}]),
        ]
    );
}

#[tokio::test]
async fn a_before_trigger_that_swallows_the_row_leaves_nothing_to_record() {
    let f = table().await;
    f.run(
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF coalesce(NEW.id, OLD.id) > 1 THEN RETURN NULL; END IF;
            RETURN coalesce(NEW, OLD); END $$;
        CREATE TRIGGER keep BEFORE INSERT OR UPDATE OR DELETE ON t
            FOR EACH ROW EXECUTE FUNCTION keep()",
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'); INSERT INTO t VALUES (3, 'c')").await;
    f.run("ALTER TABLE t DISABLE TRIGGER keep; INSERT INTO t VALUES (4, 'd')").await;
    f.run("ALTER TABLE t ENABLE TRIGGER keep; UPDATE t SET v = 'x'; DELETE FROM t").await;
    assert_eq!(
        f.operations().await,
        ["insert {\"id\": 1}", "insert {\"id\": 4}", "update {\"id\": 1}", "delete {\"id\": 1}"]
    );
}

#[tokio::test]
async fn an_after_trigger_that_writes_another_table_is_recorded_in_the_same_transaction() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v text);
        CREATE TABLE totals (id int PRIMARY KEY, n int); INSERT INTO totals VALUES (1, 0);
        CREATE FUNCTION total() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN UPDATE totals SET n = n + 1; RETURN NULL; END $$;
        CREATE TRIGGER a_total AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION total()",
        [plain("t"), plain("totals")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a'), (2, 'b')").await;
    let recorded = "SELECT jsonb_build_array(table_name, op, data_after -> 'n', transaction_id)
        FROM threadline.audit_changes ORDER BY table_name, id";
    assert_eq!(
        f.values(recorded).await,
        [
            json!(["t", "insert", null, 1]),
            json!(["t", "insert", null, 1]),
            json!(["totals", "update", 1, 1]),
            json!(["totals", "update", 2, 1]),
        ]
    );
}

#[tokio::test]
async fn a_write_that_a_trigger_refuses_leaves_nothing() {
    let f = table().await;
    f.run(
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION 'no'; END $$;
        CREATE TRIGGER zz_refuse AFTER INSERT ON t FOR EACH STATEMENT EXECUTE FUNCTION refuse()",
    )
    .await;
    f.db.execute_unprepared("INSERT INTO t VALUES (1, 'a')").await.expect_err("refused");
    assert_eq!(f.operations().await, Vec::<String>::new());
}

#[tokio::test]
async fn writes_through_a_view_are_recorded_under_its_table() {
    let f = table().await;
    f.run("CREATE VIEW a AS SELECT id, v AS called FROM t WHERE v <> 'hidden' WITH CHECK OPTION")
        .await;
    f.run("INSERT INTO a VALUES (1, 'x'), (2, 'y'); UPDATE a SET called = 'z' WHERE id = 1").await;
    f.run("DELETE FROM a WHERE id = 2").await;
    f.db.execute_unprepared("UPDATE a SET called = 'hidden'").await.expect_err("the view's check");
    assert_eq!(
        f.changes().await,
        [
            json!(["insert", {"id": 1}, {"id": 1, "v": "x"}, null, null]),
            json!(["insert", {"id": 2}, {"id": 2, "v": "y"}, null, null]),
            json!(["update", {"id": 1}, {"id": 1, "v": "z"}, ["v"], {"v": "x"}]),
            json!(["delete", {"id": 2}, null, null, {"id": 2, "v": "y"}]),
        ]
    );
}

#[tokio::test]
async fn a_view_whose_trigger_writes_instead_is_recorded_by_what_that_wrote() {
    let f = table().await;
    f.run(
        "CREATE VIEW a AS SELECT count(*) AS n, max(v) AS v FROM t;
        CREATE FUNCTION instead() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO t VALUES (NEW.n, NEW.v); RETURN NEW; END $$;
        CREATE TRIGGER a INSTEAD OF INSERT ON a FOR EACH ROW EXECUTE FUNCTION instead()",
    )
    .await;
    f.run("INSERT INTO a VALUES (7, 'x'), (8, 'y')").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 7}", "insert {\"id\": 8}"]);
}

#[tokio::test]
async fn what_a_rule_writes_is_recorded_and_what_it_swallows_is_not() {
    let f = Fixture::audited(
        &format!(
            "{T}; CREATE TABLE log (id serial PRIMARY KEY, what text);
        CREATE RULE also AS ON INSERT TO t DO ALSO INSERT INTO log (what) VALUES (NEW.v);
        CREATE RULE soft AS ON DELETE TO t DO INSTEAD UPDATE t SET v = 'deleted' WHERE id = OLD.id;
        CREATE RULE never AS ON UPDATE TO log DO INSTEAD NOTHING"
        ),
        [plain("t"), plain("log")],
    )
    .await;
    f.run("INSERT INTO t VALUES (1, 'a'), (2, 'b'); DELETE FROM t WHERE id = 2").await;
    f.run("UPDATE log SET what = 'x'").await;
    assert_eq!(
        sorted(&f).await,
        [
            "insert {\"id\": 1}",
            "insert {\"id\": 1}",
            "insert {\"id\": 2}",
            "insert {\"id\": 2}",
            "update {\"id\": 2}"
        ]
    );
}

#[tokio::test]
async fn rows_that_a_policy_hides_are_recorded_only_if_they_were_written() {
    let f = table().await;
    f.run(
        "INSERT INTO t VALUES (1, 'mine'), (2, 'theirs'); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE POLICY mine ON t USING (v LIKE 'mine%'); GRANT ALL ON t TO PUBLIC",
    )
    .await;
    let app = f.test_db.connect_as("app").await;
    crate::fixture::run(&app, "UPDATE t SET v = v || '!'; DELETE FROM t").await;
    assert_eq!(f.operations().await[2..], ["update {\"id\": 1}", "delete {\"id\": 1}"]);
}

#[tokio::test]
async fn refreshing_a_materialized_view_records_nothing() {
    let f = table().await;
    f.run("CREATE MATERIALIZED VIEW m AS SELECT * FROM t; CREATE UNIQUE INDEX ON m (id)").await;
    f.run("INSERT INTO t VALUES (1, 'a'); REFRESH MATERIALIZED VIEW m").await;
    f.run("REFRESH MATERIALIZED VIEW CONCURRENTLY m").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"]);
}

#[tokio::test]
async fn a_notification_or_a_sequence_is_no_change() {
    let f = table().await;
    f.run("CREATE SEQUENCE s; SELECT nextval('s'); NOTIFY t; SELECT pg_advisory_lock(1)").await;
    f.run("ANALYZE t; COMMENT ON TABLE t IS 'x'; GRANT SELECT ON t TO PUBLIC").await;
    let transactions = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(transactions).await, json!(0));
    assert_eq!(f.changes().await, Vec::<Value>::new());
}
