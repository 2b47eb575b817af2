//! `threadline baseline`, and the rows that `attach` finds.

use serde_json::json;

use crate::fixture::Shop;

const POSTS: &str =
    "INSERT INTO posts SELECT i, 'old' FROM generate_series(1, 120) i; ANALYZE posts";

async fn recorded(shop: &Shop) -> serde_json::Value {
    shop.value("SELECT to_jsonb(count(*)) FROM threadline.audit_changes WHERE op = 'baseline'")
        .await
}

#[tokio::test]
async fn attach_tells_of_the_rows_that_are_there_and_records_them() {
    let shop = Shop::installed().await;
    shop.run(POSTS).await;
    let attach = ["attach", "--tables", "posts,users", "--exclude", "users.password"];
    let answer = shop.threadline(&attach);
    let line = "  rows      record about 120 rows that are there already";
    let told: Vec<&str> = answer.stdout.lines().filter(|found| found.contains("rows ")).collect();
    assert_eq!(told, [line], "{answer:?}");
    assert_eq!(recorded(&shop).await, json!(120));
    let document = shop.json(&attach);
    assert_eq!(document["tables"][0]["rows"], json!(null));
    assert_eq!(recorded(&shop).await, json!(120));
}

#[tokio::test]
async fn they_can_be_left_for_later() {
    let shop = Shop::installed().await;
    shop.run(POSTS).await;
    let answer = shop.threadline(&["attach", "--tables", "posts,users", "--no-baseline"]);
    assert!(answer.code == 0 && !answer.stdout.contains("record about"), "{answer:?}");
    assert_eq!(recorded(&shop).await, json!(0));
    let status = shop.threadline(&["status", "--check"]);
    assert_eq!(status.code, 0, "{status:?}");
    assert!(status.stdout.contains("installed public.posts  rows that were there"), "{status:?}");
    let plan = shop.threadline(&["plan"]);
    assert!(plan.stdout.contains("baseline public.posts  record about 120 rows"), "{plan:?}");
    let answer = shop.threadline(&["baseline"]);
    assert!(answer.stdout.ends_with("public.posts  120 rows recorded\n"), "{answer:?}");
    assert_eq!(recorded(&shop).await, json!(120));
    let answer = shop.threadline(&["baseline"]);
    assert!(answer.stdout.contains("Every row of every table is in the trail."), "{answer:?}");
    let document = shop.json(&["baseline", "users", "posts"]);
    let table = |name: &str| json!({"table": {"schema": "public", "name": name}, "recorded": 0});
    assert_eq!(document, json!({"tables": [table("users"), table("posts")]}));
}

#[tokio::test]
async fn what_is_not_under_audit_is_refused() {
    let shop = Shop::installed().await;
    shop.run(POSTS).await;
    let document = shop.threadline(&["baseline", "posts", "--json"]);
    assert_eq!(document.code, 2, "{document:?}");
    assert_eq!(document.document()["error"]["kind"], json!("not_attached"));
    let twice = shop.threadline(&["baseline", "posts", "posts"]);
    assert!(twice.error().contains("twice"), "{twice:?}");
}
