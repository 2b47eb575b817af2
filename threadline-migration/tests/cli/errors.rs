//! What cannot be run says so with exit code 2, and shows no password.

use serde_json::json;

use crate::fixture::{Shop, threadline};

#[test]
fn what_is_no_command_or_flag_is_an_error() {
    for arguments in [
        &["attatch"][..],
        &["attach", "--table", "posts"],
        &["attach", "--tables", "posts", "--colour"],
        &["attach", "--tables", "posts", "--mode", "sideways"],
        &["attach", "--tables", "posts", "--sql"],
        &["attach", "--tables", "posts", "--lock-timeout", "soon"],
        &["attach"],
        &["detach"],
        &["gen"],
        &["gen", "triggers", "--tables", "posts"],
        &["install", "posts"],
        &[],
    ] {
        let answer = threadline(Some("postgres://localhost:1/x"), arguments);
        assert_eq!((answer.code, answer.stdout.as_str()), (2, ""), "{arguments:?}: {answer:?}");
        let json = threadline(None, &[arguments, &["--json"]].concat());
        assert_eq!((json.code, json.stderr.as_str()), (2, ""), "{arguments:?}: {json:?}");
        assert_eq!(json.document()["error"]["kind"], json!("usage"), "{arguments:?}");
    }
    let close = threadline(None, &["attatch"]);
    assert!(close.error().contains("'attach'"), "{close:?}");
}

#[test]
fn names_that_cannot_be_read_tell_how_they_are_written() {
    for (flag, value, told) in [
        ("--tables", "a.b.c", "SCHEMA.TABLE"),
        ("--tables", "posts,", "it is empty"),
        ("--exclude", "password", "TABLE.COLUMN"),
        ("--mask", "users.email=", "placeholder"),
        ("--key", "readings", "TABLE=COLUMN"),
    ] {
        let answer = threadline(None, &["attach", "--tables", "users", flag, value]);
        assert!(answer.error().contains(told), "{flag} {value}: {answer:?}");
        assert!(answer.error().contains(flag), "{flag} {value}: {answer:?}");
    }
}

#[test]
fn no_database_and_no_connection_are_told_apart() {
    let none = threadline(None, &["install"]);
    assert!(none.error().contains("DATABASE_URL"), "{none:?}");
    let refused = threadline(Some("postgres://ada:s3cret@127.0.0.1:1/shop"), &["install"]);
    assert!(refused.error().contains("shop at 127.0.0.1:1 as ada"), "{refused:?}");
    assert!(refused.error().contains("check that PostgreSQL runs there"), "{refused:?}");
    let json = threadline(Some("postgres://ada:s3cret@127.0.0.1:1/shop"), &["install", "--json"]);
    assert_eq!(json.document()["error"]["kind"], json!("connection"));
}

#[tokio::test]
async fn a_database_that_does_not_exist_is_named() {
    let shop = Shop::plain().await;
    let (server, _) = shop.url().rsplit_once('/').expect("a path");
    let answer = threadline(Some(&format!("{server}/no_such_database")), &["install"]);
    assert!(answer.error().contains("\"no_such_database\" does not exist"), "{answer:?}");
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_told_from_one_that_is_not_there() {
    let shop = Shop::plain().await;
    let url = shop.url().split('?').next().expect("a URL");
    let answer = threadline(Some(&format!("{url}?sslmode=require")), &["install"]);
    // A server that is given by DATABASE_URL may well speak it.
    if answer.code != 0 {
        assert!(answer.error().contains("check `sslmode` in the URL"), "{answer:?}");
    }
}

#[tokio::test]
async fn no_password_is_ever_shown() {
    let shop = Shop::installed().await;
    let rest = shop.url().split_once('@').expect("a user").1.to_owned();
    let secret = "s3cret-p4ssword";
    let wrong = format!("postgres://nobody_of_that_name:{secret}@{rest}");
    let not_postgres = format!("mysql://ada:{secret}@db/shop");
    let broken = format!("postgres://ada:{secret}@db:notaport/shop");
    let keywords = format!("host=db password={secret}");
    for json in [&[][..], &["--json"]] {
        for value in [&wrong, &not_postgres, &broken, &keywords] {
            for arguments in [
                &["install", "--database-url", value][..],
                &["install", value],
                &[value],
                &["attach", "--tables", value, "-u", value],
                &["install", "--json", &format!("--databse-url={value}")],
            ] {
                let answer = threadline(None, &[arguments, json].concat());
                let said = format!("{}{}", answer.stdout, answer.stderr);
                assert_eq!(answer.code, 2, "{arguments:?}: {said}");
                assert!(!said.contains(secret), "{arguments:?}: {said}");
            }
            let tables = format!("posts,{value}");
            let answer = shop.threadline(&[&["attach", "--tables", &tables][..], json].concat());
            let said = format!("{}{}", answer.stdout, answer.stderr);
            assert!(answer.code == 2 && !said.contains(secret), "{said}");
            let answer = threadline(Some(value), &[&["install"][..], json].concat());
            let said = format!("{}{}", answer.stdout, answer.stderr);
            assert!(answer.code == 2 && !said.contains(secret), "{said}");
        }
    }
}

#[tokio::test]
async fn a_misspelt_table_is_answered_with_the_ones_that_may_be_meant() {
    let shop = Shop::installed().await;
    for (table, told, candidate) in [
        ("invoices", "did you mean billing.invoices?", "billing.invoices"),
        ("usres", "did you mean public.users?", "public.users"),
        ("Posts", "did you mean public.posts?", "public.posts"),
        ("billing.horses", "in that schema: billing.invoices", "billing.invoices"),
    ] {
        let answer = shop.threadline(&["attach", "--tables", table]);
        assert!(answer.error().contains(told), "{table}: {answer:?}");
        let error = &shop.threadline(&["attach", "--tables", table, "--json"]).document()["error"];
        assert_eq!(error["kind"], json!("missing_table"));
        assert_eq!(error["candidates"][0], json!(candidate), "{error}");
    }
}

#[tokio::test]
async fn a_misspelt_column_is_answered_with_the_columns_there_are() {
    let shop = Shop::installed().await;
    for flag in ["--exclude", "--mask", "--quiet"] {
        let arguments = ["attach", "--tables", "users", flag, "users.pasword"];
        let answer = shop.threadline(&arguments);
        assert!(answer.error().contains("did you mean `password`?"), "{answer:?}");
        assert!(answer.error().contains("It has: id, email, password"), "{answer:?}");
        assert!(answer.error().contains(&format!("{flag} public.users.pasword")), "{answer:?}");
        let json = shop.threadline(&[&arguments[..], &["--json"]].concat());
        let error = &json.document()["error"];
        assert_eq!(error["kind"], json!("unknown_column"));
        assert_eq!(error["table"], json!("public.users"));
        assert_eq!(error["candidates"].as_array().map(Vec::len), Some(5));
    }
    let key = shop.threadline(&["attach", "--tables", "readings", "--key", "readings=sensor,time"]);
    assert!(key.error().contains("no column `time`"), "{key:?}");
}

#[tokio::test]
async fn flags_that_contradict_each_other_are_errors() {
    let shop = Shop::installed().await;
    for (arguments, told) in [
        (&["--exclude", "posts.title"][..], "public.posts is not among --tables (public.users)"),
        (&["--tables", "public.users"], "public.users is named twice"),
        (&["--exclude", "users.email", "--mask", "users.email"], "both excluded and masked"),
        (&["--exclude", "users.email", "--quiet", "users.email"], "both quiet and excluded"),
        (&["--mask", "users.email=a", "--mask", "users.email=b"], "two different placeholders"),
        (&["--exclude", "users.id"], "key column `id` is redacted"),
        (&["--key", "users=email"], "it has the primary key (id)"),
        (&["--key", "users=id", "--key", "users=id"], "--key names public.users twice"),
    ] {
        let answer = shop.threadline(&[&["attach", "--tables", "users"], arguments].concat());
        assert!(answer.error().contains(told), "{arguments:?}: {answer:?}");
    }
    assert_eq!(shop.triggers().await, json!(0));
}
