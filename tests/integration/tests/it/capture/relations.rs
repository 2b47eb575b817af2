//! Which table a trigger fires for, when names and parents have changed since it was attached.

use serde_json::{Value, json};
use threadline::{CaptureMode, TableSpec};

use crate::fixture::{Fixture, column, plain, registry, run};

const LEAKS: &str =
    "SELECT to_jsonb(count(*)) FROM threadline.audit_changes c WHERE c::text LIKE '%S3CRET%'";

async fn refusal(f: &Fixture, specs: impl IntoIterator<Item = TableSpec>) -> String {
    let error = threadline_migration::sync(&f.db, &registry(specs)).await.expect_err("refused");
    error.to_string()
}

#[tokio::test]
async fn a_renamed_table_is_not_taken_for_the_one_that_has_its_name_now() {
    let alone = "CREATE TABLE s (id int PRIMARY KEY, v text, sec text, x int)";
    let parts =
        "CREATE TABLE s (id int PRIMARY KEY, v text, sec text, x int) PARTITION BY RANGE (id);
         CREATE TABLE s1 PARTITION OF s DEFAULT";
    for (mode, ddl) in
        [(CaptureMode::Statement, alone), (CaptureMode::Row, alone), (CaptureMode::Row, parts)]
    {
        let f = Fixture::audited(ddl, [plain("s").exclude(column("sec")).in_mode(mode)]).await;
        f.run("INSERT INTO s VALUES (1, 'v', 'S3CRET', 1)").await;
        f.run("ALTER TABLE s RENAME TO s_old; CREATE TABLE s (LIKE s_old)").await;
        f.run("ALTER TABLE s_old RENAME v TO t; ALTER TABLE s_old RENAME sec TO v").await;
        f.run("UPDATE s_old SET x = 2; ALTER TABLE s_old DROP COLUMN x; DELETE FROM s_old").await;
        assert_eq!(f.operations().await.len(), 3, "{mode:?}");
        assert_eq!(f.value(LEAKS).await, json!(0), "{mode:?}: {ddl}");
    }
}

#[tokio::test]
async fn a_child_of_two_parents_belongs_to_the_one_that_was_attached_first() {
    let f = Fixture::installed().await;
    f.run(
        "CREATE TABLE a (id int PRIMARY KEY, sec text); CREATE TABLE b (bid int PRIMARY KEY, w text);
         CREATE TABLE ab () INHERITS (a, b)",
    )
    .await;
    let a = || plain("a").exclude(column("sec"));
    f.sync([a()]).await;
    let error = refusal(&f, [a(), plain("b")]).await;
    assert!(error.contains("a part of it is captured under another name (public.ab by"), "{error}");
    f.run("INSERT INTO ab VALUES (1, 'S3CRET', 2, 'w')").await;
    assert_eq!(f.value(LEAKS).await, json!(0));
    assert_eq!(f.operations().await, ["insert {\"id\": 1}"]);
}

#[tokio::test]
async fn a_table_that_became_a_part_of_another_is_not_taken_over_with_a_weaker_policy() {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE par (id int PRIMARY KEY, note text)").await;
    f.run("CREATE TABLE kid (id int PRIMARY KEY, note text, pw text)").await;
    f.sync([plain("par"), plain("kid").exclude(column("pw"))]).await;
    f.run("ALTER TABLE kid INHERIT par").await;
    let error = refusal(&f, [plain("par")]).await;
    assert!(error.contains("detach that table first"), "{error}");
    f.run("INSERT INTO kid VALUES (1, 'n', 'S3CRET')").await;
    assert_eq!(f.value(LEAKS).await, json!(0));
}

#[tokio::test]
async fn a_child_that_left_its_parents_tells_no_secret() {
    let ddl =
        "CREATE TABLE hp (id int PRIMARY KEY, v text, sec text); CREATE TABLE hc () INHERITS (hp)";
    let f = Fixture::audited(ddl, [plain("hp").exclude(column("sec"))]).await;
    f.run("ALTER TABLE hc NO INHERIT hp").await;
    f.run("ALTER TABLE hc RENAME v TO t; ALTER TABLE hc RENAME sec TO v").await;
    f.run("ALTER TABLE hc RENAME t TO sec; INSERT INTO hc VALUES (2, 'v', 'S3CRET')").await;
    assert_eq!(f.value(LEAKS).await, json!(0));
}

#[tokio::test]
async fn a_part_that_the_trail_may_not_read_is_not_truncated_unseen() {
    let f = Fixture::audited(
        "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE p1 PARTITION OF p DEFAULT; INSERT INTO p VALUES (1);",
        [plain("p")],
    )
    .await;
    drop(f.test_db.connect_as("other").await);
    let root = f.test_db.pool_of(1).await;
    let role = f.test_db.role("other");
    let owner =
        "SELECT to_jsonb(proowner::regrole::text) FROM pg_proc WHERE proname = 'capture public.p'";
    let before: Value = f.value(owner).await;
    // The trail belongs to a role that has no right on the table.
    let give = format!(
        "GRANT ALL ON SCHEMA threadline TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA threadline TO {role};
         GRANT ALL ON ALL SEQUENCES IN SCHEMA threadline TO {role};
         GRANT ALL ON ALL FUNCTIONS IN SCHEMA threadline TO {role};
         ALTER FUNCTION threadline.\"capture public.p\"() OWNER TO {role}"
    );
    run(&root, &give).await;
    let error = sea_orm::ConnectionTrait::execute_unprepared(&f.db, "TRUNCATE p1").await;
    let error = error.expect_err("refused").to_string();
    assert!(error.contains("may not read all of them"), "{error}");
    f.run("TRUNCATE p").await;
    let before = before.as_str().unwrap_or_default().to_owned();
    let back = format!("ALTER FUNCTION threadline.\"capture public.p\"() OWNER TO {before}");
    run(&root, &back).await;
    assert_eq!(f.operations().await, ["truncate"]);
}

#[tokio::test]
async fn json_that_jsonb_cannot_hold_spoils_no_other_column_of_its_row() {
    let ddl = "CREATE TABLE j (id int PRIMARY KEY, v text, d json)";
    let f = Fixture::audited(ddl, [plain("j").in_mode(CaptureMode::Row)]).await;
    f.run(r#"INSERT INTO j VALUES (1, '\u0000 lit', '{"n":1e400000}')"#).await;
    f.run(r#"UPDATE j SET d = '{"a":"\u0000 \ud83d\ude00"}'; UPDATE j SET d = '{"a":"\ud800"}'"#)
        .await;
    let changes = f.changes().await;
    assert_eq!(changes.len(), 3);
    for change in changes {
        assert_eq!(change[1], json!({"id": 1}));
        assert_eq!(change[2]["v"], json!(r"\u0000 lit"));
        assert!(change[2]["d"]["unstorable_json"].is_string(), "{change}");
    }
}
