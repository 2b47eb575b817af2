//! Reaching the database that `--database-url` names, and telling why it cannot be reached.
//!
//! It goes past `sea_orm::Database`, which repeats the whole URL in an error and tries a refused
//! connection for half a minute.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::DatabaseConnection;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions, Connection};

use super::failure::Failure;

const PATIENCE: Duration = Duration::from_secs(10);

/// What a database role and the facts of each write see of this program.
const APPLICATION_NAME: &str = "threadline";

/// A database that answered, and how to call it. Its password is not to be had from here.
#[derive(Debug)]
pub(crate) struct Reached {
    options: PgConnectOptions,
}

impl fmt::Display for Reached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, user) = (self.options.get_host(), self.options.get_username());
        let database = self.options.get_database().unwrap_or(user);
        match self.options.get_socket() {
            Some(socket) => write!(f, "{database} at {} as {user}", socket.display()),
            None => write!(f, "{database} at {host}:{} as {user}", self.options.get_port()),
        }
    }
}

impl Reached {
    /// Connects once and hangs up.
    ///
    /// # Errors
    ///
    /// That no database is named, that the URL is none, or what the server or the network said.
    pub(crate) async fn new(url: Option<&str>) -> Result<Self, Failure> {
        let reached = Self { options: options(url)? };
        let attempt = tokio::time::timeout(PATIENCE, reached.options.connect()).await;
        match attempt {
            Ok(Ok(connection)) => {
                // It answered, which is all that was asked; how it hangs up is no matter.
                let _ = connection.close().await;
                Ok(reached)
            }
            Ok(Err(error)) => Err(reached.unreachable(&error)),
            Err(_) => Err(Failure::connection(format!(
                "cannot connect to {reached}: no answer for {} seconds; check the host, the port and \
                 the firewall",
                PATIENCE.as_secs()
            ))),
        }
    }

    /// A pool that opens its connections when they are used.
    pub(crate) fn pool(&self) -> DatabaseConnection {
        let pool = PgPoolOptions::new().max_connections(2).acquire_timeout(PATIENCE);
        pool.connect_lazy_with(self.options.clone()).into()
    }

    fn unreachable(&self, error: &sqlx::Error) -> Failure {
        let (said, remedy) = match error {
            sqlx::Error::Io(error) => {
                (error.to_string(), "check that PostgreSQL runs there, and the host and the port")
            }
            sqlx::Error::Database(error) => (
                error.message().to_owned(),
                "check the user, the password and the name of the database",
            ),
            sqlx::Error::Tls(error) => (error.to_string(), TLS),
            other => (other.to_string(), TLS),
        };
        Failure::connection(format!("cannot connect to {self}: {said}; {remedy}"))
    }
}

const TLS: &str = "check `sslmode` in the URL; to connect with TLS, build with the feature `tls`";

fn options(url: Option<&str>) -> Result<PgConnectOptions, Failure> {
    let url = url.map(str::trim).filter(|url| !url.is_empty()).ok_or_else(|| {
        Failure::usage("which database? set DATABASE_URL, or pass --database-url".to_owned())
    })?;
    let form = "write postgres://USER@HOST/DATABASE, and percent-encode what is special in it; the \
                password may also come from PGPASSWORD or ~/.pgpass";
    if !["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Err(Failure::usage(format!(
            "the database URL is not that of a PostgreSQL: {form}"
        )));
    }
    let options = PgConnectOptions::from_str(url).map_err(|error| {
        Failure::usage(format!("the database URL cannot be read ({error}): {form}"))
    })?;
    Ok(options.application_name(APPLICATION_NAME).disable_statement_logging())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_is_named_without_the_password() {
        for scheme in ["postgres", "postgresql"] {
            let url = format!("{scheme}://ada:s3cret@db.example:5433/shop?sslmode=disable");
            let reached = Reached { options: options(Some(&url)).unwrap() };
            assert_eq!(reached.to_string(), "shop at db.example:5433 as ada");
        }
    }

    #[test]
    fn what_is_no_url_is_refused_without_repeating_it() {
        for url in
            ["mysql://ada:s3cret@db/shop", "host=db password=s3cret", "postgres://ada:s3/cret@h/d"]
        {
            let failure = options(Some(url)).unwrap_err().to_string();
            assert!(failure.contains("postgres://USER@HOST/DATABASE"), "{failure}");
            assert!(!failure.contains("s3"), "{failure}");
        }
        assert!(options(Some(" ")).unwrap_err().to_string().contains("DATABASE_URL"));
        assert!(options(None).is_err());
    }
}
