//! One database for one test.

use std::thread;

use sea_orm::{Database, DatabaseConnection};

use crate::connection;
use crate::housekeeping;
use crate::{Server, Template, TestkitError};

/// What [`TestDb::connect`] allows at once: enough for a test that holds a transaction and looks at
/// it from outside, and few enough for many tests at a time.
const USUAL_CONNECTIONS: u32 = 5;

/// A database of its own for one test, dropped afterwards.
///
/// When a test panics, its database on the server of `DATABASE_URL` is kept for a day, and its URL
/// printed. A throw-away server disappears with the process, whatever happened.
#[derive(Debug)]
pub struct TestDb {
    server: &'static Server,
    name: String,
    url: String,
}

impl TestDb {
    /// A database without any table.
    ///
    /// # Panics
    ///
    /// When there is no PostgreSQL or it refuses: the text says what was tried and what to do.
    pub async fn empty() -> Self {
        Self::copy_of(None).await
    }

    /// A copy of a template, which is built first if this is the first copy. A copy takes less than
    /// a tenth of a second, however long the template took.
    ///
    /// # Panics
    ///
    /// As [`TestDb::empty`], and with the builder's error if the template cannot be built.
    pub async fn from(template: &'static Template) -> Self {
        Self::copy_of(Some(template)).await
    }

    /// Its URL, with the role that owns it and its password.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its name, which no other database on the server has.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A pool of up to five connections, as the role that owns the database.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached.
    pub async fn connect(&self) -> DatabaseConnection {
        self.pool_of(USUAL_CONNECTIONS).await
    }

    /// As [`TestDb::connect`], with up to `n` connections.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached.
    pub async fn pool_of(&self, n: u32) -> DatabaseConnection {
        pool(&self.url, n).await
    }

    /// A pool of up to five connections as a role without any right but to log in. The first call
    /// creates the role, the end of the test drops it.
    ///
    /// Roles belong to a whole server, so `role` is only a part of the real name: from the first call
    /// on, rights are granted to [`TestDb::role`].
    ///
    /// # Panics
    ///
    /// When `role` is not made of a few lower-case letters, digits and `_`, or when the role of
    /// `DATABASE_URL` may not create roles.
    pub async fn connect_as(&self, role: &str) -> DatabaseConnection {
        self.pool_of_as(USUAL_CONNECTIONS, role).await
    }

    /// As [`TestDb::connect_as`], with up to `n` connections.
    ///
    /// # Panics
    ///
    /// As [`TestDb::connect_as`].
    pub async fn pool_of_as(&self, n: u32, role: &str) -> DatabaseConnection {
        let name = self.role(role);
        let password = housekeeping::ensure_role(self.server, &name).await;
        let password = password.unwrap_or_else(|error| panic!("{error}"));
        let url = self.server.address().database_as(&self.name, &name, &password);
        pool(&url, n).await
    }

    /// The real name of a role of this database: its name, `_`, and `role`. It needs no quotes in
    /// SQL. Every role with such a name is dropped with the database.
    ///
    /// # Panics
    ///
    /// When `role` is not made of one to twenty lower-case letters, digits and `_`.
    #[must_use]
    pub fn role(&self, role: &str) -> String {
        assert!(
            is_simple_name(role),
            "a test role is named with 1 to 20 of a-z, 0-9 and _, not {role:?}"
        );
        format!("{}_{role}", self.name)
    }

    pub(crate) fn server(&self) -> &'static Server {
        self.server
    }

    async fn copy_of(template: Option<&'static Template>) -> Self {
        Self::create(template).await.unwrap_or_else(|error| panic!("{error}"))
    }

    async fn create(template: Option<&'static Template>) -> Result<Self, TestkitError> {
        let server = Server::shared().await?;
        let name = match template {
            None => housekeeping::create_database(server, None, "").await?,
            Some(template) => {
                let original = template.database(server).await?;
                housekeeping::create_database(server, Some(original), "").await?
            }
        };
        let url = server.url(&name);
        Ok(Self { server, name, url })
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        housekeeping::retire(self.server, &self.name, thread::panicking());
    }
}

/// Whether a name is safe in any place of SQL and leaves room for what stands before it.
pub(crate) const fn is_simple_name(name: &str) -> bool {
    let bytes = name.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        if !matches!(bytes[index], b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return false;
        }
        index += 1;
    }
    !bytes.is_empty() && bytes.len() <= 20
}

pub(crate) async fn pool(url: &str, connections: u32) -> DatabaseConnection {
    Database::connect(connection::options(url, connections))
        .await
        .unwrap_or_else(|error| panic!("connecting to the test database failed: {error}"))
}
