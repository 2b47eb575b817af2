//! Installing without the search path of the session.
//!
//! An installer is often a superuser, and a function that somebody else has put into `public` may fit
//! a call better than the built-in one. So all of it runs with the built-in names alone.

use sea_orm::ConnectionTrait;

use crate::catalog::all;
use crate::error::Error;
use crate::library;

/// The search path that the session had, to be given back.
#[must_use = "the session's search path is to be given back"]
pub(crate) struct SearchPath(String);

/// Leaves only built-in names to be found, up to the end of the transaction or until
/// [`SearchPath::give_back`]. If something fails in between, the rollback gives it back.
pub(crate) async fn built_in_only<C: ConnectionTrait>(db: &C) -> Result<SearchPath, Error> {
    let before = "SELECT pg_catalog.current_setting('search_path') AS path";
    let before: String = match all(db, before, []).await?.first() {
        Some(row) => row.try_get("", "path")?,
        None => String::new(),
    };
    set(db, "pg_catalog, pg_temp").await?;
    Ok(SearchPath(before))
}

impl SearchPath {
    pub(crate) async fn give_back<C: ConnectionTrait>(self, db: &C) -> Result<(), Error> {
        set(db, &self.0).await
    }
}

async fn set<C: ConnectionTrait>(db: &C, path: &str) -> Result<(), Error> {
    all(db, library::SET_PATH, [path.into()]).await?;
    Ok(())
}
