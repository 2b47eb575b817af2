//! Puts schema versions into a database and takes them out: the only place that runs this DDL.

use sea_orm::{ConnectionTrait, TransactionTrait};
use threadline::schema;
use threadline::trail::{OwnSql, TRAIL};

use crate::catalog::all;
use crate::error::{ERASE_VARIABLE, Error};
use crate::{library, search_path};

/// The newest schema version this crate knows.
pub const CURRENT_VERSION: i32 = 1;

/// Every installer takes this lock first: `CREATE OR REPLACE` by two sessions at once fails with
/// "tuple concurrently updated". It is the same whatever the schema is called, because two trails may
/// meet on a table.
pub(crate) const LOCK: &str =
    "SELECT pg_advisory_xact_lock(hashtextextended('threadline.install', 0))";

/// Installs the schema in a transaction of its own, if it is not there yet.
///
/// For development, tests and programs that run no migrations; a host with migrations adopts
/// [`v1::Migration`](crate::v1::Migration) instead. Running it again changes nothing, and so does
/// running it from several processes at once.
///
/// # Errors
///
/// [`Error::SchemaNewer`], and [`Error::Db`] if the role may not create a schema, or the connection
/// fails.
pub async fn install<C: TransactionTrait>(db: &C) -> Result<(), Error> {
    let txn = db.begin().await?;
    up_v1(&txn).await?;
    sea_orm::TransactionSession::commit(txn).await?;
    Ok(())
}

/// Installs version 1 on a connection that is in a transaction, and tells whether it was missing.
pub(crate) async fn up_v1<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let path = search_path::built_in_only(db).await?;
    db.execute_unprepared(LOCK).await?;
    let was_missing = up_v1_locked(db).await?;
    path.give_back(db).await?;
    Ok(was_missing)
}

async fn up_v1_locked<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    if known_version(db).await? >= 1 {
        mend_restored(db).await?;
        return Ok(false);
    }
    for text in v1_texts() {
        db.execute_unprepared(&text.text()).await?;
    }
    Ok(true)
}

/// Gives an installed schema back what options of `pg_dump` and `pg_restore` leave out: the grants,
/// without which everybody may call every function, and the mode of the trail's own trigger. Grants
/// that somebody has changed since the installation stay as they are.
async fn mend_restored<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let question = OwnSql(
        "SELECT n.nspacl IS NULL AS open_to_all, t.tgenabled <> 'A' AS bypassable \
         FROM pg_namespace n, pg_trigger t \
         WHERE n.nspname = 'threadline' AND t.tgname = 'close_transaction' \
           AND t.tgrelid = to_regclass('threadline.open_transactions')",
    );
    for row in all(db, &question.text(), []).await? {
        if row.try_get("", "open_to_all")? {
            db.execute_unprepared(&library::V1_GRANTS.text()).await?;
        }
        if row.try_get("", "bypassable")? {
            db.execute_unprepared(&library::V1_MEND.text()).await?;
        }
    }
    Ok(())
}

/// What makes version 1, in order.
fn v1_texts() -> impl Iterator<Item = OwnSql> {
    let functions = library::V1_FUNCTIONS.iter().map(|(_, function)| *function);
    library::V1_TABLES.into_iter().chain(functions).chain([library::V1_FINISH, library::V1_GRANTS])
}

/// What makes version 1, as one script.
pub(crate) fn v1_sql() -> String {
    v1_texts().map(|text| text.to_string()).collect::<Vec<_>>().join("\n")
}

/// Removes version 1, unless that would erase something that was recorded.
pub(crate) async fn down_v1<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let path = search_path::built_in_only(db).await?;
    db.execute_unprepared(LOCK).await?;
    down_v1_locked(db).await?;
    path.give_back(db).await
}

async fn down_v1_locked<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    if installed_version(db).await? == 0 {
        return Ok(());
    }
    let rows = all(
        db,
        &format!(
            "SELECT (SELECT count(*) FROM {TRAIL}.audit_transactions) \
             + (SELECT count(*) FROM {TRAIL}.audit_actions WHERE transaction_id IS NULL) AS n"
        ),
        [],
    )
    .await?;
    let transactions: i64 = match rows.first() {
        Some(row) => row.try_get("", "n")?,
        None => 0,
    };
    let name = schema()?.as_str();
    let permitted = std::env::var(ERASE_VARIABLE).is_ok_and(|value| value == name);
    if transactions > 0 && !permitted {
        return Err(Error::TrailNotEmpty { transactions, schema: name.to_owned() });
    }
    // In one script, so that it is one transaction whatever the connection is in.
    let guard = if permitted { OwnSql("") } else { library::V1_GUARD };
    db.execute_unprepared(&format!("{guard}{}", library::V1_DOWN)).await?;
    Ok(())
}

/// The version in the database, or 0 if there is none.
pub(crate) async fn installed_version<C: ConnectionTrait>(db: &C) -> Result<i32, Error> {
    // Before anything is done in a schema that nobody named.
    schema()?;
    let exists =
        OwnSql("SELECT to_regclass('threadline.schema_version') IS NOT NULL AS there").text();
    let there = match all(db, &exists, []).await?.first() {
        Some(row) => row.try_get::<bool>("", "there")?,
        None => false,
    };
    if !there {
        return Ok(0);
    }
    let newest =
        OwnSql("SELECT coalesce(max(version), 0) AS v FROM threadline.schema_version").text();
    Ok(match all(db, &newest, []).await?.first() {
        Some(row) => row.try_get("", "v")?,
        None => 0,
    })
}

/// The version in the database, or 0 if there is none; an error if it is newer than this crate.
pub(crate) async fn known_version<C: ConnectionTrait>(db: &C) -> Result<i32, Error> {
    match installed_version(db).await? {
        installed if installed > CURRENT_VERSION => {
            Err(Error::SchemaNewer { installed, known: CURRENT_VERSION })
        }
        installed => Ok(installed),
    }
}

/// An error with the migration to add if the schema is not there, and one if it is newer than this
/// crate.
pub(crate) async fn require_schema<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    match known_version(db).await? {
        0 => Err(Error::SchemaMissing { schema: schema()?.clone(), wanted: CURRENT_VERSION }),
        _ => Ok(()),
    }
}
