//! `threadline health coverage`, `verify-coverage`, `policy show` and `doctor`.

use serde_json::json;

use crate::fixture::{Answer, Shop};

/// A shop with two audited tables.
async fn audited() -> Shop {
    let shop = Shop::installed().await;
    let tables = "posts,billing.invoices,users";
    shop.json(&[
        "attach",
        "--tables",
        tables,
        "--exclude",
        "users.password",
        "--mask",
        "users.email=***",
    ]);
    shop
}

fn lines<'a>(answer: &'a Answer, start: &str) -> Vec<&'a str> {
    answer.stdout.lines().filter(|line| line.starts_with(start)).collect()
}

#[tokio::test]
async fn coverage_is_shown_and_never_fails_unless_it_is_strict() {
    let shop = audited().await;
    shop.run("CREATE TABLE seaql_migrations (version text PRIMARY KEY)").await;
    let shown = shop.threadline(&["health", "coverage"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{shown:?}");
    assert!(
        shown.stdout.contains("TABLE                    STATUS              SOURCE\n"),
        "{shown:?}"
    );
    assert_eq!(
        lines(&shown, "public.seaql"),
        ["public.seaql_migrations  expected uncovered  baseline"]
    );
    assert_eq!(lines(&shown, "public.posts"), ["public.posts             covered"]);
    assert_eq!(lines(&shown, "public.loose"), ["public.loose             uncovered"]);
    assert_eq!(
        lines(&shown, "Coverage:"),
        ["Coverage: 2 covered, 2 uncovered, 1 expected uncovered"]
    );
    assert_eq!(lines(&shown, "warning public.loose").len(), 1, "{shown:?}");
    let strict = shop.threadline(&["health", "coverage", "--strict"]);
    assert_eq!(strict.code, 0, "a table that nobody audits is no error: {strict:?}");
    shop.run("ALTER TABLE posts DISABLE TRIGGER ALL").await;
    assert_eq!(shop.threadline(&["health", "coverage"]).code, 0);
    let strict = shop.threadline(&["health", "coverage", "--strict"]);
    assert_eq!(strict.code, 1, "{strict:?}");
    assert_eq!(lines(&strict, "error   public.posts  capture_trigger_disabled: ").len(), 1);
    assert!(
        strict.stdout.contains("        ALTER TABLE \"public\".\"posts\" ENABLE"),
        "{strict:?}"
    );
}

#[tokio::test]
async fn coverage_is_json_for_one_schema_and_for_all() {
    let shop = audited().await;
    let one = shop.json(&["health", "coverage", "--host-schema", "billing"]);
    let invoices = json!({"schema": "billing", "name": "invoices"});
    assert_eq!(one["schema"], json!("billing"));
    assert_eq!(one["covered"][0]["table"], invoices);
    assert_eq!(one["covered"][0]["state"], json!("installed"));
    let empty = json!([]);
    assert_eq!(
        (&one["uncovered"], &one["expected_uncovered"], &one["findings"]),
        (&empty, &empty, &empty)
    );
    let all = shop.json(&["health", "coverage", "--all-schemas"]);
    assert_eq!(all["schemas"]["billing"]["covered"], one["covered"]);
    assert_eq!(all["schemas"]["public"]["uncovered"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        all["summary"],
        json!({"covered": 3, "uncovered": 2, "expected_uncovered": 0, "errors": 0, "warnings": 2})
    );
    let both =
        shop.threadline(&["health", "coverage", "--all-schemas", "--host-schema", "billing"]);
    assert_eq!(both.code, 2, "{both:?}");
}

#[tokio::test]
async fn an_unknown_schema_or_a_mistyped_flag_is_an_error() {
    let shop = audited().await;
    for name in ["nowhere", "threadline", "pg_catalog", "x'; DROP TABLE posts; --"] {
        let answer = shop.threadline(&["health", "coverage", "--host-schema", name]);
        assert!(answer.error().contains(&format!("Schema '{name}' not found.")), "{answer:?}");
        let verified = shop.threadline(&["verify-coverage", "--host-schema", name, "--json"]);
        assert_eq!(verified.code, 2, "{verified:?}");
    }
    let json = shop.threadline(&["health", "coverage", "--host-schema", "nowhere", "--json"]);
    assert_eq!(json.document()["error"]["kind"], json!("unknown_schema"));
    for arguments in [
        &["health", "coverage", "--stict"][..],
        &["health", "coverage", "posts"],
        &["verify-coverage", "posts"],
        &["policy", "show", "posts"],
        &["doctor", "--fix"],
    ] {
        assert_eq!(shop.threadline(arguments).code, 2, "{arguments:?}");
    }
}

#[tokio::test]
async fn the_gate_fails_for_expected_tables_only() {
    let shop = audited().await;
    let fine = shop.threadline(&["verify-coverage"]);
    assert_eq!((fine.code, fine.stderr.as_str()), (0, ""), "{fine:?}");
    assert_eq!(lines(&fine, "summary"), ["summary: 3/3 expected tables covered (0 violated)"]);
    let more = shop.threadline(&["verify-coverage", "--tables", "loose,nowhere"]);
    assert_eq!(more.code, 1, "{more:?}");
    assert_eq!(lines(&more, "public.loose"), ["public.loose      uncovered"]);
    assert_eq!(lines(&more, "public.nowhere"), ["public.nowhere    missing"]);
    assert_eq!(lines(&more, "summary"), ["summary: 3/5 expected tables covered (2 violated)"]);
    let billing = ["verify-coverage", "--host-schema", "billing"];
    assert_eq!(lines(&shop.threadline(&billing), "summary")[0].split(' ').nth(1), Some("1/1"));
    // It is recorded, but under a key that is no more.
    shop.run("ALTER TABLE posts DROP CONSTRAINT posts_pkey").await;
    let gated = shop.threadline(&["verify-coverage"]);
    assert_eq!(gated.code, 1, "{gated:?}");
    assert!(gated.stdout.contains("3/3 expected tables covered (0 violated)"), "{gated:?}");
    assert!(gated.stdout.contains(
        "Errors about expected tables, which fail this check\nerror   public.posts  pk_drift"
    ));
    assert_eq!(shop.threadline(&billing).code, 0, "another schema is no matter");
    let json = shop.threadline(&["verify-coverage", "--json"]);
    assert_eq!((json.code, json.stderr.as_str()), (1, ""));
    let document = json.document();
    assert_eq!((&document["passes"], &document["expected"]), (&json!(false), &json!(3)));
    assert_eq!(document["gated"][0]["cause"], json!("no_primary_key"));
}

#[tokio::test]
async fn where_nothing_is_expected_nothing_passes() {
    let shop = Shop::installed().await;
    let empty = shop.threadline(&["verify-coverage"]);
    assert!(empty.error().contains("nothing to verify"), "{empty:?}");
    let json = shop.threadline(&["verify-coverage", "--json"]);
    assert_eq!(json.document()["error"]["kind"], json!("nothing_expected"));
    let named = shop.threadline(&["verify-coverage", "--tables", "posts"]);
    assert_eq!(named.code, 1, "{named:?}");
}

#[tokio::test]
async fn a_policy_is_shown_in_three_states_and_without_values() {
    let shop = audited().await;
    shop.run("INSERT INTO users (email, password) VALUES ('canary-1', 'canary-2')").await;
    let shown = shop.threadline(&["policy", "show"]);
    assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{shown:?}");
    assert_eq!(
        lines(&shown, "Policy drift"),
        ["Policy drift: 0 drift detected, 0 could not introspect, 3 config matches deployed"]
    );
    let row = lines(&shown, "public.users").concat();
    assert!(row.contains("config_matches_deployed  email mask, password exclude"), "{row}");
    assert!(!shown.stdout.contains("DETAILS") && !shown.stdout.contains("canary"), "{shown:?}");
    shop.run("CREATE OR REPLACE FUNCTION threadline.\"capture public.users\"() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS 'BEGIN RETURN NULL; END'")
        .await;
    let shown = shop.threadline(&["policy", "show"]);
    assert_eq!(shown.code, 0, "a viewer never fails");
    assert!(shown.stdout.contains("DETAILS public.users\n"), "{shown:?}");
    assert!(
        shown.stdout.contains(
            "  email: what is stored of it cannot be told\n    configured  mask, as ***\n"
        )
    );
    let document = shop.json(&["policy", "show"]);
    assert_eq!(
        document["summary"],
        json!({"drift_detected": 0, "could_not_introspect": 1, "config_matches_deployed": 2})
    );
    assert_eq!(document["policies"][0]["state"], json!("could_not_introspect"));
}

#[tokio::test]
async fn the_doctor_tells_each_verdict_with_its_fix() {
    let shop = audited().await;
    let well = shop.threadline(&["doctor"]);
    assert_eq!((well.code, well.stderr.as_str()), (0, ""), "{well:?}");
    for start in
        ["good    server: PostgreSQL ", "good    schema: ", "info    role: ", "good    redaction: "]
    {
        assert_eq!(lines(&well, start).len(), 1, "{start}: {well:?}");
    }
    assert!(
        well.stdout.ends_with("\nNothing is wrong now; look at the warnings soon.\n"),
        "{well:?}"
    );
    shop.run("ALTER TABLE posts DISABLE TRIGGER ALL; DROP INDEX threadline.audit_changes_row_idx")
        .await;
    let ill = shop.threadline(&["doctor"]);
    assert_eq!((ill.code, ill.stderr.as_str()), (1, ""), "{ill:?}");
    assert_eq!(lines(&ill, "error   capture_trigger_disabled: public.posts").len(), 1, "{ill:?}");
    assert_eq!(lines(&ill, "        CREATE INDEX IF NOT EXISTS audit_changes_row_idx").len(), 1);
    let json = shop.threadline(&["doctor", "--json"]);
    assert_eq!((json.code, &json.document()["verdict"]), (1, &json!("error")));
}

#[tokio::test]
async fn the_doctor_comes_without_a_trail_too() {
    let shop = Shop::plain().await;
    let told = shop.threadline(&["doctor"]);
    assert_eq!(told.code, 1, "{told:?}");
    assert_eq!(lines(&told, "error   schema: the database has no schema").len(), 1, "{told:?}");
    assert!(told.stdout.contains("threadline install"), "{told:?}");
    for command in [&["health", "coverage"][..], &["verify-coverage"], &["policy", "show"]] {
        let answer = shop.threadline(&[command, &["--json"]].concat());
        assert_eq!(answer.document()["error"]["kind"], json!("not_installed"), "{command:?}");
    }
}

#[tokio::test]
async fn a_name_that_would_act_on_a_terminal_is_shown_escaped() {
    let shop = audited().await;
    shop.run("CREATE TABLE \"a\u{1b}[31m\" (id int PRIMARY KEY)").await;
    for command in [&["health", "coverage"][..], &["doctor"]] {
        let shown = shop.threadline(command);
        assert!(
            !shown.stdout.contains('\u{1b}') && shown.stdout.contains("a\\u001b[31m"),
            "{shown:?}"
        );
    }
}
