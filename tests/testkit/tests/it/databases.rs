//! Databases, templates and roles.

use std::time::Instant;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use threadline_testkit::{Server, Template, TestDb};

static POSTS: Template = Template::new("posts", |db| {
    Box::pin(async move {
        db.execute_unprepared("CREATE TABLE posts (id int PRIMARY KEY)").await?;
        Ok(())
    })
});

static BROKEN: Template = Template::new("broken", |db| {
    Box::pin(async move {
        db.execute_unprepared("CREATE TABLE oops (id nonsense)").await?;
        Ok(())
    })
});

async fn run(db: &DatabaseConnection, sql: &str) -> Result<u64, DbErr> {
    db.execute_unprepared(sql).await.map(|done| done.rows_affected())
}

async fn write_the_same_key() {
    let test = TestDb::from(&POSTS).await;
    let db = test.connect().await;
    assert_eq!(run(&db, "INSERT INTO posts VALUES (1)").await, Ok(1));
    assert_eq!(run(&db, "DELETE FROM posts").await, Ok(1), "only its own row");
    assert_eq!(run(&db, "INSERT INTO posts VALUES (1)").await, Ok(1));
}

#[tokio::test]
async fn one_test_writes_a_key() {
    write_the_same_key().await;
}

#[tokio::test]
async fn another_test_writes_the_same_key() {
    write_the_same_key().await;
}

#[tokio::test]
async fn twenty_databases_at_once() {
    let started = Instant::now();
    join_all((0..20).map(|_| write_the_same_key())).await;
    println!("twenty databases took {:?}", started.elapsed());
}

#[tokio::test]
async fn many_connections_at_once() {
    let test = TestDb::empty().await;
    let db = test.pool_of(20).await;
    let sleeps = (0..20).map(|_| run(&db, "SELECT pg_sleep(0.5)"));
    let started = Instant::now();
    for done in join_all(sleeps).await {
        done.unwrap();
    }
    assert!(started.elapsed().as_secs() < 8, "one after the other takes ten seconds");
}

#[tokio::test]
async fn a_broken_template_says_why() {
    for _ in 0..2 {
        let failure = tokio::spawn(TestDb::from(&BROKEN)).await.unwrap_err().into_panic();
        let text = failure.downcast::<String>().unwrap();
        assert!(text.contains("building the template \"broken\""), "{text}");
        assert!(text.contains("type \"nonsense\" does not exist"), "{text}");
    }
}

#[tokio::test]
async fn a_role_has_no_rights_until_granted() {
    let test = TestDb::from(&POSTS).await;
    let owner = test.connect().await;
    let clerk = test.connect_as("clerk").await;
    let again = test.connect_as("clerk").await;
    let refused = run(&clerk, "INSERT INTO posts VALUES (1)").await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
    let refused = run(&clerk, "CREATE ROLE other").await.unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
    run(&owner, &format!("GRANT INSERT ON posts TO {}", test.role("clerk"))).await.unwrap();
    assert_eq!(run(&again, "INSERT INTO posts VALUES (1)").await, Ok(1));
}

#[tokio::test]
async fn the_name_of_a_role_is_checked() {
    let test = TestDb::empty().await;
    let wrong = std::panic::catch_unwind(|| test.role("Robert'); DROP"));
    assert!(wrong.is_err());
}

#[tokio::test]
async fn databases_and_roles_are_dropped() {
    let test = TestDb::empty().await;
    let (name, role) = (test.name().to_owned(), test.role("clerk"));
    let still_open = test.connect_as("clerk").await;
    drop(test);
    let next = TestDb::empty().await;
    let db = next.connect().await;
    // Another test may have taken the name from the queue and be about to drop it.
    for _ in 0..100 {
        let sql = format!(
            "SELECT 1 WHERE EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \
             OR EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}')"
        );
        if run(&db, &sql).await == Ok(0) {
            assert!(run(&still_open, "SELECT 1").await.is_err());
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("{name} or {role} is still there");
}

#[tokio::test]
async fn the_server_says_what_it_is() {
    let server = Server::shared().await.unwrap();
    assert!(server.version() >= 14);
    assert!(server.url("some").contains("/some"));
    println!("{} {}", server.version(), server.origin());
    if server.is_throw_away() {
        assert!(server.bin_dir().unwrap().join("postgres").is_file());
    }
}
