//! Sessions and tables that are as hostile as they can be: what is written is recorded as ever.

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use threadline::{TableName, TableSpec};
use threadline_migration::Outcome;

use crate::fixture::{Fixture, column, plain, registry, run, value, values};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, secret text)";

/// Every kind of statement, of one row and of many, on `public.t`.
const EVERYTHING: &str = "
    INSERT INTO public.t VALUES (1, 'a', 's'); INSERT INTO public.t VALUES (2, 'b', 's'), (3, 'c', 's');
    UPDATE public.t SET v = 'x' WHERE id OPERATOR(pg_catalog.=) 1; UPDATE public.t SET v = 'y';
    UPDATE public.t SET id = 10 WHERE id OPERATOR(pg_catalog.=) 1;
    DELETE FROM public.t WHERE id OPERATOR(pg_catalog.=) 10; DELETE FROM public.t; TRUNCATE public.t";

fn spec() -> TableSpec {
    plain("t").exclude(column("secret"))
}

/// What [`EVERYTHING`] leaves behind under a session that is set up by `before`, on a table that is as
/// it was when it was attached, or has changed since by `drift`.
async fn trail_under(before: &str, drift: &str) -> Vec<Value> {
    let f = Fixture::audited(T, [spec()]).await;
    f.run(drift).await;
    // Some of it is for superusers only.
    let writer = f.test_db.pool_of(1).await;
    writer.execute_unprepared(before).await.unwrap_or_else(|error| panic!("{error}\n{before}"));
    run(&writer, EVERYTHING).await;
    let other_session = f.test_db.connect().await;
    let changes = "SELECT jsonb_build_array(op, row_pk, data_after, changed_fields, changed_from)
        FROM threadline.audit_changes";
    let mut changes = values(&other_session, changes).await;
    // The rows of one statement may come in any order.
    changes.sort_by_key(ToString::to_string);
    let late = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes
        WHERE captured_at NOT BETWEEN now() - interval '1 hour' AND now()";
    changes.push(value(&other_session, late).await);
    changes
}

/// A schema with functions, operators and types that are called like built-in ones and do harm, and
/// temporary tables that are called like the trail's, like the catalog's and like the audited one.
const EVIL: &str = r#"
    CREATE SCHEMA evil;
    CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT '-infinity'::timestamptz $$;
    CREATE FUNCTION evil.to_jsonb(anyelement) RETURNS jsonb LANGUAGE sql AS $$ SELECT '"evil"'::jsonb $$;
    CREATE FUNCTION evil.current_setting(text, boolean) RETURNS text LANGUAGE sql AS $$ SELECT 'evil' $$;
    CREATE FUNCTION evil.current_setting(text) RETURNS text LANGUAGE sql AS $$ SELECT 'evil' $$;
    CREATE FUNCTION evil.nextval(text) RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$;
    CREATE FUNCTION evil.nextval(regclass) RETURNS bigint LANGUAGE sql AS $$ SELECT 1::bigint $$;
    CREATE FUNCTION evil.pg_current_xact_id() RETURNS xid8 LANGUAGE sql AS $$ SELECT '1'::xid8 $$;
    CREATE FUNCTION evil.never(anyelement, anyelement) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
    CREATE FUNCTION evil.never(integer, integer) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
    CREATE FUNCTION evil.never(text, text) RETURNS boolean LANGUAGE sql AS $$ SELECT false $$;
    CREATE OPERATOR evil.= (FUNCTION = evil.never, LEFTARG = integer, RIGHTARG = integer);
    CREATE OPERATOR evil.= (FUNCTION = evil.never, LEFTARG = text, RIGHTARG = text);
    CREATE OPERATOR evil.<> (FUNCTION = evil.never, LEFTARG = integer, RIGHTARG = integer);
    CREATE OPERATOR evil.~ (FUNCTION = evil.never, LEFTARG = text, RIGHTARG = text);
    CREATE FUNCTION evil.format(text, name) RETURNS text LANGUAGE sql AS $$ SELECT 'DROP SCHEMA public' $$;
    CREATE FUNCTION evil.format(text, text) RETURNS text LANGUAGE sql AS $$ SELECT 'DROP SCHEMA public' $$;
    CREATE FUNCTION evil.to_regclass(text) RETURNS regclass LANGUAGE sql AS $$ SELECT NULL::regclass $$;
    CREATE TYPE evil.text AS ENUM ('evil'); CREATE TYPE evil.jsonb AS ENUM ('evil');
    CREATE TYPE evil.tid AS ENUM ('evil'); CREATE TYPE evil.oid AS ENUM ('evil');
    CREATE TYPE evil.timestamptz AS ENUM ('evil'); CREATE TYPE evil.regclass AS ENUM ('evil');
    CREATE TABLE evil.audit_changes (x int); CREATE TABLE evil.t (id int);
    CREATE TABLE evil.pg_class (oid int); CREATE TABLE evil.pg_attribute (attrelid int);
    CREATE TABLE evil.pg_trigger (oid int); CREATE TABLE evil.pg_proc (oid int);"#;

const TEMPORARY: &str = "
    CREATE TEMP TABLE audit_changes (x int); CREATE TEMP TABLE audit_transactions (x int);
    CREATE TEMP TABLE open_transactions (xid int); CREATE TEMP TABLE audited_tables (x int);
    CREATE TEMP TABLE pg_attribute (x int); CREATE TEMP TABLE pg_class (x int); CREATE TEMP TABLE pg_constraint (x int);
    CREATE TEMP TABLE new_rows (id int); CREATE TEMP TABLE old_rows (id int); CREATE TEMP TABLE t (id int);
    CREATE TEMP TABLE capture (touched int); CREATE TEMP TABLE text (x int);";

#[tokio::test]
async fn no_search_path_and_no_name_of_the_session_changes_what_is_recorded() {
    for drift in ["", "ALTER TABLE t ADD more int DEFAULT 1"] {
        let expected = trail_under("", drift).await;
        assert_eq!(expected.len(), 14, "{expected:?}");
        for path in
            ["''", "evil", "evil, pg_catalog", "pg_temp, evil, public, pg_catalog", "pg_temp"]
        {
            let session = format!("{EVIL}{TEMPORARY}SET search_path = {path}");
            assert_eq!(trail_under(&session, drift).await, expected, "{path}, {drift}");
        }
    }
}

#[tokio::test]
async fn no_setting_of_the_session_changes_what_is_recorded() {
    let expected = trail_under("", "").await;
    for settings in [
        "SET plan_cache_mode = force_generic_plan",
        "SET plan_cache_mode = force_custom_plan",
        "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_sort = off; SET enable_tidscan = off",
        "SET enable_nestloop = off; SET enable_mergejoin = off; SET enable_indexscan = off; SET enable_bitmapscan = off",
        "SET enable_partition_pruning = off; SET constraint_exclusion = off; SET work_mem = '64kB'",
        "SET jit = on; SET jit_above_cost = 0; SET jit_inline_above_cost = 0; SET jit_optimize_above_cost = 0",
        "SET transform_null_equals = on; SET array_nulls = off; SET quote_all_identifiers = on",
        "SET standard_conforming_strings = off; SET backslash_quote = off; SET escape_string_warning = on",
        "SET client_encoding = 'LATIN1'; SET client_min_messages = debug1; SET xmloption = document",
        "SET default_transaction_isolation = 'serializable'; SET default_transaction_deferrable = on",
        "SET default_transaction_isolation = 'repeatable read'; SET synchronous_commit = off",
        "SET session_replication_role = replica",
        "SET row_security = off; SET check_function_bodies = off; SET statement_timeout = '1min'; SET lock_timeout = '1min'",
        "SET plpgsql.variable_conflict = 'use_column'",
        "SET plpgsql.variable_conflict = 'use_variable'; SET plpgsql.extra_errors = 'all'",
    ] {
        assert_eq!(trail_under(settings, "").await, expected, "{settings}");
    }
}

#[tokio::test]
async fn a_hostile_search_path_does_not_divert_an_installation() {
    let f = Fixture::audited(T, [spec()]).await;
    f.db.execute_unprepared(EVIL).await.expect("the schema");
    f.run(&format!(
        "CREATE TABLE u (id int PRIMARY KEY, v text); ALTER TABLE t ADD more int; {TEMPORARY}"
    ))
    .await;
    f.run("SET search_path = evil, pg_temp, public, pg_catalog").await;
    let specs = registry([spec(), plain("u")]);
    let report = threadline_migration::sync(&f.db, &specs).await.expect("syncs");
    let outcomes: Vec<Outcome> = report.tables.iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes, [Outcome::Updated, Outcome::Created]);
    assert!(threadline_migration::sync(&f.db, &specs).await.expect("syncs").is_unchanged());
    let path = "SELECT pg_catalog.to_jsonb(pg_catalog.current_setting('search_path'))";
    let path = f.value(path).await;
    assert_eq!(path, json!("evil, pg_temp, public, pg_catalog"), "the session has its own again");
    f.run("RESET search_path; INSERT INTO public.u VALUES (1, 'a')").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"]);
    let since = "SELECT to_jsonb(bool_and(since > now() - interval '1 hour')) FROM threadline.audited_tables";
    assert_eq!(f.value(since).await, json!(true));
}

#[tokio::test]
async fn hostile_names_of_schemas_tables_and_keys_are_captured() {
    let long = "ä".repeat(31);
    let names = [
        "select",
        "$capture$",
        "/*:table:*/",
        "/*:*/",
        "it's",
        "say \"hi\"",
        "a.b",
        "back\\slash",
        "%s %I",
        "$1",
        "new_rows",
        "Ünïcödé",
        " ",
        "--",
        "threadline",
        "t;DROP TABLE x",
        long.as_str(),
    ];
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let f = Fixture::installed().await;
    let (mut specs, mut expected) = (Vec::new(), Vec::new());
    for name in names {
        // No schema of the host may be called like the trail's.
        let schema = format!("{name}x").chars().take(30).collect::<String>();
        let (q, s) = (quoted(name), quoted(&schema));
        let ddl = format!(
            "CREATE SCHEMA {s}; CREATE TABLE {s}.{q} ({q} text PRIMARY KEY, v int, secret text, old json)"
        );
        f.db.execute_unprepared(&ddl).await.unwrap_or_else(|error| panic!("{error}\n{ddl}"));
        let table = TableName::new(schema, name).expect("a name");
        specs.push(TableSpec::new(table).exclude(column("secret")));
        expected.extend(
            ["insert", "update", "update", "delete"].map(|op| json!([name, op, {name: "k"}])),
        );
    }
    f.sync(specs).await;
    for name in names {
        let schema = format!("{name}x").chars().take(30).collect::<String>();
        let (q, s) = (quoted(name), quoted(&schema));
        let script = format!(
            "INSERT INTO {s}.{q} VALUES ('k', 1, 'canary'); UPDATE {s}.{q} SET v = 2;
             ALTER TABLE {s}.{q} ADD more int; UPDATE {s}.{q} SET v = 3; DELETE FROM {s}.{q}"
        );
        f.db.execute_unprepared(&script).await.unwrap_or_else(|error| panic!("{error}\n{script}"));
    }
    let recorded = "SELECT jsonb_build_array(table_name, op, row_pk) FROM threadline.audit_changes ORDER BY id";
    assert_eq!(f.values(recorded).await, expected);
    let leaked =
        "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c WHERE c::text LIKE '%canary%'";
    assert_eq!(f.value(leaked).await, json!(0));
}

#[tokio::test]
async fn whoever_a_session_pretends_to_be_is_captured() {
    let f = Fixture::audited(T, [spec()]).await;
    let _app = f.test_db.connect_as("app").await;
    let role = f.test_db.role("app");
    f.run("GRANT ALL ON t TO PUBLIC").await;
    let superuser = f.test_db.pool_of(1).await;
    let login = value(&superuser, "SELECT to_jsonb(session_user)").await;
    for script in [
        format!(
            "SET ROLE {role}; INSERT INTO t VALUES (1, 'a', 's'); UPDATE t SET v = 'b'; RESET ROLE"
        ),
        format!("SET SESSION AUTHORIZATION {role}; DELETE FROM t; RESET SESSION AUTHORIZATION"),
    ] {
        run(&superuser, &script).await;
    }
    assert_eq!(f.operations().await.len(), 3);
    let who = "SELECT to_jsonb(session_user_name) FROM threadline.audit_transactions ORDER BY id";
    // Nobody but a superuser can change who has logged in.
    assert_eq!(f.values(who).await, [login, json!(role)]);
}

#[tokio::test]
async fn row_level_security_hides_nothing_from_capture() {
    let f = Fixture::audited(T, [spec()]).await;
    let app = f.test_db.connect_as("app").await;
    f.run("GRANT ALL ON t TO PUBLIC; ALTER TABLE t ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
        CREATE POLICY seen ON t FOR SELECT USING (v <> 'hidden'); CREATE POLICY own ON t FOR DELETE USING (true);
        CREATE POLICY w ON t FOR INSERT WITH CHECK (true); CREATE POLICY u ON t FOR UPDATE USING (true) WITH CHECK (true)").await;
    run(&app, "INSERT INTO t VALUES (1, 'hidden', 's'); INSERT INTO t VALUES (2, 'hidden', 's'), (3, 'hidden', 's');
        UPDATE t SET secret = 'n'; DELETE FROM t").await;
    assert_eq!(
        f.operations().await,
        [
            "insert {\"id\": 1}",
            "insert {\"id\": 2}",
            "insert {\"id\": 3}",
            "update {\"id\": 1}",
            "update {\"id\": 2}",
            "update {\"id\": 3}",
            "delete {\"id\": 1}",
            "delete {\"id\": 2}",
            "delete {\"id\": 3}",
        ]
    );
    let hidden = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes
        WHERE coalesce(data_after, changed_from) ->> 'v' = 'hidden'";
    assert_eq!(f.value(hidden).await, json!(9));
}

#[tokio::test]
async fn a_write_that_runs_out_of_time_in_the_trail_is_undone_as_a_whole() {
    let f = Fixture::audited(T, [spec()]).await;
    let db = f.test_db.connect().await;
    for (limit, error) in
        [("lock_timeout", "lock timeout"), ("statement_timeout", "statement timeout")]
    {
        f.run("BEGIN; LOCK TABLE threadline.audit_changes").await;
        let script = format!("SET {limit} = '200ms'; INSERT INTO t VALUES (1, 'a', 's')");
        let refused = db.execute_unprepared(&script).await.expect_err("it waits").to_string();
        assert!(refused.contains(error), "{refused}");
        f.run("ROLLBACK").await;
        assert_eq!(f.value("SELECT to_jsonb(count(*)) FROM t").await, json!(0));
        assert_eq!(f.operations().await, Vec::<String>::new());
    }
    run(&db, "RESET ALL; INSERT INTO t VALUES (1, 'a', 's')").await;
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"]);
}
