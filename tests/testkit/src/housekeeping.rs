//! Making databases and roles, and getting rid of them.
//!
//! On a throw-away server an unused database waits until the next one is made: dropping cannot be
//! asynchronous, and the last ones go with the server. On the server of `DATABASE_URL` a database is
//! dropped at once by a thread of its own, and what a process left when it ended is swept up by the
//! next one.

use std::process;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{LazyLock, PoisonError};
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use tokio::sync::OnceCell;

use crate::apart;
use crate::cluster::home::random_text;
use crate::connection::{self, ask, ask_all, code, literal, quoted};
use crate::mark::Mark;
use crate::{Server, TestkitError};

/// How long the end of a test may wait for its database to be dropped. Usually it takes a moment, but
/// the server waits for whoever is just logging in, and that may be a task of the very runtime that
/// waits here.
const PATIENCE: Duration = Duration::from_millis(300);

static NUMBER: AtomicU32 = AtomicU32::new(0);
static SWEPT: OnceCell<()> = OnceCell::const_new();
static ROLE_PASSWORD: LazyLock<String> =
    LazyLock::new(|| random_text().expect("the system gives random bytes"));

/// Makes a database, empty or as a copy, and returns its name.
pub(crate) async fn create_database(
    server: &Server,
    original: Option<&str>,
    suffix: &str,
) -> Result<String, TestkitError> {
    let db = server.administer().await?;
    if !server.is_throw_away() {
        SWEPT.get_or_init(|| sweep(&db)).await;
    }
    let created = create_on(&db, server, original, suffix).await;
    connection::close(db).await;
    created
}

async fn create_on(
    db: &DatabaseConnection,
    server: &Server,
    original: Option<&str>,
    suffix: &str,
) -> Result<String, TestkitError> {
    for name in unused(server) {
        drop_database(db, &name)
            .await
            .map_err(|error| TestkitError::database(format!("dropping {name}"), &error))?;
    }
    loop {
        let name = next_name(suffix);
        // Nobody ever connects to template0, so it can always be copied.
        let original = quoted(original.unwrap_or("template0"));
        let sql = format!("CREATE DATABASE {} TEMPLATE {original}", quoted(&name));
        match db.execute_unprepared(&sql).await {
            Ok(_) if server.is_throw_away() => return Ok(name),
            Ok(_) => return mark(db, &name, &Mark::ours()).await.map(|()| name),
            // 42P04: a process with the same number on another machine has that name.
            Err(error) if code(&error).as_deref() == Some("42P04") => {}
            Err(error) => return Err(refused(db, "a database", "CREATEDB", &error).await),
        }
    }
}

fn next_name(suffix: &str) -> String {
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let separator = if suffix.is_empty() { "" } else { "_" };
    format!("threadline_{}_{number}{separator}{suffix}", process::id())
}

/// Makes a role that may log in and nothing else, if it is missing, and returns its password.
pub(crate) async fn ensure_role(server: &Server, name: &str) -> Result<String, TestkitError> {
    let password = ROLE_PASSWORD.clone();
    let db = server.administer().await?;
    // A member may end the role's sessions, without which a database in use could not be dropped.
    let sql = format!(
        "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS \
         PASSWORD {} ROLE CURRENT_USER",
        quoted(name),
        literal(&password)
    );
    let done = match db.execute_unprepared(&sql).await {
        // 42710: it exists. 23505: it came into existence at this moment.
        Err(error) if !matches!(code(&error).as_deref(), Some("42710" | "23505")) => {
            Err(refused(&db, "a role", "CREATEROLE", &error).await)
        }
        _ => Ok(password),
    };
    connection::close(db).await;
    done
}

/// Says what to do when the role of `DATABASE_URL` lacks a right.
async fn refused(
    db: &DatabaseConnection,
    what: &str,
    attribute: &str,
    error: &DbErr,
) -> TestkitError {
    let doing = format!("creating {what} for a test");
    if code(error).as_deref() != Some("42501") {
        return TestkitError::database(doing, error);
    }
    let role = ask::<String>(db, "SELECT quote_ident(current_user)").await.ok().flatten();
    let role = role.unwrap_or_else(|| "the_role".to_owned());
    let reason = format!(
        "the role {role} of DATABASE_URL may not; as a superuser run ALTER ROLE {role} {attribute}, \
         or name another role, or unset DATABASE_URL to use a throw-away server ({error})"
    );
    TestkitError::Database { doing, reason }
}

/// Takes the names of the databases that wait to be dropped.
fn unused(server: &Server) -> Vec<String> {
    std::mem::take(&mut server.unused.lock().unwrap_or_else(PoisonError::into_inner))
}

/// Called when a test has ended: queues, drops or keeps its database. Never panics, because a test
/// may be panicking already.
pub(crate) fn retire(server: &'static Server, name: &str, failed: bool) {
    if server.is_throw_away() {
        let mut unused = server.unused.lock().unwrap_or_else(PoisonError::into_inner);
        unused.push(name.to_owned());
        return;
    }
    if failed {
        eprintln!(
            "the test database is kept for a day: {}",
            server.address().without_password(name)
        );
    }
    let name = name.to_owned();
    apart::start(PATIENCE, move || async move {
        if let Err(error) = settle(server, &name, failed).await {
            eprintln!("the test database {name} stays behind: {error}");
        }
    });
}

async fn settle(server: &Server, name: &str, failed: bool) -> Result<(), TestkitError> {
    let db = server.administer().await?;
    let done = if failed {
        mark(&db, name, &Mark::ours().kept()).await
    } else {
        let dropped = drop_database(&db, name).await;
        dropped.map_err(|error| TestkitError::database(format!("dropping {name}"), &error))
    };
    connection::close(db).await;
    done
}

/// Drops a database, whoever is connected to it, and then the roles that were made for it.
async fn drop_database(db: &DatabaseConnection, name: &str) -> Result<(), DbErr> {
    let sql = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", quoted(name));
    db.execute_unprepared(&sql).await?;
    let prefix = literal(&format!("{name}_"));
    let sql =
        format!("SELECT rolname::text FROM pg_roles WHERE starts_with(rolname::text, {prefix})");
    for role in ask_all::<String>(db, &sql).await? {
        db.execute_unprepared(&format!("DROP ROLE IF EXISTS {}", quoted(&role))).await?;
    }
    Ok(())
}

async fn mark(db: &DatabaseConnection, name: &str, mark: &Mark) -> Result<(), TestkitError> {
    let text = literal(&mark.to_string());
    let sql = format!("COMMENT ON DATABASE {} IS {text}", quoted(name));
    let done = db.execute_unprepared(&sql).await;
    done.map(drop).map_err(|error| TestkitError::database(format!("marking {name}"), &error))
}

/// Drops what processes of this machine that are no more left behind. What cannot be dropped is
/// left to the next process: it may be in use, or belong to another role.
async fn sweep(db: &DatabaseConnection) {
    let sql = "SELECT datname::text || ' ' || shobj_description(oid, 'pg_database') \
               FROM pg_database WHERE starts_with(datname::text, 'threadline_') \
               AND shobj_description(oid, 'pg_database') IS NOT NULL";
    let found = ask_all::<String>(db, sql).await.unwrap_or_default();
    for line in found {
        let Some((name, comment)) = line.split_once(' ') else { continue };
        if Mark::parse(comment).is_some_and(|it| it.is_stale()) {
            // See above: the next process tries again.
            let _ = drop_database(db, name).await;
        }
    }
}
