//! Who may do what, with the very statements of `docs/roles.md`.

use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use threadline::sea_orm;
use threadline::{
    ActorRef, AuditContext, AuditExt, AuditedHistory, Error, Filter, Moment, incident_bundle,
    record_action, timeline, transactions,
};
use threadline_testkit::TestDb;

use crate::fixture::{column, plain, registry, run, value, values, written};

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#[allow(unreachable_pub)]
mod note {
    use sea_orm::entity::prelude::*;
    use threadline::{Audited, sea_orm};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "note")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub text: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const GUIDE: &str = include_str!("../../../../docs/roles.md");
const NOTE: &str = "CREATE TABLE note (id int PRIMARY KEY, text text NOT NULL)";

/// A database with a superuser's session, and the roles of the guide.
struct Roles {
    test_db: TestDb,
    root: DatabaseConnection,
}

impl Roles {
    async fn new() -> Self {
        let test_db = TestDb::empty().await;
        let root = test_db.pool_of(1).await;
        Self { test_db, root }
    }

    async fn session(&self, role: &str) -> DatabaseConnection {
        self.test_db.pool_of_as(1, role).await
    }

    /// A statement of the guide, with the names of this database.
    fn guide(&self, title: &str) -> String {
        let start = format!("```sql\n-- {title}\n");
        let block = GUIDE.split(&start).nth(1).unwrap_or_else(|| panic!("no block `{title}`"));
        let block = block.split("```").next().unwrap_or_default();
        let block = block.replace("DATABASE shop", &format!("DATABASE {}", self.test_db.name()));
        let names = ["migrator", "app", "support", "auditor", "report"];
        names.iter().fold(block, |block, name| {
            let real = self.test_db.role(name);
            block
                .replace(&format!("TO {name};"), &format!("TO {real};"))
                .replace(&format!("GRANT {name} TO"), &format!("GRANT {real} TO"))
        })
    }

    /// The usual set-up: `migrator` owns the table `note` and the trail.
    async fn usual() -> (Self, DatabaseConnection) {
        let roles = Self::new().await;
        let migrator = roles.session("migrator").await;
        run(&roles.root, &roles.guide("owner")).await;
        run(&migrator, NOTE).await;
        sync(&migrator).await.expect("an owner who is no superuser can sync");
        (roles, migrator)
    }

    /// As [`usual`](Self::usual), but the trail belongs to `auditor`.
    async fn separate() -> (Self, DatabaseConnection, DatabaseConnection) {
        let roles = Self::new().await;
        let migrator = roles.session("migrator").await;
        let auditor = roles.session("auditor").await;
        run(&roles.root, &roles.guide("owner")).await;
        run(&migrator, NOTE).await;
        run(&roles.root, &roles.guide("separate")).await;
        sync(&auditor).await.expect("a member of the tables' owner can sync");
        (roles, migrator, auditor)
    }
}

async fn sync(
    db: &DatabaseConnection,
) -> Result<threadline_migration::Report, threadline_migration::Error> {
    threadline_migration::sync(db, &registry([plain("note")])).await
}

async fn operations(db: &DatabaseConnection) -> Vec<Value> {
    values(db, "SELECT to_jsonb(op::text) FROM threadline.audit_changes ORDER BY id").await
}

async fn denied(db: &DatabaseConnection, sql: &str) {
    let error = db.execute_unprepared(&written(sql)).await.expect_err(sql).to_string();
    assert!(
        error.contains("permission denied") || error.contains("must be owner"),
        "{sql}: {error}"
    );
}

/// What a role may do in the trail's schema: every right on a table, a sequence or a function.
async fn rights(root: &DatabaseConnection, role: &str) -> Vec<Value> {
    let sql = format!(
        "SELECT to_jsonb(what) FROM (
            SELECT p.proname || ' EXECUTE' AS what FROM pg_proc p
            WHERE p.pronamespace = 'threadline'::regnamespace AND has_function_privilege('{role}', p.oid, 'EXECUTE')
            UNION ALL
            SELECT c.relname || ' ' || r FROM pg_class c, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
                'TRUNCATE', 'REFERENCES', 'TRIGGER']) r
            WHERE c.relnamespace = 'threadline'::regnamespace AND c.relkind IN ('r', 'p', 'v')
              AND has_table_privilege('{role}', c.oid, r)
            UNION ALL
            SELECT c.relname || ' ' || r FROM pg_class c, unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) r
            WHERE c.relnamespace = 'threadline'::regnamespace AND c.relkind = 'S'
              AND has_sequence_privilege('{role}', c.oid, r)
            UNION ALL
            SELECT 'schema CREATE' WHERE has_schema_privilege('{role}', 'threadline', 'CREATE')) w
        ORDER BY what COLLATE \"C\""
    );
    values(root, &sql).await
}

const OF_EVERYBODY: [&str; 18] = [
    "as_of EXECUTE",
    "begin_action EXECUTE",
    "captured EXECUTE",
    "end_action EXECUTE",
    "history EXECUTE",
    "image_shape EXECUTE",
    "key_as_stored EXECUTE",
    "lossy_row EXECUTE",
    "past_drift EXECUTE",
    "past_since EXECUTE",
    "read_row EXECUTE",
    "record_action EXECUTE",
    "refuse_drift EXECUTE",
    "root_of EXECUTE",
    "rows_at EXECUTE",
    "told_row EXECUTE",
    "without_surrogates EXECUTE",
    "zero_row EXECUTE",
];

#[tokio::test]
async fn the_application_is_audited_and_has_no_right_but_to_say_who_acts() {
    let (roles, migrator) = Roles::usual().await;
    let app = roles.session("app").await;
    run(&migrator, &roles.guide("application")).await;
    run(&migrator, "SELECT threadline.create_partitions(20)").await;
    let context = AuditContext::new(ActorRef::user(7));
    let txn = app.audit_begin(&context, "note.write").await.expect("it may");
    run(&txn, "INSERT INTO note VALUES (1, 'a'); UPDATE note SET text = 'b'").await;
    txn.commit().await.expect("it may");
    run(&app, "DELETE FROM note").await;
    record_action(&app, &context, "login").await.expect("it may");
    assert_eq!(operations(&migrator).await, ["insert", "update", "delete"]);
    assert_eq!(rights(&roles.root, &roles.test_db.role("app")).await, OF_EVERYBODY);
    denied(&app, "SELECT threadline.open_transaction(1, 1, now(), '')").await;
    denied(&app, "DROP TRIGGER \"00_threadline_insert\" ON note").await;
    assert!(matches!(timeline(&app, &Filter::new()).await, Err(Error::NoRight { .. })));
}

#[tokio::test]
async fn who_may_say_who_acts_can_be_narrowed() {
    let (roles, migrator) = Roles::usual().await;
    let (app, other) = (roles.session("app").await, roles.session("other").await);
    run(&migrator, &roles.guide("narrow")).await;
    let context = AuditContext::new(ActorRef::user(7));
    record_action(&app, &context, "login").await.expect("it may");
    record_action(&other, &context, "login").await.expect_err("it may not");
    denied(&other, "SELECT threadline.begin_action('{}', NULL)").await;
    sync(&migrator).await.expect("syncs");
    denied(&other, "SELECT threadline.begin_action('{}', NULL)").await;
}

#[tokio::test]
async fn a_reader_reads_everything_and_nothing_else() {
    let (roles, migrator) = Roles::usual().await;
    let support = roles.session("support").await;
    run(&migrator, "INSERT INTO note VALUES (1, 'a'); UPDATE note SET text = 'b'").await;
    run(&migrator, &roles.guide("reader")).await;
    assert_eq!(timeline(&support, &Filter::new()).await.expect("it may").len(), 2);
    let (transaction, _) = transactions(&support, 10).await.expect("it may").remove(0);
    let bundle = incident_bundle(&support, transaction.id).await.expect("it may");
    assert_eq!(bundle.changes.len(), 2);
    assert_eq!(note::Entity::history(1).all(&support).await.expect("it may").len(), 2);
    let now = Moment::from(chrono::Utc::now());
    for id in [1, 2] {
        note::Entity::as_of(id, now, &support).await.expect("it may");
    }
    let granted =
        ["audit_actions", "audit_changes", "audit_transactions", "audited_tables", "changes"];
    let mut expected: Vec<String> = granted.iter().map(|table| format!("{table} SELECT")).collect();
    expected.extend(OF_EVERYBODY.map(str::to_owned));
    expected.sort();
    assert_eq!(rights(&roles.root, &roles.test_db.role("support")).await, expected);
    denied(&support, "UPDATE note SET text = 'x'").await;
}

/// What plain SQL reads of the row 1 of the table `note`.
const HISTORY: &str = r#"SELECT to_jsonb(op) FROM threadline.history('note', '{"id": 1}')"#;
const PAST: &str = "SELECT to_jsonb(text) FROM threadline.as_of(NULL::note, clock_timestamp())";
const CHANGES: &str =
    "SELECT to_jsonb(op) FROM threadline.changes ORDER BY captured_at DESC, change_id DESC";

#[tokio::test]
async fn the_functions_for_plain_sql_read_with_the_rights_of_their_caller() {
    let (roles, migrator) = Roles::usual().await;
    let (app, support) = (roles.session("app").await, roles.session("support").await);
    run(&migrator, "INSERT INTO note VALUES (1, 'a'); UPDATE note SET text = 'b'").await;
    run(&migrator, &roles.guide("application")).await;
    for sql in [HISTORY, CHANGES, PAST] {
        denied(&app, sql).await;
        denied(&support, sql).await;
    }
    run(&migrator, &roles.guide("reader")).await;
    // It reads the trail, and not the table.
    run(&migrator, &format!("REVOKE SELECT ON note FROM {}", roles.test_db.role("support"))).await;
    for sql in [HISTORY, CHANGES] {
        denied(&app, sql).await;
        assert_eq!(values(&support, sql).await, ["update", "insert"]);
    }
    denied(&app, PAST).await;
    assert_eq!(values(&support, PAST).await, ["b"]);
}

#[tokio::test]
async fn who_may_read_the_view_reads_the_changes_and_no_table_behind_them() {
    let (roles, migrator) = Roles::usual().await;
    let report = roles.session("report").await;
    run(&migrator, "INSERT INTO note VALUES (1, 'a'); UPDATE note SET text = 'b'").await;
    denied(&report, CHANGES).await;
    run(&migrator, &roles.guide("report")).await;
    assert_eq!(values(&report, CHANGES).await, ["update", "insert"]);
    denied(&report, "SELECT FROM threadline.audit_changes").await;
    denied(&report, HISTORY).await;
    denied(&report, PAST).await;
    let mut expected = OF_EVERYBODY.map(str::to_owned).to_vec();
    expected.push("changes SELECT".to_owned());
    expected.sort();
    assert_eq!(rights(&roles.root, &roles.test_db.role("report")).await, expected);
}

#[tokio::test]
async fn an_owner_of_the_trail_alone_is_told_what_to_grant() {
    let roles = Roles::new().await;
    let (migrator, auditor) = (roles.session("migrator").await, roles.session("auditor").await);
    run(&roles.root, &roles.guide("owner")).await;
    run(&migrator, NOTE).await;
    let separate = roles.guide("separate");
    let (create, membership) = separate.split_once(";\n").expect("two statements");
    run(&roles.root, create).await;
    // Every other right there is does not do.
    run(&migrator, &format!("GRANT ALL ON note TO {}", roles.test_db.role("auditor"))).await;
    let error = sync(&auditor).await.expect_err("refused").to_string();
    assert!(error.contains(membership.trim().trim_end_matches(';')), "{error}");
    run(&roles.root, membership).await;
    sync(&auditor).await.expect("it may now");
}

#[tokio::test]
async fn an_owner_of_the_tables_alone_cannot_touch_what_is_recorded() {
    let (roles, migrator, auditor) = Roles::separate().await;
    run(
        &migrator,
        "INSERT INTO note VALUES (1, 'a'); UPDATE note SET text = 'b'; DELETE FROM note",
    )
    .await;
    assert_eq!(operations(&auditor).await, ["insert", "update", "delete"]);
    assert_eq!(rights(&roles.root, &roles.test_db.role("migrator")).await, OF_EVERYBODY);
    denied(&migrator, "DROP SCHEMA threadline CASCADE").await;
    denied(
        &migrator,
        "CREATE OR REPLACE FUNCTION threadline.\"capture public.note\"() RETURNS trigger
        LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    )
    .await;
    denied(&migrator, "CREATE TABLE mine (id int PRIMARY KEY, text text); CREATE TRIGGER x AFTER INSERT ON mine
        REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION threadline.\"capture public.note\"()").await;
}

#[tokio::test]
async fn an_owner_of_the_tables_can_switch_capture_off_and_a_sync_notices() {
    let (_roles, migrator, auditor) = Roles::separate().await;
    let triggers =
        "SELECT string_agg(format('DROP TRIGGER %I ON note;', tgname), '') FROM pg_trigger
        WHERE tgrelid = 'note'::regclass";
    let triggers = value(&migrator, &format!("SELECT to_jsonb(({triggers}))")).await;
    for off in ["ALTER TABLE note DISABLE TRIGGER ALL", triggers.as_str().expect("triggers")] {
        assert!(sync(&auditor).await.expect("syncs").is_unchanged());
        run(&migrator, off).await;
        run(&migrator, "INSERT INTO note VALUES (1, 'a'); DELETE FROM note").await;
        assert_eq!(operations(&auditor).await, Vec::<Value>::new(), "what is written is lost");
        assert!(!sync(&auditor).await.expect("syncs").is_unchanged(), "{off}");
    }
    run(&migrator, "INSERT INTO note VALUES (1, 'a')").await;
    assert_eq!(operations(&auditor).await, ["insert"]);
}

#[tokio::test]
async fn capture_needs_no_right_of_the_trails_owner_on_the_table() {
    let (roles, migrator, auditor) = Roles::separate().await;
    let (owner, member) = (roles.test_db.role("migrator"), roles.test_db.role("auditor"));
    run(
        &migrator,
        "CREATE SCHEMA billing; CREATE TABLE billing.bill (id int PRIMARY KEY, v text, secret text,
        parent int REFERENCES billing.bill ON DELETE SET NULL)",
    )
    .await;
    let spec =
        threadline::TableSpec::new(threadline::TableName::parse("billing.bill").expect("a name"));
    let specs = registry([plain("note"), spec.exclude(column("secret"))]);
    threadline_migration::sync(&auditor, &specs).await.expect("syncs");
    run(
        &roles.root,
        &format!(
            "REVOKE {owner} FROM {member}; REVOKE ALL ON SCHEMA public FROM PUBLIC;
        GRANT USAGE ON SCHEMA public TO {owner}"
        ),
    )
    .await;
    run(&migrator, "INSERT INTO billing.bill VALUES (1, 'a', 's'); INSERT INTO billing.bill VALUES (2, 'a', 's', 1), (3, 'b', 's', 1);
        UPDATE billing.bill SET v = 'c' WHERE id = 2; UPDATE billing.bill SET v = 'd'; DELETE FROM billing.bill WHERE id = 1;
        ALTER TABLE billing.bill ADD more int; UPDATE billing.bill SET more = 1; DELETE FROM billing.bill; TRUNCATE billing.bill").await;
    let expected = "insert insert insert update update update update update update delete update update delete delete truncate";
    let mut recorded = operations(&auditor).await;
    let mut expected: Vec<Value> = expected.split(' ').map(|op| json!(op)).collect();
    recorded.sort_by_key(ToString::to_string);
    expected.sort_by_key(ToString::to_string);
    assert_eq!(recorded, expected);
}

#[tokio::test]
async fn who_owns_the_trail_records_the_rows_that_were_there_and_nobody_else_does() {
    let (roles, migrator, auditor) = Roles::separate().await;
    let app = roles.session("app").await;
    run(&roles.root, &roles.guide("application")).await;
    let made_again = format!("DROP TABLE note; {NOTE}; INSERT INTO note VALUES (1, 'old')");
    run(&migrator, &made_again).await;
    sync(&auditor).await.expect("syncs");
    assert_eq!(operations(&auditor).await, [json!("baseline")]);
    for other in [&migrator, &app] {
        denied(other, "SELECT threadline.baseline('public.note')").await;
        denied(
            other,
            "SELECT threadline.\"record public.note\"('public.note', 1, 1, now(), now(), 1)",
        )
        .await;
    }
}

#[tokio::test]
async fn rows_that_a_policy_hides_are_not_taken_for_absent() {
    let (_roles, migrator) = Roles::usual().await;
    let made_again = format!("DROP TABLE note; {NOTE}; INSERT INTO note VALUES (1, 'old')");
    run(&migrator, &made_again).await;
    run(&migrator, "ALTER TABLE note ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY").await;
    sync(&migrator).await.expect("a sync goes on without them");
    let complete = "SELECT to_jsonb(complete_since) FROM threadline.audited_tables";
    assert_eq!(value(&migrator, complete).await, json!(null));
    let refused = migrator.execute_unprepared(&written("SELECT threadline.baseline('note')")).await;
    let error = format!("{:?}", refused.expect_err("it cannot see the rows"));
    assert!(error.contains("may not read all of them") && error.contains("BYPASSRLS"), "{error}");
    run(&migrator, "ALTER TABLE note NO FORCE ROW LEVEL SECURITY").await;
    assert_eq!(value(&migrator, "SELECT to_jsonb(threadline.baseline('note'))").await, json!(1));
}
