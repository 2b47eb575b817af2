//! `threadline plan` and `threadline status`.

use serde_json::json;

use crate::fixture::Shop;

#[tokio::test]
async fn without_the_schema_there_is_nothing_to_show() {
    let shop = Shop::plain().await;
    for command in ["plan", "status"] {
        let answer = shop.threadline(&[command]);
        assert!(answer.error().contains("threadline install"), "{answer:?}");
        let json = shop.threadline(&[command, "--json"]);
        assert_eq!((json.code, json.stderr.as_str()), (2, ""));
        assert_eq!(json.document()["error"]["kind"], json!("not_installed"));
    }
}

#[tokio::test]
async fn where_nothing_is_attached_nothing_is_wrong() {
    let shop = Shop::installed().await;
    let status = shop.threadline(&["status", "--check"]);
    assert!(status.stdout.ends_with("No table is under audit.\n"), "{status:?}");
    assert_eq!(status.code, 0);
    let plan = shop.threadline(&["plan"]);
    assert!(plan.stdout.ends_with("Nothing has to be done.\n"), "{plan:?}");
    assert_eq!(plan.code, 0);
}

#[tokio::test]
async fn what_is_as_it_should_be_passes_the_check() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "posts,users"]);
    let status = shop.threadline(&["status", "--check"]);
    assert_eq!((status.code, status.stderr.as_str()), (0, ""), "{status:?}");
    assert!(status.stdout.contains("installed public.posts\n"), "{status:?}");
    assert!(status.stdout.contains("Everything is as it should be."), "{status:?}");
    let document = shop.json(&["status"]);
    assert_eq!(document["schema_version"], json!(1));
    assert_eq!(document["tables"][0]["state"], json!("installed"));
    assert_eq!(document["tables"][0]["table"], json!({"schema": "public", "name": "posts"}));
}

#[tokio::test]
async fn what_is_not_is_shown_and_fails_the_check() {
    for (damage, state) in [
        ("ALTER TABLE posts ADD body text", "outdated"),
        ("ALTER TABLE posts DISABLE TRIGGER ALL", "disabled"),
        ("DROP VIEW latest; DROP TABLE posts", "orphan"),
    ] {
        let shop = Shop::installed().await;
        shop.json(&["attach", "--tables", "posts"]);
        shop.run(damage).await;
        let viewer = shop.threadline(&["status"]);
        assert_eq!(viewer.code, 0, "{damage}: {viewer:?}");
        assert!(
            viewer.stdout.contains(&format!("{state:<9} public.posts")),
            "{damage}: {viewer:?}"
        );
        assert!(viewer.stdout.contains("`threadline plan` shows"), "{damage}: {viewer:?}");
        let gate = shop.threadline(&["status", "--check"]);
        assert_eq!((gate.code, gate.stderr.as_str()), (1, ""), "{damage}: {gate:?}");
        let json = shop.threadline(&["status", "--check", "--json"]);
        assert_eq!(json.code, 1, "{damage}: {json:?}");
        assert_eq!(json.document()["tables"][0]["state"], json!(state), "{damage}");
    }
}

#[tokio::test]
async fn a_plan_says_what_would_mend_it_and_changes_nothing() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "posts,users"]);
    shop.run("ALTER TABLE posts ADD body text").await;
    let plan = shop.threadline(&["plan"]);
    assert_eq!((plan.code, plan.stderr.as_str()), (0, ""), "{plan:?}");
    assert!(plan.stdout.contains("the column `body` was added"), "{plan:?}");
    assert!(plan.stdout.contains("`threadline attach --installed` does this."), "{plan:?}");
    let document = shop.json(&["plan"]);
    assert_eq!(document["steps"][0]["verb"], json!("replace"));
    assert_eq!(document["unchanged"], json!(1));
    assert_eq!(shop.threadline(&["status", "--check"]).code, 1, "it was only shown");
    let script = shop.threadline(&["plan", "--sql"]);
    shop.run(&script.stdout).await;
    assert_eq!(shop.threadline(&["status", "--check"]).code, 0);
}
