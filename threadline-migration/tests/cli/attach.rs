//! `threadline attach`.

use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::json;

use crate::fixture::Shop;

#[tokio::test]
async fn it_shows_its_plan_and_does_it() {
    let shop = Shop::installed().await;
    let answer = shop.threadline(&[
        "attach",
        "--tables",
        "users,billing.invoices",
        "--exclude",
        "users.password",
        "--mask",
        "users.tax_number=***",
        "--quiet",
        "public.users.last_seen",
    ]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{answer:?}");
    for line in [
        "public.users  attach",
        "billing.invoices  attach",
        "  key       id",
        "  excluded  password",
        "  redacted  tax_number as ***",
        "  quiet     last_seen",
        "Done: 2 attached.",
    ] {
        assert!(answer.stdout.lines().any(|found| found == line), "{line}: {}", answer.stdout);
    }
    shop.run("INSERT INTO users (email, password, tax_number) VALUES ('a@b', 'p', '1')").await;
    let image = json!({"id": 1, "email": "a@b", "tax_number": "***", "last_seen": null});
    assert_eq!(shop.changes().await, json!([["insert", "users", image]]));
}

#[tokio::test]
async fn as_json_it_tells_each_table() {
    let shop = Shop::installed().await;
    let arguments =
        ["attach", "--tables", "users", "--exclude", "users.password", "--mask", "users.email"];
    let document = shop.json(&arguments);
    assert_eq!(document["dry_run"], json!(false));
    assert_eq!(document["installs_schema"], json!(false));
    let table = &document["tables"][0];
    assert_eq!(table["table"], json!({"schema": "public", "name": "users"}));
    assert_eq!(table["action"], json!("attach"));
    assert_eq!(table["key"], json!(["id"]));
    assert_eq!(table["mode"], json!("statement"));
    let mask = json!({"mask": {"placeholder": "[REDACTED]"}});
    assert_eq!(table["redactions"], json!({"password": "exclude", "email": mask}));
    assert!(table["triggers"].as_array().is_some_and(|triggers| triggers.len() == 4), "{table}");
    assert_eq!(table["reasons"], json!(["it is not attached"]));
    assert!(document.get("sql").is_none(), "{document}");
    assert_eq!(shop.json(&arguments)["tables"][0]["action"], json!("none"));
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let shop = Shop::plain().await;
    let dry = ["attach", "--tables", "posts", "--install", "--dry-run"];
    let answer = shop.threadline(&dry);
    assert_eq!(answer.code, 0, "{answer:?}");
    assert!(answer.stdout.contains("schema threadline  install\n"), "{answer:?}");
    assert!(answer.stdout.contains("public.posts  attach\n"), "{answer:?}");
    assert!(answer.stdout.contains("Nothing was done"), "{answer:?}");
    assert_eq!(shop.json(&dry)["dry_run"], json!(true));
    let there = "SELECT to_jsonb(to_regnamespace('threadline') IS NOT NULL)";
    assert_eq!(shop.value(there).await, json!(false));
    assert_eq!(shop.triggers().await, json!(0));
}

#[tokio::test]
async fn the_sql_of_a_dry_run_is_a_script_that_does_it() {
    let shop = Shop::installed().await;
    let dry =
        ["attach", "--tables", "posts,users", "--exclude", "users.password", "--dry-run", "--sql"];
    let script = shop.threadline(&dry);
    assert_eq!(script.code, 0, "{script:?}");
    assert_eq!(shop.triggers().await, json!(0));
    assert!(shop.json(&dry)["sql"].as_str().is_some_and(|sql| sql.contains("TRIGGER")));
    shop.run(&script.stdout).await;
    shop.run("INSERT INTO posts VALUES (1, 'a')").await;
    assert_eq!(shop.changes().await, json!([["insert", "posts", {"id": 1, "title": "a"}]]));
    let again = shop.json(&["attach", "--tables", "posts,users", "--exclude", "users.password"]);
    assert_eq!(again["tables"][0]["action"], json!("none"));
    assert_eq!(again["tables"][1]["action"], json!("none"));
}

#[tokio::test]
async fn all_tables_or_none() {
    let shop = Shop::installed().await;
    let answer = shop.threadline(&["attach", "--tables", "posts,loose"]);
    assert!(answer.error().contains("public.loose cannot be audited"), "{answer:?}");
    assert!(answer.error().contains("add one"), "{answer:?}");
    assert_eq!(shop.triggers().await, json!(0));
}

#[tokio::test]
async fn every_table_that_is_refused_is_named() {
    let shop = Shop::installed().await;
    let tables = ["attach", "--tables", "posts,loose,latest"];
    let answer = shop.threadline(&tables);
    assert!(answer.error().contains("public.loose cannot be audited"), "{answer:?}");
    assert!(answer.error().contains("public.latest cannot be audited"), "{answer:?}");
    let document = shop.threadline(&[&tables[..], &["--json"]].concat()).document();
    assert_eq!(document["error"]["kind"], json!("several"));
    let told = document["error"]["errors"].as_array().expect("a list").iter();
    let told: Vec<_> = told.map(|error| (error["kind"].clone(), error["table"].clone())).collect();
    let refused = |table| (json!("refused"), json!(table));
    assert_eq!(told, [refused("public.latest"), refused("public.loose")]);
}

#[tokio::test]
async fn a_whole_script_installs_the_schema_as_well() {
    let shop = Shop::plain().await;
    let dry = ["attach", "--tables", "posts", "--install", "--dry-run", "--sql"];
    let script = shop.threadline(&dry);
    assert!(script.stdout.starts_with("-- schema threadline  install\n"), "{script:?}");
    shop.run(&script.stdout).await;
    shop.run("INSERT INTO posts VALUES (1, 'a')").await;
    assert_eq!(shop.changes().await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_table_without_a_primary_key_is_refused_with_the_flag_that_would_do() {
    let shop = Shop::installed().await;
    let refused = shop.threadline(&["attach", "--tables", "readings"]);
    assert!(refused.error().contains("--key 'public.readings=sensor, at'"), "{refused:?}");
    let json = shop.threadline(&["attach", "--tables", "readings", "--json"]).document();
    assert_eq!(json["error"]["kind"], json!("refused"));
    assert_eq!(json["error"]["table"], json!("public.readings"));
    let flag = "public.readings=sensor, at";
    let document = shop.json(&["attach", "--tables", "readings", "--key", flag]);
    assert_eq!(document["tables"][0]["key"], json!(["sensor", "at"]));
}

#[tokio::test]
async fn views_are_refused_with_the_reason() {
    let shop = Shop::installed().await;
    let answer = shop.threadline(&["attach", "--tables", "latest"]);
    assert!(answer.error().contains("it is a view"), "{answer:?}");
}

#[tokio::test]
async fn redaction_is_weakened_only_on_demand() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "users", "--exclude", "users.password"]);
    let weaker = ["attach", "--tables", "users"];
    let answer = shop.threadline(&weaker);
    assert!(answer.error().contains("`password`"), "{answer:?}");
    assert!(answer.error().contains("--allow-weaker-redaction"), "{answer:?}");
    let kind = shop.threadline(&[&weaker[..], &["--json"]].concat()).document();
    assert_eq!(kind["error"]["kind"], json!("weaker_redaction"));
    let document = shop.json(&[&weaker[..], &["--allow-weaker-redaction"]].concat());
    assert_eq!(document["tables"][0]["action"], json!("replace"));
}

#[tokio::test]
async fn without_the_schema_it_says_how_to_get_it() {
    let shop = Shop::plain().await;
    let answer = shop.threadline(&["attach", "--tables", "posts"]);
    assert!(answer.error().contains("threadline install"), "{answer:?}");
    assert!(answer.error().contains("attach --install"), "{answer:?}");
    let json = shop.threadline(&["attach", "--tables", "posts", "--json"]);
    assert_eq!((json.code, json.stderr.as_str()), (2, ""));
    assert_eq!(json.document()["error"]["kind"], json!("not_installed"));
    let document = shop.json(&["attach", "--tables", "posts", "--install"]);
    assert_eq!(document["installs_schema"], json!(true));
}

#[tokio::test]
async fn what_is_installed_is_renewed_by_its_own_policy() {
    let shop = Shop::installed().await;
    let nothing = shop.threadline(&["attach", "--installed"]);
    assert!(nothing.error().contains("--tables"), "{nothing:?}");
    shop.json(&["attach", "--tables", "users,posts", "--exclude", "users.password"]);
    shop.run("ALTER TABLE users ADD nick text").await;
    let document = shop.json(&["attach", "--installed"]);
    let actions: Vec<_> = document["tables"]
        .as_array()
        .expect("tables")
        .iter()
        .map(|t| t["action"].clone())
        .collect();
    assert_eq!(actions, [json!("none"), json!("replace")]);
    assert_eq!(document["tables"][1]["redactions"], json!({"password": "exclude"}));
    let mixed = shop.threadline(&["attach", "--installed", "--exclude", "users.email"]);
    assert!(mixed.error().contains("cannot be used with"), "{mixed:?}");
}

#[tokio::test]
async fn at_once_from_several_places_it_attaches_once() {
    let shop = Shop::installed().await;
    let running: Vec<_> =
        (0..4).map(|_| shop.start(&["attach", "--tables", "users,posts", "--json"])).collect();
    let mut attached = 0;
    for process in running {
        let output = process.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{text}");
        let document: serde_json::Value = serde_json::from_str(&text).expect("a document");
        attached += i32::from(document["tables"][0]["action"] == json!("attach"));
    }
    assert_eq!(attached, 1, "the others find it done");
    shop.run("INSERT INTO posts VALUES (1, 'a')").await;
    assert_eq!(shop.changes().await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn it_does_not_wait_for_ever_for_a_table_in_use() {
    let shop = Shop::installed().await;
    let writer = shop.db.begin().await.expect("a transaction");
    writer.execute_unprepared("INSERT INTO posts VALUES (1, 'a')").await.expect("a row");
    let answer = shop.threadline(&["attach", "--tables", "posts", "--lock-timeout", "1"]);
    assert!(answer.error().contains("another session uses"), "{answer:?}");
    writer.rollback().await.expect("it ends");
    assert_eq!(shop.threadline(&["attach", "--tables", "posts"]).code, 0);
}

#[tokio::test]
async fn quoted_names_are_taken_as_they_are() {
    let shop = Shop::installed().await;
    shop.run(
        r#"CREATE SCHEMA "odd.one"; CREATE TABLE "odd.one"."A, b" ("I.d" int PRIMARY KEY, "it""s" text)"#,
    )
    .await;
    let tables = r#""odd.one"."A, b",posts"#;
    let exclude = r#""odd.one"."A, b"."it""s""#;
    let document = shop.json(&["attach", "--tables", tables, "--exclude", exclude]);
    assert_eq!(document["tables"][0]["redactions"], json!({"it\"s": "exclude"}));
    shop.run(r#"INSERT INTO "odd.one"."A, b" VALUES (1, 'x')"#).await;
    assert_eq!(shop.changes().await, json!([["insert", "A, b", {"I.d": 1}]]));
}
