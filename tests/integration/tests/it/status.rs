//! How it stands with each table, by what the catalog says.

use serde_json::json;
use threadline::{Placeholder, Registry, TableSpec};
use threadline_migration::{Desired, Error, Mend, State, Status, TableStatus, status, sync};
use threadline_testkit::TestDb;

use crate::fixture::{Fixture, column, plain, registry, run};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

/// The status of the database, by what `specs` want.
async fn against(f: &Fixture, specs: impl IntoIterator<Item = TableSpec>) -> Status {
    status(&f.db, &registry(specs)).await.expect("it can be read")
}

fn of<'a>(status: &'a Status, name: &str) -> &'a TableStatus {
    let table = status.tables.iter().find(|status| status.table.name() == name);
    table.unwrap_or_else(|| panic!("{name} is not in {status}"))
}

/// The findings as `state: reason`.
fn findings(table: &TableStatus) -> Vec<String> {
    table.findings.iter().map(|f| format!("{}: {}", f.state, f.reason)).collect()
}

/// Asserts what is found after `damage` to the audited table `t`, by the registry and, since the policy
/// is the same, by the stored policies; gives the findings.
async fn after(damage: &str, state: State, reason: &str) -> TableStatus {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(damage).await;
    let by_registry = against(&f, [plain("t")]).await;
    let found = of(&by_registry, "t").clone();
    assert_eq!(found.state, state, "{damage}\n{by_registry}");
    let about_it = findings(&found).into_iter().find(|finding| finding.contains(reason));
    assert!(about_it.is_some(), "{damage}\nis not found as `{reason}`:\n{by_registry}");
    let by_stored = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert_eq!(by_stored, by_registry, "{damage}");
    found
}

#[tokio::test]
async fn a_table_that_is_as_it_was_installed_is_installed() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let found = against(&f, [plain("t")]).await;
    let table = of(&found, "t");
    assert_eq!((table.state, table.findings.len()), (State::Installed, 0), "{found}");
    assert_eq!(table.mode.map(|mode| mode.as_str()), Some("statement"));
    assert!(table.since.is_some() && found.is_good());
    assert_eq!(found.to_string(), "installed public.t\n");
    let json = serde_json::to_value(&found).expect("it is JSON");
    let expected = json!({"schema_version": 1, "findings": [], "tables": [{
        "table": {"schema": "public", "name": "t"}, "state": "installed", "mode": "statement",
        "since": json["tables"][0]["since"],
        "complete_since": json["tables"][0]["since"], "findings": []}]});
    assert_eq!(json, expected);
    assert_eq!(status(&f.db, Desired::Installed).await.expect("it can be read"), found);
}

#[tokio::test]
async fn what_is_registered_and_not_attached_is_missing() {
    let f = Fixture::installed().await;
    f.run(&format!("{T}; CREATE TABLE no_key (id int); CREATE VIEW v AS SELECT 1 AS id")).await;
    let found = against(&f, [plain("t"), plain("no_key"), plain("v"), plain("nowhere")]).await;
    assert_eq!(found.count(State::Missing), 4, "{found}");
    for (table, reason) in [
        ("t", "missing: it is not attached"),
        ("no_key", "missing: it is not attached and cannot be: it has no primary key"),
        ("v", "missing: it is not attached and cannot be: it is a view"),
        ("nowhere", "missing: it does not exist: create it first"),
    ] {
        let reasons = findings(of(&found, table));
        assert!(reasons[0].starts_with(reason), "{found}");
        assert_eq!(reasons.len(), 1, "{found}");
    }
}

#[tokio::test]
async fn without_the_schema_everything_is_missing_and_nothing_is_stored() {
    let test_db = TestDb::empty().await;
    let db = test_db.pool_of(1).await;
    run(&db, T).await;
    let found = status(&db, &registry([plain("t")])).await.expect("it can be read");
    assert_eq!((found.schema_version, of(&found, "t").state), (0, State::Missing));
    assert!(found.to_string().starts_with("missing   schema threadline"), "{found}");
    let error = status(&db, Desired::Installed).await.expect_err("nothing is stored");
    assert!(matches!(error, Error::SchemaMissing { .. }), "{error}");
}

#[tokio::test]
async fn an_edited_function_is_altered() {
    let replaced = "CREATE OR REPLACE FUNCTION threadline.\"capture public.t\"() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
        AS 'BEGIN RETURN NULL; END'";
    let found = after(replaced, State::Altered, "the body").await;
    assert_eq!(found.findings.len(), 1, "what was edited is not also called outdated");
    for (damage, reason) in [
        ("SECURITY INVOKER", "SECURITY INVOKER"),
        ("RESET search_path", "search_path"),
        ("SET search_path = public", "search_path"),
        ("SET row_security = off", "search_path"),
    ] {
        let damage = format!("ALTER FUNCTION threadline.\"capture public.t\"() {damage}");
        let found = after(&damage, State::Altered, reason).await;
        assert_eq!(found.findings.len(), 1, "{damage}");
    }
    let granted = "GRANT EXECUTE ON FUNCTION threadline.\"capture public.t\"() TO PUBLIC";
    after(granted, State::Altered, "everybody may execute").await;
}

#[tokio::test]
async fn a_function_of_another_owner_is_altered() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.test_db.connect_as("other").await;
    let role = f.test_db.role("other");
    f.run(&format!("ALTER FUNCTION threadline.\"capture public.t\"() OWNER TO {role}")).await;
    let found = against(&f, [plain("t")]).await;
    assert_eq!(of(&found, "t").state, State::Altered);
    assert!(findings(of(&found, "t"))[0].contains(&format!("belongs to `{role}`")), "{found}");
    assert!(!sync(&f.db, &registry([plain("t")])).await.expect("syncs").is_unchanged());
    let mended = against(&f, [plain("t")]).await;
    assert!(mended.is_good(), "{mended}");
}

#[tokio::test]
async fn an_edited_trigger_is_altered() {
    let call = "FOR EACH STATEMENT EXECUTE FUNCTION threadline.\"capture public.t\"()";
    let tables = "REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows";
    for (damage, reason) in [
        ("DROP TRIGGER \"00_threadline_truncate\" ON t".to_owned(), "`00_threadline_truncate` is missing"),
        (
            format!("CREATE OR REPLACE TRIGGER \"00_threadline_update\" AFTER INSERT ON t
                REFERENCING NEW TABLE AS new_rows {call}"),
            "`00_threadline_update` fires at another time",
        ),
        (
            format!("CREATE OR REPLACE TRIGGER \"00_threadline_update\" AFTER UPDATE ON t
                REFERENCING OLD TABLE AS new_rows NEW TABLE AS old_rows {call}"),
            "`00_threadline_update` fires at another time",
        ),
        (
            format!("CREATE OR REPLACE TRIGGER \"00_threadline_update\" AFTER UPDATE ON t {tables}
                FOR EACH STATEMENT WHEN (false) EXECUTE FUNCTION threadline.\"capture public.t\"()"),
            "`00_threadline_update` has a condition",
        ),
        (
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
            CREATE OR REPLACE TRIGGER \"00_threadline_delete\" AFTER DELETE ON t
                REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT EXECUTE FUNCTION nothing()"
                .to_owned(),
            "`00_threadline_delete` calls `nothing`",
        ),
    ] {
        // Replacing a trigger leaves it firing in ordinary sessions only.
        let always = "ALTER TABLE t ENABLE ALWAYS TRIGGER \"00_threadline_update\",
            ENABLE ALWAYS TRIGGER \"00_threadline_delete\"";
        let found = after(&format!("{damage}; {always}"), State::Altered, reason).await;
        assert_eq!(found.findings.len(), 1, "{damage}");
    }
    let twice = format!("CREATE TRIGGER again AFTER UPDATE ON t {tables} {call}");
    after(&twice, State::Altered, "`again` is not ours").await;
    // A host's own trigger is nobody's business.
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER own AFTER UPDATE ON t FOR EACH STATEMENT EXECUTE FUNCTION nothing()",
    )
    .await;
    assert!(against(&f, [plain("t")]).await.is_good());
}

#[tokio::test]
async fn a_trigger_that_does_not_always_fire_is_disabled() {
    for (damage, reason) in [
        (
            "ALTER TABLE t DISABLE TRIGGER \"00_threadline_update\"",
            "the trigger `00_threadline_update` is disabled",
        ),
        (
            "ALTER TABLE t DISABLE TRIGGER USER",
            "`00_threadline_update`, `00_threadline_delete`, `00_threadline_truncate` are disabled",
        ),
        (
            "ALTER TABLE t ENABLE TRIGGER \"00_threadline_insert\"",
            "`00_threadline_insert` is not ENABLE ALWAYS",
        ),
        (
            "ALTER TABLE t ENABLE REPLICA TRIGGER \"00_threadline_truncate\"",
            "outside of replica mode",
        ),
    ] {
        let found = after(damage, State::Disabled, reason).await;
        assert_eq!(found.findings.len(), 1, "{damage}");
    }
}

#[tokio::test]
async fn a_table_without_any_trigger_is_missing_however_it_came_to_that() {
    let drops: Vec<String> = ["insert", "update", "delete", "truncate"]
        .iter()
        .map(|operation| format!("DROP TRIGGER \"00_threadline_{operation}\" ON t"))
        .collect();
    let drops = drops.join("; ");
    let bare = after(&drops, State::Missing, "none of its triggers is there").await;
    assert_eq!(bare.findings.len(), 1);
    let function = "DROP FUNCTION threadline.\"capture public.t\"()";
    let gone = after(&format!("{drops}; {function}"), State::Missing, "none of its triggers").await;
    assert!(findings(&gone)[1].contains("its capture function"), "{gone:?}");
    after(&format!("DROP TABLE t; {T}"), State::Missing, "none of its triggers is there").await;
}

#[tokio::test]
async fn changed_columns_are_outdated() {
    for (change, reason) in [
        ("ALTER TABLE t ADD w int", "the column `w` was added"),
        ("ALTER TABLE t DROP v", "the column `v` was dropped"),
        ("ALTER TABLE t RENAME v TO w", "the column `v` was dropped"),
        ("ALTER TABLE t ALTER v TYPE varchar", "the type of `v` was changed"),
        ("ALTER TABLE t DROP v; ALTER TABLE t ADD v text", "dropped and made again"),
        (
            "ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (v)",
            "its key is now `v`, and was `id`",
        ),
        ("ALTER TABLE t DROP CONSTRAINT t_pkey", "cannot be attached again: it has no primary key"),
    ] {
        after(change, State::Outdated, reason).await;
    }
}

#[tokio::test]
async fn another_policy_is_outdated_and_says_in_what() {
    let f = Fixture::audited(T, [plain("t").quieten(column("v"))]).await;
    let mask = |text: &str| plain("t").mask(column("v"), Placeholder::new(text).expect("fits"));
    for (spec, expected) in [
        (plain("t"), "outdated: other columns are quiet"),
        (mask("***"), "outdated: `v` is to be redacted"),
        (
            plain("t").quieten(column("v")).capture_noop(),
            "outdated: updates that change nothing are now to be recorded",
        ),
    ] {
        let found = against(&f, [spec]).await;
        assert_eq!(of(&found, "t").state, State::Outdated);
        assert!(findings(of(&found, "t")).contains(&expected.to_owned()), "{found}");
    }
    f.sync([mask("***")]).await;
    let other = against(&f, [mask("…")]).await;
    assert_eq!(findings(of(&other, "t")), ["outdated: `v` is to be redacted otherwise"]);
    let shown = against(&f, [plain("t")]).await;
    assert_eq!(findings(of(&shown, "t")), ["outdated: `v` is no longer to be redacted"]);
    let stored = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert!(stored.is_good(), "the stored policy is the one that is wanted:\n{stored}");
}

#[tokio::test]
async fn a_function_that_another_version_installed_is_outdated_and_not_altered() {
    let older = "
        DO $$ BEGIN EXECUTE replace(
            pg_get_functiondef('threadline.\"capture public.t\"'::regproc), 'DECLARE',
            E'-- by an older version\nDECLARE'); END $$;
        UPDATE threadline.audited_tables SET function_hash = (
            SELECT encode(sha256(convert_to(prosrc, 'UTF8')), 'hex')
            FROM pg_proc WHERE proname = 'capture public.t')";
    let found = after(older, State::Outdated, "would be written otherwise by this version").await;
    assert_eq!(found.findings.len(), 1);
}

#[tokio::test]
async fn a_stored_policy_that_cannot_be_read_is_altered() {
    let damage = "UPDATE threadline.audited_tables SET policy = policy || '{\"also\": 1}'";
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run(damage).await;
    for found in [
        against(&f, [plain("t")]).await,
        status(&f.db, Desired::Installed).await.expect("it can be read"),
    ] {
        assert_eq!(of(&found, "t").state, State::Altered);
        assert!(findings(of(&found, "t"))[0].contains("unknown field `also`"), "{found}");
    }
}

#[tokio::test]
async fn what_nobody_wants_is_an_orphan() {
    let f = Fixture::audited(
        &format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"),
        [plain("t"), plain("u")],
    )
    .await;
    let found = against(&f, [plain("t")]).await;
    assert_eq!(of(&found, "u").state, State::Orphan);
    assert!(!found.is_good());
    f.run("DROP TABLE u").await;
    for found in [
        against(&f, [plain("t")]).await,
        status(&f.db, Desired::Installed).await.expect("it can be read"),
    ] {
        assert_eq!(of(&found, "u").state, State::Orphan, "{found}");
        assert!(
            findings(of(&found, "u"))[0].contains("there is no such table any more"),
            "{found}"
        );
    }
    let wanted = against(&f, [plain("t"), plain("u")]).await;
    assert_eq!(of(&wanted, "u").state, State::Missing);
    assert!(findings(of(&wanted, "u"))[0].contains("it does not exist"), "{wanted}");
}

#[tokio::test]
async fn a_renamed_table_is_found_under_both_names() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("ALTER TABLE t RENAME TO t2").await;
    let old = against(&f, [plain("t")]).await;
    assert_eq!((of(&old, "t").state, of(&old, "t2").state), (State::Missing, State::Orphan));
    assert!(findings(of(&old, "t2"))[0].contains("recording its writes as those of public.t"));
    let new = against(&f, [plain("t2")]).await;
    assert_eq!((of(&new, "t").state, of(&new, "t2").state), (State::Orphan, State::Missing));
    let stored = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert_eq!((of(&stored, "t").state, of(&stored, "t2").state), (State::Orphan, State::Orphan));
    f.run("ALTER TABLE t2 RENAME TO t; CREATE SCHEMA s; ALTER TABLE t SET SCHEMA s").await;
    let moved = against(&f, [plain("t")]).await;
    assert_eq!(moved.tables.len(), 2, "{moved}");
    assert_eq!(moved.tables[1].table.to_string(), "s.t");
    assert_eq!(moved.tables[1].state, State::Orphan, "{moved}");
}

#[tokio::test]
async fn triggers_without_a_record_are_orphans() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("UPDATE threadline.audited_tables SET detached_at = now()").await;
    let found = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert!(findings(of(&found, "t"))[0].contains("still there, though it is not attached"));
    let wanted = against(&f, [plain("t")]).await;
    assert!(
        findings(of(&wanted, "t"))[0].starts_with("missing: it was detached on 20"),
        "{wanted}"
    );
    f.run("DELETE FROM threadline.audited_tables").await;
    let found = status(&f.db, Desired::Installed).await.expect("it can be read");
    assert!(findings(of(&found, "t"))[0].contains("belongs to no attached table"), "{found}");
}

#[tokio::test]
async fn an_exempt_table_is_exempt_unless_it_is_attached() {
    let f =
        Fixture::audited(&format!("{T}; CREATE TABLE u (id int PRIMARY KEY)"), [plain("t")]).await;
    let exempting = |name: &str, audited: &str| -> Registry {
        let builder = Registry::builder().table(plain(audited));
        builder.exempt(plain(name).table().clone()).build().expect("it holds together")
    };
    let found = status(&f.db, &exempting("u", "t")).await.expect("it can be read");
    assert_eq!(of(&found, "u").state, State::Exempt);
    assert!(found.is_good(), "{found}");
    let found = status(&f.db, &exempting("t", "u")).await.expect("it can be read");
    assert_eq!(of(&found, "t").state, State::Orphan);
    assert!(findings(of(&found, "t"))[0].contains("named as expected to be uncovered, but"));
}

#[tokio::test]
async fn what_all_tables_share_is_looked_at_too() {
    for (damage, reason) in [
        ("ALTER FUNCTION threadline.open_transaction SECURITY INVOKER", "rights of another role"),
        ("ALTER FUNCTION threadline.open_transaction RESET ALL", "search_path"),
        ("DROP FUNCTION threadline.json_image", "threadline.json_image is missing"),
        (
            "CREATE OR REPLACE FUNCTION threadline.column_positions(relation oid) RETURNS text[]
            LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS 'SELECT NULL::text[]'",
            "threadline.column_positions is not the one of this version",
        ),
    ] {
        let f = Fixture::audited(T, [plain("t")]).await;
        f.run(damage).await;
        let found = against(&f, [plain("t")]).await;
        assert!(!found.is_good() && of(&found, "t").state == State::Installed, "{damage}\n{found}");
        assert_eq!(found.findings.len(), 1, "{damage}\n{found}");
        assert!(found.findings[0].reason.contains(reason), "{damage}\n{found}");
        let Some(Mend::Sql(sql)) = &found.findings[0].mend else { panic!("{damage}\n{found}") };
        f.run(sql).await;
        assert!(against(&f, [plain("t")]).await.is_good(), "{damage}");
    }
}

#[tokio::test]
async fn what_is_offered_as_sql_mends() {
    for damage in [
        "ALTER TABLE t DISABLE TRIGGER USER",
        "ALTER TABLE t ENABLE REPLICA TRIGGER \"00_threadline_insert\", ENABLE TRIGGER \"00_threadline_delete\"",
        "GRANT EXECUTE ON FUNCTION threadline.\"capture public.t\"() TO PUBLIC",
        "CREATE TRIGGER again AFTER TRUNCATE ON t
            FOR EACH STATEMENT EXECUTE FUNCTION threadline.\"capture public.t\"()",
        "DROP TABLE t",
    ] {
        let f = Fixture::audited(T, [plain("t")]).await;
        f.run(damage).await;
        let found = status(&f.db, Desired::Installed).await.expect("it can be read");
        assert!(!found.is_good(), "{damage}");
        for finding in &of(&found, "t").findings {
            let Some(Mend::Sql(sql)) = &finding.mend else { panic!("{damage}\n{found}") };
            f.run(sql).await;
        }
        let mended = status(&f.db, Desired::Installed).await.expect("it can be read");
        assert!(mended.is_good(), "{damage}\n{mended}");
    }
}

#[tokio::test]
async fn a_role_that_may_read_what_is_installed_can_ask_for_the_status() {
    let f = Fixture::audited(T, [plain("t")]).await;
    let db = f.test_db.connect_as("reader").await;
    let role = f.test_db.role("reader");
    let tables = "threadline.audited_tables, threadline.schema_version";
    f.run(&format!("GRANT SELECT ON {tables} TO {role}")).await;
    let found = status(&db, Desired::Installed).await.expect("it can be read");
    assert!(found.is_good(), "{found}");
}

#[tokio::test]
async fn it_prints_a_line_a_finding_and_how_to_mend_it() {
    let f = Fixture::audited(
        &format!("{T}; CREATE TABLE long (id int PRIMARY KEY)"),
        [plain("t"), plain("long")],
    )
    .await;
    f.run(
        "ALTER TABLE t DISABLE TRIGGER \"00_threadline_delete\", ADD w int, ADD x int;
        ALTER FUNCTION threadline.create_partitions RESET ALL",
    )
    .await;
    let found = against(&f, [plain("t"), plain("long"), plain("nowhere")]).await;
    let expected = "\
altered   schema threadline  the function threadline.create_partitions has another search_path than it was installed with
          38 lines of SQL mend it: see its `mend`
installed public.long
missing   public.nowhere  it does not exist: create it first (run the migrations before)
disabled  public.t        the trigger `00_threadline_delete` is disabled: what should fire there is not captured
          ALTER TABLE \"public\".\"t\" ENABLE ALWAYS TRIGGER \"00_threadline_delete\";
outdated  public.t        the column `w` was added
outdated  public.t        the column `x` was added
          attach it again: apply a plan, generate a migration, or run `sync` in development
";
    assert_eq!(found.to_string(), expected);
}

#[tokio::test]
async fn a_child_table_without_triggers_is_a_finding() {
    let f = Fixture::audited(T, [plain("t")]).await;
    f.run("CREATE TABLE child () INHERITS (t); CREATE TABLE grandchild () INHERITS (child)").await;
    let found = against(&f, [plain("t")]).await;
    assert_eq!(of(&found, "t").state, State::Outdated, "{found}");
    for child in ["child", "grandchild"] {
        let reason = format!(
            "on public.{child}, the triggers `00_threadline_insert`, `00_threadline_update`"
        );
        let said = findings(of(&found, "t")).iter().any(|finding| finding.contains(&reason));
        assert!(said, "{found}");
    }
    assert_eq!(found.tables.len(), 1, "{found}");
}

#[tokio::test]
async fn a_tree_that_is_as_it_was_installed_is_installed() {
    for ddl in [
        "CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);
         CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (9) PARTITION BY RANGE (id);
         CREATE TABLE t2 PARTITION OF t1 DEFAULT",
        "CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (w int) INHERITS (t)",
    ] {
        let f = Fixture::audited(ddl, [plain("t")]).await;
        let found = against(&f, [plain("t")]).await;
        assert!(found.is_good(), "what puts the triggers and what looks for them agree: {found}");
    }
}
