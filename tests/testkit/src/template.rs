//! Databases that are built once and copied often.

use std::error::Error;
use std::pin::Pin;

use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tokio::sync::OnceCell;

use crate::connection::{self, quoted};
use crate::database::is_simple_name;
use crate::error::with_causes;
use crate::housekeeping;
use crate::{Server, TestkitError};

/// What the builder of a [`Template`] returns: any error, or nothing.
pub type BuildResult = Result<(), Box<dyn Error + Send + Sync>>;

/// The builder of a [`Template`]: a function, or a closure that captures nothing.
pub type Build = fn(DatabaseConnection) -> Pin<Box<dyn Future<Output = BuildResult> + Send>>;

/// A database to copy: with all migrations run, and perhaps some rows.
///
/// It is built once per process, by the first test that asks for a copy.
///
/// ```
/// use sea_orm::ConnectionTrait;
/// use threadline_testkit::Template;
///
/// static POSTS: Template = Template::new("posts", |db| {
///     Box::pin(async move {
///         db.execute_unprepared("CREATE TABLE posts (id int PRIMARY KEY)").await?;
///         Ok(())
///     })
/// });
/// ```
#[derive(Debug)]
pub struct Template {
    name: &'static str,
    build: Build,
    built: OnceCell<Result<String, TestkitError>>,
}

impl Template {
    /// A template that `build` fills. The name appears in messages and in the name of the database.
    ///
    /// The builder gets an empty database as the role that owns it. Its connections are closed when
    /// it returns, for a database that is in use cannot be copied.
    ///
    /// # Panics
    ///
    /// When the name is not made of one to twenty lower-case letters, digits and `_`; in a `static`
    /// that is an error of the compiler.
    #[must_use]
    pub const fn new(name: &'static str, build: Build) -> Self {
        assert!(is_simple_name(name), "a template is named with 1 to 20 of a-z, 0-9 and _");
        Self { name, build, built: OnceCell::const_new() }
    }

    /// The name of the built database.
    pub(crate) async fn database(&self, server: &'static Server) -> Result<&str, TestkitError> {
        // The cell may be waited for from several runtimes; what it holds belongs to none of them.
        let built = self.built.get_or_init(|| self.make(server)).await;
        built.as_deref().map_err(Clone::clone)
    }

    async fn make(&self, server: &'static Server) -> Result<String, TestkitError> {
        let database = housekeeping::create_database(server, None, self.name).await?;
        let failed = |reason: String| TestkitError::Database {
            doing: format!("building the template {:?}", self.name),
            reason,
        };
        let db = Database::connect(connection::options(&server.url(&database), 5))
            .await
            .map_err(|error| failed(error.to_string()))?;
        let result = (self.build)(db.clone()).await;
        connection::close(db).await;
        result.map_err(|error| failed(with_causes(error.as_ref())))?;
        self.lock(server, &database).await.map_err(|error| failed(error.to_string()))?;
        Ok(database)
    }

    /// A single connection to the template would make every copy fail, so none is let in any more.
    async fn lock(&self, server: &Server, database: &str) -> Result<(), TestkitError> {
        let db = server.administer().await?;
        let sql = format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", quoted(database));
        let done = db.execute_unprepared(&sql).await;
        connection::close(db).await;
        done.map(drop).map_err(|error| TestkitError::database("locking it", &error))
    }
}
