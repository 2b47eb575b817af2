//! `threadline detach`.

use serde_json::json;

use crate::fixture::Shop;

#[tokio::test]
async fn it_takes_the_table_out_and_leaves_the_trail() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "posts"]);
    shop.run("INSERT INTO posts VALUES (1, 'a')").await;
    let answer = shop.threadline(&["detach", "--tables", "posts"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{answer:?}");
    let told = "\ndetach   public.posts  what was recorded stays\n\nDone: 1 detached.\n";
    assert!(answer.stdout.ends_with(told), "{answer:?}");
    shop.run("INSERT INTO posts VALUES (2, 'b')").await;
    assert_eq!(shop.triggers().await, json!(0));
    assert_eq!(shop.changes().await.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_its_sql_does_it() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "posts,users"]);
    let before = shop.triggers().await;
    let dry = shop.threadline(&["detach", "--tables", "posts", "--dry-run"]);
    assert!(dry.stdout.contains("Nothing was done"), "{dry:?}");
    let document = shop.json(&["detach", "--tables", "posts", "--dry-run"]);
    let posts = json!({"schema": "public", "name": "posts"});
    assert_eq!(document, json!({"dry_run": true, "tables": [posts]}));
    let script = shop.threadline(&["detach", "--tables", "posts", "--dry-run", "--sql"]);
    assert_eq!(shop.triggers().await, before);
    shop.run(&script.stdout).await;
    let again = shop.threadline(&["detach", "--tables", "posts"]);
    assert!(again.error().contains("public.posts is not under audit"), "{again:?}");
    assert!(again.error().contains("public.users"), "{again:?}");
}

#[tokio::test]
async fn a_table_that_is_not_under_audit_is_an_error_and_nothing_is_done() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "posts,billing.invoices"]);
    let before = shop.triggers().await;
    let answer = shop.threadline(&["detach", "--tables", "posts,invoices"]);
    assert!(answer.error().contains("did you mean billing.invoices?"), "{answer:?}");
    assert_eq!(shop.triggers().await, before);
}

#[tokio::test]
async fn a_table_that_was_dropped_can_be_detached() {
    let shop = Shop::installed().await;
    shop.json(&["attach", "--tables", "posts"]);
    shop.run("DROP VIEW latest; DROP TABLE posts").await;
    assert_eq!(shop.threadline(&["detach", "--tables", "posts"]).code, 0);
}
