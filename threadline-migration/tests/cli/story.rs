//! From a database like anybody's to one with a trail, and back.

use serde_json::json;

use crate::fixture::Shop;

#[tokio::test]
async fn a_database_comes_under_audit_follows_its_tables_and_leaves() {
    let shop = Shop::plain().await;
    assert_eq!(shop.threadline(&["install"]).code, 0);
    let attach = [
        "attach",
        "--tables",
        "users,posts",
        "--exclude",
        "users.password",
        "--mask",
        "users.tax_number",
    ];
    assert_eq!(shop.threadline(&attach).code, 0);
    shop.run(
        "INSERT INTO users (email, password, tax_number) VALUES ('a@b', 'hidden', '12345');
         UPDATE users SET password = 'other';
         INSERT INTO posts VALUES (1, 'a')",
    )
    .await;
    let trail = shop.changes().await;
    assert_eq!(trail.as_array().map(Vec::len), Some(3), "{trail}");
    let text = shop.value("SELECT jsonb_agg(to_jsonb(c)) FROM threadline.audit_changes c").await;
    for secret in ["hidden", "other", "12345"] {
        assert!(!text.to_string().contains(secret), "{text}");
    }
    let state = |shop: &Shop| shop.json(&["status"])["tables"][0]["state"].clone();
    assert_eq!(state(&shop), json!("installed"));
    shop.run("ALTER TABLE posts ADD body text").await;
    assert_eq!(state(&shop), json!("outdated"));
    assert_eq!(shop.threadline(&["status", "--check"]).code, 1);
    assert_eq!(shop.json(&attach)["tables"][0]["action"], json!("replace"));
    assert_eq!(shop.threadline(&["status", "--check"]).code, 0);
    assert_eq!(state(&shop), json!("installed"));
    assert_eq!(shop.threadline(&["detach", "--tables", "posts,users"]).code, 0);
    assert_eq!(shop.json(&["status"])["tables"], json!([]));
    shop.run("INSERT INTO posts VALUES (2, 'b', 'c'); DELETE FROM users").await;
    assert_eq!(shop.changes().await, trail, "the trail stays, and nothing is added");
}

#[tokio::test]
async fn it_says_on_which_database_it_works() {
    let shop = Shop::plain().await;
    for arguments in [&["install"][..], &["attach", "--tables", "posts"], &["status"], &["plan"]] {
        let answer = shop.threadline(arguments);
        let first = answer.stdout.lines().next().unwrap_or_default();
        assert!(first.starts_with(shop.name()) && first.contains(" at "), "{answer:?}");
    }
}
