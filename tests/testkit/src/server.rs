//! The server that the tests of this process share.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock};

use sea_orm::{Database, DatabaseConnection};

use crate::TestkitError;
use crate::address::Address;
use crate::apart;
use crate::cluster::Cluster;
use crate::cluster::account::Account;
use crate::connection::{self, ask};
use crate::download;
use crate::search::{Installation, OLDEST, Prober, Search, Surroundings, System, nothing_found};
use crate::versions::{self, WANTED, Wanted};

/// The variable that names a running server.
const GIVEN: &str = "DATABASE_URL";

static SHARED: OnceLock<Result<Server, TestkitError>> = OnceLock::new();

/// A running PostgreSQL: the one of `DATABASE_URL`, or a throw-away server of this process.
///
/// The tests of a process share one. It is found or started when it is first asked for and, if it is
/// throw-away, it disappears with the process, however that ends.
#[derive(Debug)]
pub struct Server {
    address: Address,
    version: u32,
    origin: Origin,
    /// Holds the throw-away server up. The one that is shared is never dropped: the end of the process
    /// is what stops it.
    cluster: Option<Cluster>,
    /// Databases that no test uses any more.
    pub(crate) unused: Mutex<Vec<String>>,
    programs: OnceLock<Option<PathBuf>>,
}

/// Where a [`Server`] comes from. Its text is meant for messages.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// It was running already and `DATABASE_URL` names it.
    Given,
    /// It was started by this process from programs that are installed.
    Installed {
        /// The directory of `initdb` and `postgres`.
        bin_dir: PathBuf,
        /// What led to that directory: `PATH`, `Homebrew`, …
        place: String,
    },
    /// It was started by this process from programs that were downloaded, now or earlier.
    Downloaded {
        /// The directory of `initdb` and `postgres`.
        bin_dir: PathBuf,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => write!(out, "the server of {GIVEN}"),
            Self::Installed { bin_dir, place } => {
                write!(out, "a throw-away server from {} (found by {place})", bin_dir.display())
            }
            Self::Downloaded { bin_dir } => {
                write!(out, "a throw-away server from {} (downloaded)", bin_dir.display())
            }
        }
    }
}

impl Server {
    /// The server of this process. The first call finds or starts it, which takes about a second;
    /// the others get the same one. It may be called from any runtime.
    ///
    /// # Errors
    ///
    /// When there is no PostgreSQL and none can be had, when it does not start, or when it is older
    /// than version 14. Every call of the process returns the same error.
    pub async fn shared() -> Result<&'static Self, TestkitError> {
        let shared = match SHARED.get() {
            Some(known) => known,
            // Waiting for the first caller blocks, so it does not happen on a runtime's own thread.
            None => tokio::task::spawn_blocking(|| SHARED.get_or_init(|| apart::run(Self::obtain)))
                .await
                .expect("starting a server does not panic, and nobody cancels it"),
        };
        shared.as_ref().map_err(Clone::clone)
    }

    /// A throw-away server for the caller alone, of the same version as the [`shared`](Self::shared)
    /// one, for what the whole server must be set up for. It stops when it is dropped.
    ///
    /// The settings are lines of `postgresql.conf`: `wal_level = logical`.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), threadline_testkit::TestkitError> {
    /// let server = threadline_testkit::Server::with_settings("log_statement = all").await?;
    /// let db = sea_orm::Database::connect(server.url("postgres")).await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`shared`](Self::shared), and when there are no programs of that version on this machine or
    /// they do not start with these settings: the text has the end of the server's log.
    pub async fn with_settings(settings: &str) -> Result<Self, TestkitError> {
        let (version, settings) = (Self::shared().await?.version, settings.to_owned());
        tokio::task::spawn_blocking(move || {
            apart::run(|| Self::throw_away(Some(version), &settings))
        })
        .await
        .expect("starting a server does not panic, and nobody cancels it")
    }

    /// The URL of a database on this server, whether or not there is such a database.
    ///
    /// The role is the superuser of a throw-away server, and the one of `DATABASE_URL` otherwise.
    /// The URL contains its password.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        self.address.database(database)
    }

    /// Whether this process started the server, so that it disappears with the process.
    #[must_use]
    pub fn is_throw_away(&self) -> bool {
        self.cluster.is_some()
    }

    /// The major version: 17 for PostgreSQL 17.2.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Why it is this server, for messages.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// The directory of the server's programs, for tests that run `psql` or `pg_dump`.
    ///
    /// For the server of `DATABASE_URL` it is an installation of the same major version on this
    /// machine, if there is one. Packages made for embedding contain no client programs, so look
    /// whether the one you want is there.
    #[must_use]
    pub fn bin_dir(&self) -> Option<&Path> {
        match &self.origin {
            Origin::Installed { bin_dir, .. } | Origin::Downloaded { bin_dir } => Some(bin_dir),
            Origin::Given => self.programs.get_or_init(|| installed(self.version)).as_deref(),
        }
    }

    pub(crate) fn address(&self) -> &Address {
        &self.address
    }

    /// One connection to the database that the server was given with, for work on other databases.
    pub(crate) async fn administer(&self) -> Result<DatabaseConnection, TestkitError> {
        connect_to_given(self.address.given()).await
    }

    async fn obtain() -> Result<Self, TestkitError> {
        let given = env::var(GIVEN).ok().filter(|url| !url.is_empty());
        let wanted = match Wanted::parse(env::var(WANTED).ok().as_deref())? {
            Wanted::Any => None,
            Wanted::Major(major) => Some(major),
            Wanted::All if given.is_some() => {
                let reason = format!("it is one server, but {WANTED}=all; unset one of them");
                return Err(TestkitError::Setting { variable: GIVEN, reason });
            }
            Wanted::All => return Err(versions::run_on_all().await),
        };
        match given {
            Some(url) => Self::given(&url, wanted).await,
            None => Self::throw_away(wanted, "").await,
        }
    }

    async fn given(url: &str, wanted: Option<u32>) -> Result<Self, TestkitError> {
        let unusable = |reason| TestkitError::Setting { variable: GIVEN, reason };
        let address = Address::parse(url).map_err(unusable)?;
        connection::reach(url).await.map_err(unusable)?;
        let version = version_of(url).await?;
        if version < OLDEST {
            return Err(unusable(format!(
                "the server is PostgreSQL {version}, {OLDEST} is the oldest"
            )));
        }
        if let Some(major) = wanted.filter(|major| *major != version) {
            let reason = format!("the server is PostgreSQL {version}, but {WANTED}={major}");
            return Err(unusable(reason));
        }
        Ok(Self::new(address, version, Origin::Given, None))
    }

    async fn throw_away(wanted: Option<u32>, settings: &str) -> Result<Self, TestkitError> {
        let account = Account::instead_of_root().map_err(TestkitError::NothingFound)?;
        let (origin, bin_dir) = programs(wanted, account).await?;
        let cluster = Cluster::start(&bin_dir, account, settings)
            .map_err(|reason| TestkitError::Start { bin_dir, reason })?;
        let url = cluster.url();
        let address = Address::parse(&url).expect("the cluster writes a valid URL");
        let version = version_of(&url).await?;
        Ok(Self::new(address, version, origin, Some(cluster)))
    }

    fn new(address: Address, version: u32, origin: Origin, cluster: Option<Cluster>) -> Self {
        let (unused, programs) = Default::default();
        Self { address, version, origin, cluster, unused, programs }
    }
}

/// The programs to start a server from: installed, or else downloaded.
pub(crate) async fn programs(
    wanted: Option<u32>,
    account: Option<Account>,
) -> Result<(Origin, PathBuf), TestkitError> {
    let surroundings = Surroundings::here();
    let search = Search::run(&surroundings, &Prober { account });
    if let Some(Installation { bin_dir, place, .. }) = search.best(wanted).cloned() {
        return Ok((Origin::Installed { bin_dir: bin_dir.clone(), place }, bin_dir));
    }
    if let Some(directory) = surroundings.explicit {
        let found = search.installations.first().map(|it| format!("it is PostgreSQL {}", it.major));
        let reason = found.or_else(|| Some(search.rejected.first()?.reason.clone()));
        let reason = format!("{}: {}", directory.display(), reason.unwrap_or_default());
        return Err(TestkitError::Setting { variable: "THREADLINE_PG_BIN", reason });
    }
    match download::programs(wanted, account).await {
        Ok(bin_dir) => Ok((Origin::Downloaded { bin_dir: bin_dir.clone() }, bin_dir)),
        Err(failure) => {
            let text = nothing_found(System::here(), &search, wanted, &failure);
            Err(TestkitError::NothingFound(text))
        }
    }
}

fn installed(major: u32) -> Option<PathBuf> {
    // Only client programs are wanted, which may run as anybody.
    let search = Search::run(&Surroundings::here(), &Prober { account: None });
    search.best(Some(major)).map(|it| it.bin_dir.clone())
}

async fn connect_to_given(url: &str) -> Result<DatabaseConnection, TestkitError> {
    Database::connect(connection::options(url, 1))
        .await
        .map_err(|error| TestkitError::database("connecting to the test server", &error))
}

async fn version_of(url: &str) -> Result<u32, TestkitError> {
    let db = connect_to_given(url).await?;
    let doing = "asking the test server for its version";
    let number = ask::<i32>(&db, "SELECT current_setting('server_version_num')::int4")
        .await
        .map_err(|error| TestkitError::database(doing, &error))?;
    connection::close(db).await;
    let version = number.and_then(|it| u32::try_from(it / 10_000).ok());
    version.ok_or_else(|| TestkitError::Database {
        doing: doing.to_owned(),
        reason: format!("the answer was {number:?}"),
    })
}
