use serde_json::{Value, json};
use threadline::{JsonPath, Placeholder};

use super::refused;
use crate::fixture::{Fixture, column, plain, run, value};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric(8, 2), at timestamptz)";

/// Runs each step, and remembers the table as it is then, and when that was.
async fn remembered(f: &Fixture, steps: &[&str]) {
    f.run("CREATE TABLE moments (step int, at timestamptz)").await;
    for (step, sql) in steps.iter().enumerate() {
        f.run(sql).await;
        f.run(&format!(
            "CREATE TABLE copy_{step} AS SELECT * FROM t;
            INSERT INTO moments VALUES ({step}, clock_timestamp())"
        ))
        .await;
    }
}

/// Compares the table as of each step with what it was.
async fn compare(f: &Fixture, steps: usize) {
    for step in 0..steps {
        let past = format!(
            "SELECT * FROM threadline.as_of(NULL::t, (SELECT at FROM moments WHERE step = {step}))"
        );
        let difference = f
            .values(&format!(
                "SELECT to_jsonb(d) FROM ((TABLE copy_{step} EXCEPT ALL {past})
                UNION ALL ({past} EXCEPT ALL TABLE copy_{step})) d"
            ))
            .await;
        assert_eq!(difference, Vec::<Value>::new(), "step {step}");
    }
}

/// The rows of `t` now, by way of the trail.
async fn rows(f: &Fixture) -> Vec<Value> {
    f.values("SELECT to_jsonb(t) FROM threadline.as_of(NULL::t, clock_timestamp()) t ORDER BY 1")
        .await
}

#[tokio::test]
async fn a_table_is_what_it_was_at_each_moment() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let steps = [
        "SELECT 1",
        "INSERT INTO t SELECT n, 'row ' || n, n / 3.0, now() FROM generate_series(1, 50) n",
        "UPDATE t SET v = 'x' WHERE id % 2 = 0",
        "UPDATE t SET id = id + 100 WHERE id < 10",
        "DELETE FROM t WHERE id > 40",
        "WITH d AS (DELETE FROM t WHERE id = 20) UPDATE t SET v = NULL WHERE id = 21",
        "TRUNCATE t",
        "INSERT INTO t VALUES (1, 'again', 1, now()), (20, 'again', 1, now())",
        "BEGIN; DELETE FROM t; INSERT INTO t VALUES (1, 'third', 1, now()); UPDATE t SET v = 'fourth'; COMMIT",
        "BEGIN; INSERT INTO t VALUES (2, 'never', 1, now()); ROLLBACK",
    ];
    remembered(&f, &steps).await;
    compare(&f, steps.len()).await;
}

#[tokio::test]
async fn values_of_every_kind_come_back_whatever_the_session_is_set_to() {
    let f = Fixture::installed().await;
    f.run(
        "CREATE DOMAIN positive AS int NOT NULL CHECK (VALUE > 0);
        CREATE TYPE mood AS ENUM ('sad', 'happy'); CREATE TYPE pair AS (a int, b text);
        CREATE TABLE t (gone int, id uuid, c char(4), d positive, m mood, p pair, a int[], b bytea,
            j json, k jsonb, i interval, r tsrange, f float8, t time, ip inet, x xml, at timestamptz,
            s int GENERATED ALWAYS AS (d * 2) STORED, PRIMARY KEY (id, c));
        ALTER TABLE t DROP gone",
    )
    .await;
    f.sync([plain("t")]).await;
    let steps = [
        "INSERT INTO t VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'ab', 1, 'happy', (1, 'x'),
            '{1,NULL}', '\\xff00', '{\"a\": [1]}', '{\"b\": null}', '1 day 02:00', '[2026-01-01,)',
            'NaN', '01:02', '10.0.0.1', '<a/>', '2026-01-02 03:04:05.678901+05')",
        "INSERT INTO t (id, c, d) VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12', '', 2)",
        "UPDATE t SET d = 3, f = '-Infinity', m = 'sad'",
    ];
    remembered(&f, &steps).await;
    f.run(
        "SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'; SET IntervalStyle = 'sql_standard';
        SET bytea_output = 'escape'; SET extra_float_digits = -5; SET xmloption = 'document'",
    )
    .await;
    for step in 0..steps.len() {
        let past =
            format!("threadline.as_of(NULL::t, (SELECT at FROM moments WHERE step = {step}))");
        let same = format!(
            "SELECT to_jsonb(bool_and(was::text = told::text) AND count(*) = (SELECT count(*) FROM copy_{step}))
            FROM copy_{step} was FULL JOIN {past} told USING (id)"
        );
        assert_eq!(f.value(&same).await, json!(true), "step {step}");
    }
}

#[tokio::test]
async fn what_was_not_committed_is_left_out_and_a_transfer_is_never_seen_half() {
    let f = Fixture::audited("CREATE TABLE t (id int PRIMARY KEY, v int)", [plain("t")]).await;
    f.run(
        "INSERT INTO t VALUES (1, 100), (2, 0); CREATE TABLE moments (step text, at timestamptz)",
    )
    .await;
    let other = f.test_db.pool_of(1).await;
    run(&other, "BEGIN; UPDATE t SET v = 50 WHERE id = 1").await;
    f.run("INSERT INTO moments VALUES ('between', clock_timestamp())").await;
    run(&other, "UPDATE t SET v = 50 WHERE id = 2; TRUNCATE t; INSERT INTO t VALUES (3, 100)")
        .await;
    f.run("INSERT INTO moments VALUES ('truncated', clock_timestamp())").await;
    run(&other, "COMMIT").await;
    f.run("INSERT INTO moments VALUES ('committed', clock_timestamp())").await;
    let told = "SELECT jsonb_object_agg(step, (
            SELECT jsonb_agg(jsonb_build_array(t.id, t.v) ORDER BY id) FROM threadline.as_of(NULL::t, m.at) t))
        FROM moments m";
    let before = json!([[1, 100], [2, 0]]);
    let expected = json!({"between": before, "truncated": before, "committed": [[3, 100]]});
    assert_eq!(f.value(told).await, expected);
}

#[tokio::test]
async fn what_is_redacted_is_null_or_the_text_that_stands_for_it() {
    let f = Fixture::installed().await;
    f.run(
        "CREATE TABLE t (id int PRIMARY KEY, gone text, masked text, short varchar(3), hashed text,
            number int, doc jsonb, big text, plain text)",
    )
    .await;
    let masked = || Placeholder::new("***hidden***").expect("a placeholder");
    f.sync([plain("t")
        .exclude(column("gone"))
        .mask(column("masked"), masked())
        .mask(column("short"), masked())
        .hash(column("hashed"), masked())
        .hash(column("number"), masked())
        .mask_json(column("doc"), [JsonPath::parse("a").expect("a path")], masked())
        .max_bytes(column("big"), 8.try_into().expect("not zero"))])
        .await;
    f.run(
        r#"INSERT INTO t VALUES (1, 's', 's', 's', 's', 7, '{"a": "s", "b": 1}', repeat('s', 90), 'p'),
            (2, NULL, NULL, NULL, NULL, NULL, '"s"', 'small', NULL)"#,
    )
    .await;
    let mut rows = rows(&f).await;
    let hash = rows[0]["hashed"].take();
    assert!(hash.as_str().is_some_and(|hash| hash.starts_with("hmac:")), "{hash}");
    let expected = [
        json!({"id": 1, "gone": null, "masked": "***hidden***", "short": null, "hashed": null,
            "number": null, "doc": {"a": "***hidden***", "b": 1}, "big": null, "plain": "p"}),
        json!({"id": 2, "gone": null, "masked": "***hidden***", "short": null, "hashed": null,
            "number": null, "doc": null, "big": "small", "plain": null}),
    ];
    assert_eq!(rows, expected);
}

#[tokio::test]
async fn what_was_masked_because_nothing_was_known_of_it_is_no_value() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE t (id int PRIMARY KEY, secret text)").await;
    let spec = || plain("t").exclude(column("secret"));
    f.sync([spec()]).await;
    f.run("ALTER TABLE t ADD n int, ADD j jsonb, ADD v text, ADD s varchar(4)").await;
    f.run("INSERT INTO t VALUES (1, 'x', 1, '{}', 'x', 'x')").await;
    let expected =
        json!({"id": 1, "secret": null, "n": null, "j": null, "v": "[REDACTED]", "s": null});
    assert_eq!(rows(&f).await, [expected]);
}

#[tokio::test]
async fn a_moment_at_which_not_every_row_is_known_is_an_error() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; INSERT INTO t VALUES (1)")).await;
    f.run("CREATE TABLE u (id int PRIMARY KEY); CREATE TABLE moments AS SELECT clock_timestamp() AS at").await;
    let registry = crate::fixture::registry([plain("u")]);
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f.run("INSERT INTO u VALUES (1)").await;
    let now = "SELECT to_jsonb(count(*)) FROM threadline.as_of(NULL::u, now())";
    assert_eq!(f.value(now).await, json!(1));
    let told = |sql: &'static str| refused(&f, sql);
    let early = told("SELECT * FROM threadline.as_of(NULL::u, (SELECT at FROM moments))").await;
    assert!(early.contains("public.u is known as a whole only since"), "{early}");
    assert!(
        told("SELECT * FROM threadline.as_of(NULL::t, now())").await.contains("is not audited")
    );
    f.run("UPDATE threadline.audited_tables SET complete_since = NULL").await;
    let holes = told("SELECT * FROM threadline.as_of(NULL::u, now())").await;
    assert!(holes.contains("not all of them are recorded"), "{holes}");
    f.run("UPDATE threadline.audited_tables SET complete_since = since, detached_at = now()").await;
    let detached = told("SELECT * FROM threadline.as_of(NULL::u, now())").await;
    assert!(detached.contains("audited no longer"), "{detached}");
}

#[tokio::test]
async fn what_is_no_table_or_no_moment_is_an_error() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("CREATE VIEW w AS SELECT * FROM t; CREATE TYPE pair AS (a int, b text)").await;
    for (call, why) in [
        ("NULL::t, NULL", "a moment"),
        ("NULL::t, now(), NULL", "a moment"),
        ("NULL::int, now()", "the row type of a table"),
        ("NULL::w, now()", "is not audited"),
        ("NULL::pair, now()", "is not audited"),
        ("NULL::pg_class, now()", "is not audited"),
    ] {
        let error = refused(&f, &format!("SELECT threadline.as_of({call})")).await;
        assert!(error.contains(why), "{call}: {error}");
    }
}

#[tokio::test]
async fn a_tree_is_read_as_a_whole_and_its_parts_are_refused() {
    let f = Fixture::audited(
        "CREATE TABLE t (id int PRIMARY KEY, v int) PARTITION BY RANGE (id);
        CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (10);
        CREATE TABLE t2 (v int, gone int, id int NOT NULL); ALTER TABLE t2 DROP gone;
        ALTER TABLE t ATTACH PARTITION t2 FOR VALUES FROM (10) TO (20)",
        [plain("t")],
    )
    .await;
    let steps = [
        "INSERT INTO t VALUES (1, 1), (11, 1); INSERT INTO t2 (id, v) VALUES (12, 1)",
        "UPDATE t SET id = id + 9 WHERE id = 1; DELETE FROM t2 WHERE id = 11",
        "TRUNCATE t2; INSERT INTO t1 VALUES (2, 2)",
    ];
    remembered(&f, &steps).await;
    compare(&f, steps.len()).await;
    let error = refused(&f, "SELECT * FROM threadline.as_of(NULL::t1, now())").await;
    assert!(error.contains("t1 is a part of public.t"), "{error}");
}

#[tokio::test]
async fn a_table_with_odd_names_has_a_past() {
    let f = Fixture::installed().await;
    let table = r#""o'dd ""s"."t ""x'y""#;
    f.run(&format!(
        r#"CREATE SCHEMA "o'dd ""s"; CREATE TABLE {table} ("i d" int PRIMARY KEY, "whole" int, "told" int,
            "image" int, "stored" int, "at" int, "base" int, "i" text, "s" text)"#
    ))
    .await;
    let name = threadline::TableName::new("o'dd \"s", "t \"x'y").expect("a name");
    f.sync([threadline::TableSpec::new(name).hash(column("i"), Placeholder::default())]).await;
    f.run(&format!("INSERT INTO {table} VALUES (1, 2, 3, 4, 5, 6, 7, 'i', 's')")).await;
    let sql = format!("SELECT to_jsonb(t) - 'i' FROM threadline.as_of(NULL::{table}, now()) t");
    let expected = json!({"i d": 1, "whole": 2, "told": 3, "image": 4, "stored": 5, "at": 6, "base": 7, "s": "s"});
    assert_eq!(f.value(&sql).await, expected);
}

#[tokio::test]
async fn it_joins_like_a_table() {
    let f = Fixture::audited(
        "CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int PRIMARY KEY, a int)",
        [plain("a"), plain("b")],
    )
    .await;
    f.run("INSERT INTO a VALUES (1, 10), (2, 20); INSERT INTO b VALUES (1, 1), (2, 2)").await;
    f.run(
        "CREATE TABLE moments AS SELECT clock_timestamp() AS at; DELETE FROM b; UPDATE a SET v = 0",
    )
    .await;
    let sum = "SELECT to_jsonb(sum(a.v)) FROM moments m, threadline.as_of(NULL::a, m.at) a
        JOIN LATERAL threadline.as_of(NULL::b, (SELECT at FROM moments)) b ON b.a = a.id WHERE b.id = 2";
    assert_eq!(value(&f.db, sum).await, json!(20));
}
