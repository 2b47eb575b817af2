//! Every type: what is stored of a value is read back as the very same value, or it is named here and
//! in `docs/what-is-captured.md` as one that is not.

mod samples;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use serde_json::{Value, json};
use threadline::CaptureMode;
use threadline_testkit::{Template, TestDb};

use crate::fixture::{Fixture, plain, registry};
use samples::{ARRAYS, LOSSY, PLAIN, Samples, TEXTS_OF_EXTENSIONS, UNREADABLE};

/// Types of the host, for the samples.
const OWN: &str = "CREATE TYPE mood AS ENUM ('calm', 'very \"cross\"', 'it''s');
    CREATE TYPE pair AS (a int, b text); CREATE TYPE nest AS (p pair, l pair[], m mood);
    CREATE DOMAIN small AS numeric(6, 2) CHECK (VALUE < 1000); CREATE DOMAIN few AS int[];
    CREATE DOMAIN twin AS pair; CREATE TYPE floats AS RANGE (subtype = float8);";

const ODD: &str = "SET timezone = 'Asia/Kathmandu'; SET datestyle = 'German, YMD';
    SET intervalstyle = 'sql_standard'; SET bytea_output = 'escape'; SET extra_float_digits = -3;
    SET xmloption = document; SET search_path = pg_temp, public";

/// A database with a table of each of the types in `PLAIN`, filled.
static FILLED: Template =
    Template::new("types", |db| Box::pin(async move { Ok(fill(&db, PLAIN).await?) }));

/// One table a type, `t0`, `t1`, …, with the value in `v` and, where an array of it comes back, too,
/// in `l`. Each sample is inserted twice: by the statements that name columns, and by the others.
async fn fill(db: &DatabaseConnection, types: Samples<'_>) -> Result<(), DbErr> {
    threadline_migration::install(db).await?;
    db.execute_unprepared(OWN).await?;
    let mut specs = Vec::new();
    for (place, (of, _)) in types.iter().enumerate() {
        let list = if is_listed(of) { format!("{of}[]") } else { "int[]".to_owned() };
        let ddl = format!("CREATE TABLE t{place} (id int PRIMARY KEY, v {of}, l {list})");
        db.execute_unprepared(&ddl).await?;
        specs.push(plain(&format!("t{place}")));
    }
    threadline_migration::sync(db, &registry(specs)).await?;
    for (place, (of, samples)) in types.iter().enumerate() {
        let typed = insert(place, of, samples, 1);
        db.execute_unprepared(&format!("SET lc_monetary = 'C'; {typed}")).await?;
        let any = insert(place, of, samples, 101);
        db.execute_unprepared(&format!(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SET LOCAL lc_monetary = 'C'; {any}; COMMIT"
        ))
        .await?;
    }
    Ok(())
}

/// An array of arrays is a table to PostgreSQL, and an array of json that holds arrays reads as one.
fn is_listed(of: &str) -> bool {
    !(of.ends_with("[]") || ["int2vector", "oidvector", "few", "json", "jsonb"].contains(&of))
}

fn insert(place: usize, of: &str, samples: &[&str], first: usize) -> String {
    let row = |(n, sample): (usize, &&str)| {
        let value = format!("'{}'::{of}", sample.replace('\'', "''"));
        let list = if is_listed(of) { format!("ARRAY[{value}, NULL]") } else { "NULL".to_owned() };
        format!("({}, {value}, {list})", n + first)
    };
    let rows: Vec<String> = samples.iter().enumerate().map(row).collect();
    format!("INSERT INTO public.t{place} VALUES {}", rows.join(", "))
}

/// The rows that do not come back byte for byte, or not without a note: `[id, read as, notes]`.
async fn differing(f: &Fixture, place: usize) -> Vec<Value> {
    f.values(&format!(
        "SELECT jsonb_build_array(live.id, (r.whole).v::text, r.notes)
        FROM public.t{place} live
        JOIN threadline.audit_changes c
            ON c.table_name = 't{place}' AND c.row_pk = jsonb_build_object('id', live.id)
        CROSS JOIN LATERAL threadline.read_row(NULL::public.t{place}, c.data_after) r
        WHERE c.op = 'insert' AND NOT (r.whole *= live AND r.notes = '{{}}') ORDER BY live.id"
    ))
    .await
}

/// All samples of `PLAIN`, on a session of its own.
async fn plain_samples() -> Fixture {
    let test_db = TestDb::from(&FILLED).await;
    let db = test_db.pool_of(1).await;
    let f = Fixture { test_db, db };
    f.run("SET lc_monetary = 'C'").await;
    f
}

/// The samples of `types`.
async fn filled(types: Samples<'_>) -> Fixture {
    let f = Fixture::installed().await;
    fill(&f.db, types).await.expect("every sample is taken");
    f
}

#[tokio::test]
async fn a_value_of_every_type_is_read_back_exactly() {
    let f = plain_samples().await;
    let mut wrong = Vec::new();
    for (place, (of, samples)) in PLAIN.iter().enumerate() {
        let recorded = format!(
            "SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE table_name = 't{place}'"
        );
        assert_eq!(f.value(&recorded).await, json!(samples.len() * 2), "{of}");
        wrong.extend(differing(&f, place).await.into_iter().map(|row| (*of, row)));
    }
    assert_eq!(wrong, []);
}

#[tokio::test]
async fn arrays_of_every_shape_are_read_back_exactly() {
    let f = filled(ARRAYS).await;
    let mut wrong = Vec::new();
    for (place, (of, _)) in ARRAYS.iter().enumerate() {
        wrong.extend(differing(&f, place).await.into_iter().map(|row| (*of, row)));
    }
    assert_eq!(wrong, []);
}

#[tokio::test]
async fn what_an_update_replaced_is_stored_as_it_was_inserted() {
    let f = plain_samples().await;
    for (place, (of, samples)) in PLAIN.iter().enumerate() {
        f.run(&format!("UPDATE t{place} SET v = NULL, l = NULL WHERE id < 100")).await;
        f.run(&format!("UPDATE t{place} SET v = NULL, l = NULL WHERE id = 101")).await;
        let same = format!(
            "SELECT to_jsonb(count(*)) FROM threadline.audit_changes i
            JOIN threadline.audit_changes u USING (table_name, row_pk)
            WHERE table_name = 't{place}' AND i.op = 'insert' AND u.op = 'update'
              AND u.changed_fields @> '{{v}}' AND u.data_after || u.changed_from = i.data_after"
        );
        assert_eq!(f.value(&same).await, json!(samples.len() + 1), "{of}");
    }
}

#[tokio::test]
async fn the_settings_of_a_session_change_no_stored_value_and_no_value_that_is_read() {
    let f = plain_samples().await;
    let stored = "SELECT to_jsonb(jsonb_agg(data_after - 'id' ORDER BY table_name, row_pk)::text)
        FROM threadline.audit_changes";
    let usual = f.value(stored).await;
    f.run(ODD).await;
    // Input depends on the settings, so the values come out of the tables, where they are already.
    f.run("TRUNCATE threadline.audit_changes").await;
    for place in 0..PLAIN.len() {
        f.run(&format!(
            "CREATE TEMP TABLE aside ON COMMIT DROP AS SELECT * FROM public.t{place};
            TRUNCATE public.t{place}; INSERT INTO public.t{place} SELECT * FROM aside"
        ))
        .await;
    }
    f.run("DELETE FROM threadline.audit_changes WHERE op = 'truncate'").await;
    assert_eq!(f.value(stored).await, usual);
    let mut wrong = Vec::new();
    for (place, (of, _)) in PLAIN.iter().enumerate() {
        wrong.extend(differing(&f, place).await.into_iter().map(|row| (*of, row)));
    }
    assert_eq!(wrong, []);
}

#[tokio::test]
async fn what_is_not_read_back_exactly_is_known() {
    let f = filled(&LOSSY.map(|(of, sample, _)| (of, sample))).await;
    for (place, (of, sample, read)) in LOSSY.iter().enumerate() {
        let rows = differing(&f, place).await;
        assert_eq!(rows.len(), 2, "{of} {sample:?} comes back exactly: take it off the list");
        for row in rows {
            assert_eq!(row[2], json!({}), "{of} {sample:?}: no note tells it");
            assert_eq!(row[1].as_str(), *read, "{of} {sample:?}");
        }
    }
}

#[tokio::test]
async fn the_list_of_types_is_complete() {
    let f = Fixture::installed().await;
    f.run(OWN).await;
    let mut known: Vec<String> = UNREADABLE.iter().map(|of| (*of).to_owned()).collect();
    for (of, _) in PLAIN.iter().chain(ARRAYS) {
        let sql = format!("SELECT to_jsonb(typname) FROM pg_type WHERE oid = '{of}'::regtype");
        known.extend(f.value(&sql).await.as_str().map(str::to_owned));
    }
    let types = "SELECT to_jsonb(typname) FROM pg_type WHERE typtype IN ('b', 'r', 'm')
        AND typcategory <> 'A' AND typnamespace = 'pg_catalog'::regnamespace";
    for name in f.values(types).await {
        let name = name.as_str().unwrap_or_default();
        assert!(known.iter().any(|known| known == name), "{name} has no sample");
    }
}

#[tokio::test]
async fn types_of_extensions_are_read_back_by_their_text() {
    let f = Fixture::installed().await;
    for (extension, of, samples) in TEXTS_OF_EXTENSIONS {
        if f.db
            .execute_unprepared(&format!("CREATE EXTENSION {extension} SCHEMA public"))
            .await
            .is_err()
        {
            continue;
        }
        f.run(&format!("CREATE TABLE of_{extension} (id int PRIMARY KEY, v {of})")).await;
        f.sync([plain(&format!("of_{extension}"))]).await;
        for (id, sample) in samples.iter().enumerate() {
            f.run(&format!("INSERT INTO of_{extension} VALUES ({id}, '{sample}')")).await;
        }
        let wrong = format!(
            "SELECT jsonb_build_array(live.v::text, (r.whole).v::text, r.notes)
            FROM of_{extension} live JOIN threadline.audit_changes c
                ON c.table_name = 'of_{extension}' AND c.row_pk = jsonb_build_object('id', live.id)
            CROSS JOIN LATERAL threadline.read_row(NULL::of_{extension}, c.data_after) r
            WHERE NOT (r.whole *= live AND r.notes = '{{}}')"
        );
        assert_eq!(f.values(&wrong).await, Vec::<Value>::new(), "{extension}");
    }
}

#[tokio::test]
async fn a_type_with_a_cast_to_json_is_stored_by_it_and_not_read_back() {
    let f = Fixture::installed().await;
    if f.db.execute_unprepared("CREATE EXTENSION hstore SCHEMA public").await.is_err() {
        return;
    }
    f.run("CREATE TABLE t (id int PRIMARY KEY, v hstore)").await;
    f.sync([plain("t")]).await;
    f.run("INSERT INTO t VALUES (1, 'a=>1, b=>NULL')").await;
    assert_eq!(f.changes().await[0][2], json!({"id": 1, "v": {"a": "1", "b": null}}));
    let read = "SELECT jsonb_build_array((r.whole).v, r.notes -> 'v' ->> 'kind')
        FROM threadline.audit_changes c
        CROSS JOIN LATERAL threadline.read_row(NULL::t, c.data_after) r";
    assert_eq!(f.value(read).await, json!([null, "uncastable"]), "it is told, not guessed");
}

#[tokio::test]
async fn large_values_are_read_back_exactly() {
    let f = Fixture::audited(
        "CREATE TABLE t0 (id int PRIMARY KEY, v text, b bytea, j jsonb, l int[])",
        [plain("t0")],
    )
    .await;
    f.run(
        r#"INSERT INTO t0 SELECT 1, string_agg(md5(i::text) || 'é"\', ''),
            string_agg(sha256(i::text::bytea), ''), jsonb_object_agg('k' || i, md5(i::text)),
            array_agg(i) FROM generate_series(1, 30000) i"#,
    )
    .await;
    let size = "SELECT to_jsonb(length(v) > 1000000) FROM t0";
    assert_eq!(f.value(size).await, json!(true));
    assert_eq!(differing(&f, 0).await, Vec::<Value>::new());
}

#[tokio::test]
async fn json_that_jsonb_tidies_is_read_back_tidied() {
    // Row by row the document is compared as it is stored, and a text that says the same is none.
    let spec = plain("t0").in_mode(CaptureMode::Statement);
    let f = Fixture::audited("CREATE TABLE t0 (id int PRIMARY KEY, v json)", [spec]).await;
    f.run(r#"INSERT INTO t0 VALUES (1, '{"b":1,  "a":1, "b":2}'); UPDATE t0 SET v = '{"b": 2, "a": 1}'"#)
        .await;
    let changes = f.changes().await;
    assert_eq!(changes[0][2], json!({"id": 1, "v": {"a": 1, "b": 2}}), "the last of a key counts");
    assert_eq!(changes[1][3], json!(["v"]), "the text changed, though not what it says");
    assert_eq!(changes[1][4], json!({"v": {"a": 1, "b": 2}}));
}
