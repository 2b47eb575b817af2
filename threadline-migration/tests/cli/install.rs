//! `threadline install`.

use serde_json::json;

use crate::fixture::Shop;

#[tokio::test]
async fn it_installs_the_schema_once_and_touches_no_table() {
    let shop = Shop::plain().await;
    let first = shop.threadline(&["install"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.stdout.contains("\ncreated  schema threadline, version 1\n"), "{first:?}");
    assert_eq!(shop.triggers().await, json!(0));
    let second = shop.threadline(&["install"]);
    assert!(second.stdout.ends_with("\nunchanged  schema threadline, version 1\n"), "{second:?}");
    assert_eq!(second.stderr, "");
}

#[tokio::test]
async fn as_json_it_says_whether_it_created_it() {
    let shop = Shop::plain().await;
    let document =
        |created: bool| json!({"created": created, "schema": "threadline", "schema_version": 1});
    assert_eq!(shop.json(&["install"]), document(true));
    assert_eq!(shop.json(&["install"]), document(false));
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_left_alone() {
    let shop = Shop::installed().await;
    shop.run("INSERT INTO threadline.schema_version (version) VALUES (7)").await;
    for arguments in [
        &["install"][..],
        &["attach", "--tables", "posts"],
        &["attach", "--tables", "posts", "--install"],
        &["detach", "--tables", "posts"],
        &["plan"],
        &["status"],
        &["gen", "triggers", "--tables", "posts", "--migration-dir", "."],
    ] {
        let answer = shop.threadline(arguments);
        assert!(answer.error().contains("version 7"), "{arguments:?}: {answer:?}");
        assert!(answer.error().contains("versions up to 1"), "{arguments:?}: {answer:?}");
        let json = shop.threadline(&[arguments, &["--json"]].concat());
        assert_eq!((json.code, &json.document()["error"]["kind"]), (2, &json!("newer_schema")));
    }
    assert_eq!(shop.triggers().await, json!(0));
}

#[tokio::test]
async fn a_role_without_the_right_is_told_which_role_has_it() {
    use threadline_testkit::TestDb;

    let test_db = TestDb::empty().await;
    let guest = test_db.connect_as("guest").await;
    let role = test_db.role("guest");
    guest.close().await.expect("it closes");
    // The role exists now; a password that this test knows lets the program log in as it.
    let owner = test_db.connect().await;
    use sea_orm::ConnectionTrait;
    let sql = format!("ALTER ROLE {role} PASSWORD 'guest'");
    owner.execute_unprepared(&sql).await.expect("the owner may");
    let rest = test_db.url().split_once('@').expect("a URL with a user").1;
    let url = format!("postgres://{role}:guest@{rest}");
    let answer = crate::fixture::threadline(Some(&url), &["install"]);
    assert!(answer.error().contains("permission denied"), "{answer:?}");
    assert!(answer.error().contains("CREATE on the database"), "{answer:?}");
}
