//! A database for an example.

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use crate::connection::{self, code, quoted};
use crate::{Server, TestkitError};

/// A database for as long as an example runs.
///
/// With `DATABASE_URL` it is exactly that database, so whatever is in it stays.
#[derive(Clone, Debug)]
pub struct ScratchDatabase {
    server: &'static Server,
    url: String,
}

/// The database of `DATABASE_URL` if that is set; else one with this name on a throw-away server,
/// which disappears with the process.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let database = threadline_testkit::scratch_database("helpdesk").await?;
/// println!("using {}", database.server().origin());
/// let db = database.connect().await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// When there is no PostgreSQL and none can be had. The text says what was tried and what to do.
pub async fn scratch_database(name: &str) -> Result<ScratchDatabase, TestkitError> {
    let server = Server::shared().await?;
    if !server.is_throw_away() {
        return Ok(ScratchDatabase { server, url: server.address().given().to_owned() });
    }
    let db = server.administer().await?;
    let done = db.execute_unprepared(&format!("CREATE DATABASE {}", quoted(name))).await;
    connection::close(db).await;
    match done {
        // 42P04: it is there already, asked for earlier by the same process.
        Err(error) if code(&error).as_deref() != Some("42P04") => {
            Err(TestkitError::database(format!("creating the database {name:?}"), &error))
        }
        _ => Ok(ScratchDatabase { server, url: server.url(name) }),
    }
}

impl ScratchDatabase {
    /// Its URL, with role and password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The server that it is on.
    #[must_use]
    pub fn server(&self) -> &'static Server {
        self.server
    }

    /// A pool of up to ten connections.
    ///
    /// # Errors
    ///
    /// When the server cannot be reached.
    pub async fn connect(&self) -> Result<DatabaseConnection, TestkitError> {
        Database::connect(connection::options(&self.url, 10))
            .await
            .map_err(|error| TestkitError::database("connecting to the database", &error))
    }
}
