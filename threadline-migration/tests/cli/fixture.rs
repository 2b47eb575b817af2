//! A database like anybody's, and the program run on it.

use std::process::{Command, Stdio};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use threadline_testkit::{Template, TestDb};

const TABLES: &str = "
    CREATE TABLE users (id serial PRIMARY KEY, email text, password text, tax_number text,
        last_seen timestamptz);
    CREATE TABLE posts (id int PRIMARY KEY, title text);
    CREATE SCHEMA billing;
    CREATE TABLE billing.invoices (id int PRIMARY KEY, total numeric);
    CREATE TABLE readings (sensor int NOT NULL, at int NOT NULL, value int, UNIQUE (sensor, at));
    CREATE TABLE loose (note text);
    CREATE VIEW latest AS SELECT * FROM posts";

/// Tables, and nothing of Threadline.
static PLAIN: Template = Template::new("cli_plain", |db| {
    Box::pin(async move {
        db.execute_unprepared(TABLES).await?;
        Ok(())
    })
});

/// Tables, and the schema that `threadline install` creates.
static INSTALLED: Template = Template::new("cli_installed", |db| {
    Box::pin(async move {
        db.execute_unprepared(TABLES).await?;
        Ok(threadline_migration::install(&db).await?)
    })
});

/// A database of its own.
pub(crate) struct Shop {
    test_db: TestDb,
    pub(crate) db: DatabaseConnection,
}

impl Shop {
    pub(crate) async fn plain() -> Self {
        Self::new(TestDb::from(&PLAIN).await).await
    }

    pub(crate) async fn installed() -> Self {
        Self::new(TestDb::from(&INSTALLED).await).await
    }

    async fn new(test_db: TestDb) -> Self {
        let db = test_db.connect().await;
        Self { test_db, db }
    }

    pub(crate) fn url(&self) -> &str {
        self.test_db.url()
    }

    pub(crate) fn name(&self) -> &str {
        self.test_db.name()
    }

    /// The role that connects.
    pub(crate) fn role(&self) -> String {
        let user = self.url().split("://").nth(1).unwrap_or_default();
        user.split([':', '@']).next().unwrap_or_default().to_owned()
    }

    /// Runs the program with this database as DATABASE_URL.
    pub(crate) fn threadline(&self, arguments: &[&str]) -> Answer {
        threadline(Some(self.url()), arguments)
    }

    /// Runs the program with its answer going into `file`, and gives its exit code.
    pub(crate) fn answered_into(&self, arguments: &[&str], file: std::fs::File) -> i32 {
        let mut command = command(Some(self.url()), arguments);
        let status = command.stdout(file).stderr(Stdio::null()).status();
        status.expect("the program can be run").code().expect("it ends by itself")
    }

    /// Runs the program with `--json`, and gives the document of a run that went well.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let answer = self.threadline(&[arguments, &["--json"]].concat());
        assert_eq!(answer.code, 0, "{answer:?}");
        answer.document()
    }

    /// A program that has been started and is waited for later.
    pub(crate) fn start(&self, arguments: &[&str]) -> std::process::Child {
        command(Some(self.url()), arguments).spawn().expect("the program can be started")
    }

    pub(crate) async fn run(&self, sql: &str) {
        let done = self.db.execute_unprepared(sql).await;
        done.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }

    /// The first column of the only row, which must be `jsonb`.
    pub(crate) async fn value(&self, sql: &str) -> Value {
        let statement = Statement::from_string(DbBackend::Postgres, sql);
        let row = self.db.query_one_raw(statement).await;
        let row = row.unwrap_or_else(|error| panic!("{error}\n{sql}")).expect("a row");
        row.try_get_by_index(0).expect("jsonb")
    }

    /// Every change so far as `[op, table, data_after]`.
    pub(crate) async fn changes(&self) -> Value {
        self.value(
            "SELECT coalesce(jsonb_agg(jsonb_build_array(op, table_name, data_after) ORDER BY id), '[]')
             FROM threadline.audit_changes",
        )
        .await
    }

    /// How many triggers there are on tables outside of Threadline's schema.
    pub(crate) async fn triggers(&self) -> Value {
        self.value(
            "SELECT to_jsonb(count(*)) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE NOT t.tgisinternal AND c.relnamespace::regnamespace::text <> 'threadline'",
        )
        .await
    }
}

/// What the program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Answer {
    /// The one document on stdout.
    pub(crate) fn document(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The error for people, of a run that could not be done.
    pub(crate) fn error(&self) -> &str {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.stderr.starts_with("error: "), "{self:?}");
        assert!(!self.stderr.contains('\u{1b}'), "colours are for terminals: {self:?}");
        &self.stderr
    }
}

pub(crate) fn threadline(url: Option<&str>, arguments: &[&str]) -> Answer {
    let output = command(url, arguments).output().expect("the program can be run");
    Answer {
        code: output.status.code().expect("it ends by itself"),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

fn command(url: Option<&str>, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadline"));
    command.args(arguments).env_remove("DATABASE_URL");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    if let Some(url) = url {
        command.env("DATABASE_URL", url);
    }
    command
}
