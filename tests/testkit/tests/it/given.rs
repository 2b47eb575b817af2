//! A server that is given by `DATABASE_URL`: this program once more, on a server that stands for it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Output, Stdio};

use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};
use threadline_testkit::TestDb;

/// What the same test does in the second program, if it is that.
const PART: &str = "THREADLINE_TESTKIT_PART";

/// A server of its own, so that it may be looked at for leftovers.
struct Given {
    program: Child,
    url: String,
    db: DatabaseConnection,
}

impl Given {
    async fn start() -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_threadline-test-server"))
            .env_remove("DATABASE_URL")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        let db = Database::connect(&url).await.expect("the program prints a URL");
        Self { program, url, db }
    }

    /// The same server with a role that is no superuser.
    async fn url_of(&self, role: &str, attributes: &str) -> String {
        let sql = format!("CREATE ROLE {role} LOGIN PASSWORD 'secret' {attributes}");
        self.db.execute_unprepared(&sql).await.unwrap();
        let (_, place) = self.url.split_once('@').unwrap();
        format!("postgres://{role}:secret@{place}")
    }

    /// Every database and role that the test kit has left.
    async fn left(&self) -> Vec<String> {
        let sql = "SELECT datname::text FROM pg_database WHERE starts_with(datname, 'threadline_') \
                   UNION ALL \
                   SELECT rolname::text FROM pg_roles WHERE starts_with(rolname, 'threadline_')";
        let rows = self.db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await;
        rows.unwrap().iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }
}

impl Drop for Given {
    fn drop(&mut self) {
        // The server goes with the program that holds it.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Runs tests of this program on that server.
fn run(url: &str, part: &str, tests: &[&str]) -> Output {
    Command::new(std::env::current_exe().unwrap())
        .args(tests)
        .env("DATABASE_URL", url)
        .env(PART, part)
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn part() -> Option<String> {
    std::env::var(PART).ok()
}

#[tokio::test]
async fn everything_works_for_a_role_that_may_create_databases_and_roles() {
    let given = Given::start().await;
    let url = given.url_of("tester", "CREATEDB CREATEROLE").await;
    let output = run(&url, "", &["databases::"]);
    assert!(output.status.success(), "{}", text(&output));
    // Templates stay until the next program comes, and so may what was being dropped at the end.
    let output = run(&url, "", &["--exact", "databases::the_name_of_a_role_is_checked"]);
    assert!(output.status.success(), "{}", text(&output));
    let left = given.left().await;
    assert!(left.len() <= 1, "{left:?}");
}

#[tokio::test]
async fn a_role_without_the_right_is_told_what_to_do() {
    let given = Given::start().await;
    let url = given.url_of("\"Clerk\"", "").await.replace('"', "");
    let output = run(&url, "", &["one_test_writes_a_key"]);
    assert!(!output.status.success());
    let text = text(&output);
    assert!(text.contains(r#"as a superuser run ALTER ROLE "Clerk" CREATEDB"#), "{text}");
}

#[tokio::test]
async fn a_failed_test_keeps_its_database_and_a_killed_one_is_swept() {
    match part().as_deref() {
        Some("fails") => {
            let _kept = TestDb::empty().await;
            panic!("on purpose");
        }
        Some("dies") => {
            let left = TestDb::empty().await;
            left.connect_as("clerk").await;
            std::process::exit(3);
        }
        Some("looks") => drop(TestDb::empty().await),
        _ => {
            let given = Given::start().await;
            let this = "given::a_failed_test_keeps_its_database_and_a_killed_one_is_swept";
            let part = |part: &str| run(&given.url, part, &["--exact", this, "--nocapture"]);

            let output = part("fails");
            let text = text(&output);
            assert!(!output.status.success() && text.contains("kept for a day"), "{text}");
            let kept = given.left().await;
            assert_eq!(kept.len(), 1, "{kept:?}");
            assert!(text.contains(&kept[0]) && !text.contains("secret"), "{text}");

            assert_eq!(part("dies").status.code(), Some(3));
            assert_eq!(given.left().await.len(), 3, "with a database and a role");

            assert!(part("looks").status.success());
            assert_eq!(given.left().await, kept);
        }
    }
}

#[tokio::test]
async fn an_unreachable_server_is_named_at_once() {
    let output = run("postgres://me:secret@127.0.0.1:1/app", "", &["one_test_writes_a_key"]);
    assert!(!output.status.success());
    let text = text(&output);
    assert!(text.contains("DATABASE_URL cannot be used"), "{text}");
    assert!(text.contains("Connection refused") && !text.contains("secret"), "{text}");
}
