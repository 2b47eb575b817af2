//! Keys of every type: the history of a row is found whatever tells it apart.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::fixture::{Fixture, plain};

/// What happened to the row with this key, found as the readers find it: by the hash, then the key.
async fn history(f: &Fixture, table: &str, key: &Value) -> Vec<Value> {
    let key = key.to_string().replace('\'', "''");
    let sql = format!(
        "SELECT to_jsonb(op) FROM threadline.audit_changes
        WHERE row_hash = jsonb_hash_extended('{key}', hashtextextended('public.{table}', 0))
          AND row_pk = '{key}' ORDER BY captured_at, id"
    );
    f.values(&sql).await
}

/// A type, two different values of it, and the JSON of both.
struct Case {
    of: &'static str,
    one: &'static str,
    two: &'static str,
    told: [Value; 2],
}

fn case(of: &'static str, one: &'static str, two: &'static str, told: [Value; 2]) -> Case {
    Case { of, one, two, told }
}

fn numbers_and_words() -> Vec<Case> {
    vec![
        case("smallint", "-32768", "1", [json!(-32_768), json!(1)]),
        case(
            "bigint",
            "9007199254740993",
            "9223372036854775807",
            [json!(9_007_199_254_740_993_i64), json!(i64::MAX)],
        ),
        case("numeric", "18446744073709551615", "0.1", [json!(u64::MAX), json!(0.1)]),
        case("numeric(9, 3)", "1.5", "NaN", [json!(1.5), json!("NaN")]),
        case("float8", "0.1", "1e300", [json!(0.1), json!(1e300)]),
        case("boolean", "true", "false", [json!(true), json!(false)]),
        case("text", "", "it's \"quoted\" \\ €😀", [json!(""), json!("it's \"quoted\" \\ €😀")]),
        case("varchar(9)", "a", "A", [json!("a"), json!("A")]),
        case("char(4)", "ab", "abcd", [json!("ab  "), json!("abcd")]),
        case("name", "a", "b", [json!("a"), json!("b")]),
        case("mood", "calm", "cross", [json!("calm"), json!("cross")]),
        case("code", "ABC", "XYZ", [json!("ABC"), json!("XYZ")]),
        case("text COLLATE \"C\"", "ä", "z", [json!("ä"), json!("z")]),
    ]
}

fn times_and_others() -> Vec<Case> {
    let uuid = ["00000000-0000-0000-0000-00000000000a", "ffffffff-ffff-ffff-ffff-ffffffffffff"];
    vec![
        case("date", "2026-01-02", "infinity", [json!("2026-01-02"), json!("infinity")]),
        case("time", "03:04:05.5", "24:00:00", [json!("03:04:05.5"), json!("24:00:00")]),
        case(
            "timestamp",
            "2026-01-02 03:04",
            "0044-03-15 BC",
            [json!("2026-01-02T03:04:00"), json!("0044-03-15T00:00:00 BC")],
        ),
        case(
            "timestamptz",
            "2026-01-02 03:04+00",
            "2026-01-02 03:04-05",
            [json!("2026-01-02T03:04:00+00:00"), json!("2026-01-02T08:04:00+00:00")],
        ),
        case("interval", "1 day 02:03", "-1 mon", [json!("1 day 02:03:00"), json!("-1 mons")]),
        case("uuid", uuid[0], uuid[1], [json!(uuid[0]), json!(uuid[1])]),
        case("bytea", "\\x00ff", "\\x", [json!("\\x00ff"), json!("\\x")]),
        case("inet", "10.0.0.1/8", "::1", [json!("10.0.0.1/8"), json!("::1")]),
        case(
            "macaddr",
            "08:00:2b:01:02:03",
            "08:00:2b:01:02:04",
            [json!("08:00:2b:01:02:03"), json!("08:00:2b:01:02:04")],
        ),
        case("int[]", "{1,2}", "{}", [json!([1, 2]), json!([])]),
        case("text[]", "{a,NULL}", "{b}", [json!(["a", null]), json!(["b"])]),
        case(
            "daterange",
            "[2026-01-01,2026-02-01)",
            "empty",
            [json!("[2026-01-01,2026-02-01)"), json!("empty")],
        ),
        case("pair", "(1,x)", "(2,y)", [json!({"a": 1, "b": "x"}), json!({"a": 2, "b": "y"})]),
        case("jsonb", "{\"a\": 1}", "[]", [json!({"a": 1}), json!([])]),
        case("bit(3)", "101", "111", [json!("101"), json!("111")]),
        case("pg_lsn", "0/1", "F/F", [json!("0/1"), json!("F/F")]),
    ]
}

const TYPES: &str =
    "CREATE TYPE mood AS ENUM ('calm', 'cross'); CREATE TYPE pair AS (a int, b text);
    CREATE DOMAIN code AS varchar(3) CHECK (VALUE = upper(VALUE));";

/// Inserts, updates, moves to another key and back, alone and among others, and deletes.
async fn every_write_is_found(cases: &[Case]) {
    let f = Fixture::installed().await;
    f.run(TYPES).await;
    for (place, case) in cases.iter().enumerate() {
        f.run(&format!("CREATE TABLE t{place} (v int, k {} PRIMARY KEY)", case.of)).await;
    }
    f.sync((0..cases.len()).map(|place| plain(&format!("t{place}")))).await;
    for (place, case) in cases.iter().enumerate() {
        let t = format!("t{place}");
        let (one, two) = (case.one.replace('\'', "''"), case.two.replace('\'', "''"));
        for zone in ["UTC", "Asia/Kathmandu"] {
            f.run(&format!("SET timezone = '{zone}'; SET intervalstyle = 'sql_standard'")).await;
            f.run(&format!("INSERT INTO {t} VALUES (1, '{one}')")).await;
            f.run(&format!("UPDATE {t} SET v = 2")).await;
            f.run(&format!("UPDATE {t} SET k = '{two}'")).await;
            f.run(&format!("INSERT INTO {t} VALUES (3, '{one}')")).await;
            f.run(&format!("UPDATE {t} SET v = v + 1")).await;
            f.run(&format!("DELETE FROM {t}")).await;
        }
        f.run("RESET ALL").await;
        let of_one = ["insert", "update", "delete", "insert", "update", "delete"];
        let of_two = ["insert", "update", "delete"];
        let [one, two] = &case.told;
        assert_eq!(
            history(&f, &t, &json!({"k": one})).await,
            [of_one, of_one].concat(),
            "{}",
            case.of
        );
        assert_eq!(
            history(&f, &t, &json!({"k": two})).await,
            [of_two, of_two].concat(),
            "{}",
            case.of
        );
    }
}

#[tokio::test]
async fn keys_of_numbers_and_words_are_found() {
    every_write_is_found(&numbers_and_words()).await;
}

#[tokio::test]
async fn keys_of_times_and_other_types_are_found() {
    every_write_is_found(&times_and_others()).await;
}

#[tokio::test]
async fn a_composite_key_is_told_by_name_whatever_the_order() {
    let f = Fixture::audited(
        "CREATE TABLE t (c text, b int, v int, a uuid, PRIMARY KEY (a, b, c) INCLUDE (v))",
        [plain("t")],
    )
    .await;
    let a = "00000000-0000-0000-0000-00000000000a";
    f.run(&format!("INSERT INTO t VALUES ('x', 1, 0, '{a}'), ('x', 2, 0, '{a}')")).await;
    f.run("UPDATE t SET v = 1; UPDATE t SET c = 'y' WHERE b = 1; UPDATE t SET b = b + 1").await;
    f.run("DELETE FROM t").await;
    let key = |c: &str, b: i32| json!({"a": a, "b": b, "c": c});
    assert_eq!(history(&f, "t", &key("x", 1)).await, ["insert", "update", "delete"]);
    assert_eq!(history(&f, "t", &key("y", 1)).await, ["insert", "delete"]);
    assert_eq!(history(&f, "t", &key("y", 2)).await, ["insert", "delete"]);
    assert_eq!(history(&f, "t", &key("x", 2)).await, ["insert", "update", "delete"]);
    assert_eq!(history(&f, "t", &key("x", 3)).await, ["insert", "delete"]);
}

#[tokio::test]
async fn numbers_that_are_equal_are_one_key() {
    let f = Fixture::audited("CREATE TABLE t (k numeric PRIMARY KEY, v int)", [plain("t")]).await;
    f.run("INSERT INTO t VALUES (1.0, 1), (5, 1)").await;
    f.run("UPDATE t SET k = 1.00 WHERE k = 1; UPDATE t SET k = k * 1.000, v = 2").await;
    f.run("DELETE FROM t WHERE k = 1").await;
    assert_eq!(history(&f, "t", &json!({"k": 1})).await, ["insert", "update", "update", "delete"]);
    let scales = "SELECT coalesce(data_after, changed_from) -> 'k' FROM threadline.audit_changes
        WHERE row_pk @> '{\"k\": 1}' ORDER BY id";
    let scales: Vec<String> = f.values(scales).await.iter().map(Value::to_string).collect();
    assert_eq!(scales.len(), 4);
}

#[tokio::test]
async fn texts_that_a_collation_calls_equal_are_still_two_keys() {
    let f = Fixture::installed().await;
    let icu = "SELECT to_jsonb(EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i'))";
    if f.value(icu).await != json!(true) {
        return;
    }
    f.run(
        "CREATE COLLATION nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE TABLE t (k text COLLATE nocase PRIMARY KEY, v int)",
    )
    .await;
    f.sync([plain("t")]).await;
    f.run("INSERT INTO t VALUES ('Ann', 1), ('bob', 1); UPDATE t SET v = 2 WHERE k = 'ANN'").await;
    f.run("UPDATE t SET k = 'ANN' WHERE k = 'ann'; UPDATE t SET v = 3 WHERE k = 'ann'").await;
    f.run("INSERT INTO t VALUES ('aNN', 0) ON CONFLICT (k) DO UPDATE SET v = 4").await;
    f.run("UPDATE t SET k = upper(k); DELETE FROM t").await;
    assert_eq!(history(&f, "t", &json!({"k": "Ann"})).await, ["insert", "update", "delete"]);
    assert_eq!(
        history(&f, "t", &json!({"k": "ANN"})).await,
        ["insert", "update", "update", "delete"]
    );
    assert_eq!(history(&f, "t", &json!({"k": "bob"})).await, ["insert", "delete"]);
    assert_eq!(history(&f, "t", &json!({"k": "BOB"})).await, ["insert", "delete"]);
}

#[tokio::test]
async fn texts_of_citext_that_differ_in_case_are_two_keys() {
    let f = Fixture::installed().await;
    if f.db.execute_unprepared("CREATE EXTENSION citext").await.is_err() {
        return;
    }
    f.run("CREATE TABLE t (k citext PRIMARY KEY, v int)").await;
    f.sync([plain("t")]).await;
    f.run("INSERT INTO t VALUES ('Ann', 1); UPDATE t SET v = 2 WHERE k = 'ANN'").await;
    f.run("UPDATE t SET k = 'ANN' WHERE k = 'ann'; DELETE FROM t WHERE k = 'ann'").await;
    assert_eq!(history(&f, "t", &json!({"k": "Ann"})).await, ["insert", "update", "delete"]);
    assert_eq!(history(&f, "t", &json!({"k": "ANN"})).await, ["insert", "delete"]);
}

#[tokio::test]
async fn a_key_as_long_as_its_own_index_allows_is_found() {
    let f = Fixture::audited("CREATE TABLE t (k text PRIMARY KEY, v int)", [plain("t")]).await;
    f.run(
        "CREATE TABLE source AS SELECT string_agg(md5(i::text), '') AS k
            FROM generate_series(1, 84) i;
        INSERT INTO t SELECT k, 1 FROM source; INSERT INTO t SELECT k || 'x', 1 FROM source",
    )
    .await;
    f.run("UPDATE t SET v = 2; UPDATE t SET k = k || 'y' WHERE length(k) = 2688; DELETE FROM t")
        .await;
    let found = "SELECT jsonb_build_array(length(c.row_pk ->> 'k'), count(*))
        FROM source s CROSS JOIN (VALUES (''), ('x'), ('y')) AS e (nd)
        JOIN threadline.audit_changes c ON c.row_hash = jsonb_hash_extended(
            jsonb_build_object('k', s.k || e.nd), hashtextextended('public.t', 0))
        GROUP BY c.row_pk ORDER BY c.row_pk";
    let found = f.values(found).await;
    assert_eq!(found, [json!([2_688, 3]), json!([2_689, 3]), json!([2_689, 2])]);
}
