//! A trail that was dumped and restored, by the programs that come with PostgreSQL.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use threadline_testkit::{Server, TestDb};

use crate::fixture::{Fixture, column, plain, registry, run, value, values};

/// A table with a redacted column and one that was dropped, and a trail with three transactions.
async fn recorded() -> Fixture {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE t (gone int, id int PRIMARY KEY, v text, secret text); ALTER TABLE t DROP gone;
        CREATE TABLE u (id int PRIMARY KEY, v text)").await;
    f.sync([plain("t").exclude(column("secret")), plain("u")]).await;
    f.run("INSERT INTO t VALUES (1, 'a', 's'); INSERT INTO u VALUES (1, 'a'), (2, 'b')").await;
    f.run(r#"BEGIN; SELECT threadline.begin_action('{"actor": {"type": "user", "id": "7"}}', '{"name": "act"}');
        UPDATE t SET v = 'b'; DELETE FROM u WHERE id = 2; COMMIT"#).await;
    f
}

async fn program(name: &str) -> PathBuf {
    let server = Server::shared().await.expect("a server");
    let beside = server.bin_dir().map(|folder| folder.join(name)).filter(|path| path.is_file());
    beside.unwrap_or_else(|| PathBuf::from(name))
}

/// What a client program writes, given `input`.
async fn output(name: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program(name).await)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{name}: {error}; install PostgreSQL's client programs"));
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(&input));
    let done = child.wait_with_output().expect("it ends");
    assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    writing.join().expect("no panic").expect("it reads everything");
    done.stdout
}

async fn dump(f: &Fixture, arguments: &[&str]) -> Vec<u8> {
    output("pg_dump", &[&[f.test_db.url()], arguments].concat(), b"").await
}

/// Runs a script of `pg_dump`; an error ends it.
async fn psql(db: &TestDb, script: &[u8]) {
    output("psql", &["-XqAt", "-v", "ON_ERROR_STOP=1", db.url()], script).await;
}

/// A restored copy of the whole database, from a script.
async fn restored(f: &Fixture, arguments: &[&str]) -> (TestDb, DatabaseConnection) {
    let script = dump(f, arguments).await;
    let target = TestDb::empty().await;
    psql(&target, &script).await;
    let db = target.pool_of(1).await;
    (target, db)
}

#[tokio::test]
async fn a_restored_trail_is_known_as_such_until_something_is_recorded() {
    use threadline_migration::Desired;
    use threadline_migration::health::{Code, CoverageOptions, findings};

    let f = recorded().await;
    let options = CoverageOptions::default();
    let is_told = async |db: &DatabaseConnection| {
        let found = findings(db, Desired::Installed, &options).await.expect("it can be read");
        found.iter().any(|found| found.code == Code::RestoredDatabase)
    };
    assert!(!is_told(&f.db).await, "it was never restored");
    let (_target, db) = restored(&f, &[]).await;
    assert!(is_told(&db).await);
    run(&db, "UPDATE u SET v = 'c'").await;
    assert!(!is_told(&db).await, "what was written here is the newest");
}

/// Everything that a restore must bring back as it was.
const TRAIL: [&str; 6] = [
    "SELECT to_jsonb(c) - 'op' || jsonb_build_object('op', op) FROM threadline.audit_changes c ORDER BY id",
    "SELECT to_jsonb(t) FROM threadline.audit_transactions t ORDER BY id",
    "SELECT to_jsonb(a) FROM threadline.audit_actions a ORDER BY id",
    "SELECT to_jsonb(a) FROM threadline.audited_tables a ORDER BY table_name",
    "SELECT jsonb_build_array(tgrelid::regclass::text, tgname, tgenabled, tgfoid::regproc::text, tgdeferrable)
        FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
    "SELECT jsonb_build_array(p.oid::regprocedure::text, p.prosrc, p.prosecdef, p.provolatile, p.proconfig,
        has_function_privilege('public', p.oid, 'EXECUTE'))
        FROM pg_proc p WHERE p.pronamespace = 'threadline'::regnamespace ORDER BY 1",
];

async fn trail(db: &DatabaseConnection) -> Vec<Vec<Value>> {
    let mut told = Vec::new();
    for sql in TRAIL {
        told.push(values(db, sql).await);
    }
    told
}

/// What is written after a restore belongs to a transaction of its own, and sequences go on.
async fn assert_that_capture_goes_on(db: &DatabaseConnection) {
    let newest = "SELECT jsonb_build_array(max(c.id), max(c.transaction_id)) FROM threadline.audit_changes c";
    let before = value(db, newest).await;
    run(db, "UPDATE u SET v = 'z'; INSERT INTO u VALUES (9, 'n')").await;
    let after = value(db, newest).await;
    let number = |value: &Value, place: usize| value[place].as_i64().expect("a number");
    assert!(number(&after, 0) >= number(&before, 0) + 2, "{before} {after}");
    assert!(number(&after, 1) > number(&before, 1), "{before} {after}");
    let opened = "SELECT to_jsonb(count(*)) FROM threadline.open_transactions";
    assert_eq!(value(db, opened).await, json!(0));
    let in_default = "SELECT to_jsonb(count(*)) FROM threadline.audit_changes_default";
    assert_eq!(value(db, in_default).await, json!(0), "the months have partitions");
}

#[tokio::test]
async fn a_restore_brings_everything_back_once_and_capture_goes_on() {
    for arguments in [&[][..], &["--no-comments"], &["--inserts", "--no-owner"]] {
        let f = recorded().await;
        let before = trail(&f.db).await;
        let (_target, db) = restored(&f, arguments).await;
        assert_eq!(trail(&db).await, before, "{arguments:?}");
        assert_that_capture_goes_on(&db).await;
    }
}

#[tokio::test]
async fn without_its_grants_the_trail_is_closed_again_by_an_install() {
    let f = recorded().await;
    let before = trail(&f.db).await;
    let (target, db) = restored(&f, &["--no-privileges"]).await;
    assert_ne!(trail(&db).await, before, "everybody may call every function");
    threadline_migration::install(&db).await.expect("installs");
    assert_eq!(trail(&db).await, before);
    let app = target.connect_as("app").await;
    run(&db, "GRANT INSERT ON u TO PUBLIC").await;
    run(&app, r#"BEGIN; SELECT threadline.begin_action('{"actor": {"type": "user", "id": "7"}}', '{"name": "act"}');
        INSERT INTO u VALUES (9, 'n'); COMMIT"#).await;
    // What somebody has narrowed since stays narrow.
    run(&db, "REVOKE EXECUTE ON FUNCTION threadline.begin_action(jsonb, jsonb) FROM PUBLIC").await;
    let narrowed = trail(&db).await;
    threadline_migration::install(&db).await.expect("installs");
    assert_eq!(trail(&db).await, narrowed);
}

#[tokio::test]
async fn an_archive_is_restored_by_pg_restore_too() {
    let f = recorded().await;
    let before = trail(&f.db).await;
    let archive = dump(&f, &["--format=custom"]).await;
    let target = TestDb::empty().await;
    for section in ["pre-data", "data", "post-data"] {
        let section = format!("--section={section}");
        output("pg_restore", &["--exit-on-error", &section, "-d", target.url()], &archive).await;
    }
    let db = target.pool_of(1).await;
    assert_eq!(trail(&db).await, before);
    assert_that_capture_goes_on(&db).await;
}

#[tokio::test]
async fn data_alone_is_restored_into_a_migrated_database() {
    let f = recorded().await;
    let before = trail(&f.db).await;
    let data = ["--data-only", "--disable-triggers"];
    let script = dump(&f, &data).await;
    let target = Fixture::installed().await;
    target
        .run(
            "CREATE TABLE t (id int PRIMARY KEY, v text, secret text);
        CREATE TABLE u (id int PRIMARY KEY, v text)",
        )
        .await;
    let specs = || [plain("t").exclude(column("secret")), plain("u")];
    target.sync(specs()).await;
    target
        .run("DELETE FROM threadline.schema_version; DELETE FROM threadline.audited_tables")
        .await;
    psql(&target.test_db, &script).await;
    // pg_dump has switched the triggers on again, but not as they were.
    threadline_migration::sync(&target.db, &registry(specs())).await.expect("syncs");
    let after = trail(&target.db).await;
    assert_eq!(after[..3], before[..3], "nothing is lost, and the restore itself is not recorded");
    assert_eq!(after[4], before[4], "the triggers are as they were");
    let since = "SELECT to_jsonb(since) FROM threadline.audited_tables ORDER BY table_name";
    assert_eq!(target.values(since).await, f.values(since).await, "and so is the horizon");
    assert_that_capture_goes_on(&target.db).await;
}

#[tokio::test]
async fn a_younger_server_never_gives_its_writes_to_old_transactions() {
    let f = recorded().await;
    // The numbers that the next database transactions of this server will have.
    f.run("INSERT INTO threadline.audit_transactions (xid, occurred_at, actor_type, actor_id, session_user_name, backend_pid)
        SELECT (pg_current_xact_id()::text::bigint + i)::text::xid8, now() - interval '1 minute', 'user', 'old', 'x', 1
        FROM generate_series(1, 20000) i").await;
    let (_target, db) = restored(&f, &[]).await;
    run(&db, "BEGIN; INSERT INTO u VALUES (10, 'n'); SAVEPOINT s; UPDATE u SET v = 'm'; SET CONSTRAINTS ALL IMMEDIATE;
        INSERT INTO u VALUES (11, 'n'); COMMIT; INSERT INTO u VALUES (12, 'n')").await;
    let attributed = "SELECT jsonb_build_array(t.actor_id, o.xid IS NOT NULL, c.row_pk)
        FROM threadline.audit_changes c JOIN threadline.audit_transactions t ON t.id = c.transaction_id
        LEFT JOIN threadline.audit_transactions o ON o.xid = t.xid AND o.actor_id = 'old'
        WHERE (c.row_pk ->> 'id')::int >= 10 AND c.op = 'insert' ORDER BY c.id";
    let expected = [10, 11, 12].map(|id| json!([null, true, {"id": id}]));
    assert_eq!(values(&db, attributed).await, expected, "an old one has the same number each time");
    let transactions =
        "SELECT to_jsonb(count(DISTINCT transaction_id)) FROM threadline.audit_changes
        WHERE row_pk -> 'id' IN ('10', '11', '12')";
    assert_eq!(value(&db, transactions).await, json!(2));
}

#[tokio::test]
async fn hashes_of_keys_can_be_computed_again() {
    let f = recorded().await;
    let before = trail(&f.db).await;
    let guide = include_str!("../../../../docs/dump-and-restore.md");
    let update =
        guide.split("```sql\n").find(|block| block.starts_with("UPDATE")).expect("it is there");
    let update = update.split("```").next().expect("it ends");
    f.run("UPDATE threadline.audit_changes SET row_hash = 1 WHERE row_pk IS NOT NULL").await;
    assert_ne!(trail(&f.db).await, before);
    f.run(update).await;
    assert_eq!(trail(&f.db).await, before);
}

#[tokio::test]
async fn a_redacted_table_that_had_dropped_columns_is_masked_until_it_is_synced() {
    let f = recorded().await;
    let (_target, db) = restored(&f, &[]).await;
    run(&db, "INSERT INTO t VALUES (5, 'plain', 'secret')").await;
    let newest = "SELECT data_after FROM threadline.audit_changes ORDER BY id DESC LIMIT 1";
    let masked = value(&db, newest).await;
    assert!(!masked.to_string().contains("secret"), "{masked}");
    assert_eq!(masked["v"], "[REDACTED]", "rather too little than too much");
    let specs = registry([plain("t").exclude(column("secret")), plain("u")]);
    threadline_migration::sync(&db, &specs).await.expect("syncs");
    run(&db, "INSERT INTO t VALUES (6, 'plain', 'secret')").await;
    assert_eq!(value(&db, newest).await, json!({"id": 6, "v": "plain"}));
}
