//! Whether everything that should be recorded is, and nothing that should not: for the operator pages, the
//! command line and tests.
//!
//! [`coverage`] says of each table whether its writes are recorded, [`findings`] what is wrong and what
//! mends it, and [`policy_drift`] whether what is kept out of the trail is what is configured. Each looks at
//! the catalog with a handful of statements, however many tables there are, and changes nothing: a
//! read-only transaction is enough. `docs/health.md` has a section on every finding.
//!
//! The role needs SELECT on the tables `schema_version`, `audited_tables`, `audit_transactions` and
//! `audit_changes` of the trail, and nothing else.
//!
//! ```no_run
//! # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
//! use threadline_migration::health::{CoverageOptions, Severity, coverage, violations};
//!
//! let registry = threadline::Registry::collect()?;
//! let coverage = coverage(&db, &registry, &CoverageOptions::default()).await?;
//! println!("{} covered, {} uncovered", coverage.covered(), coverage.uncovered());
//! for finding in coverage.findings.iter().filter(|finding| finding.severity == Severity::Error) {
//!     println!("{finding}");
//! }
//! let expected = registry.tables().map(|spec| spec.table());
//! assert!(violations(&coverage, expected).is_empty());
//! # Ok(())
//! # }
//! ```

mod code;
mod coverage;
mod doctor;
mod examine;
mod expected;
mod finding;
mod gate;
mod inventory;
mod redaction;
mod trail;

use sea_orm::ConnectionTrait;
use serde::Serialize;
use threadline::TableName;

use crate::desired::Desired;
use crate::error::Error;
pub use code::{Code, Severity};
pub use coverage::{Cover, Coverage, CoverageOptions, TableCoverage};
pub use doctor::{Check, Diagnosis, Verdict, doctor};
use examine::examine;
use expected::Standing;
pub use expected::{CoveragePolicy, Source};
pub use finding::HealthFinding;
pub use gate::{Lack, Verification, Verified, Violation, verify, violations};
pub use redaction::{ColumnStanding, DriftState, PolicyStanding};

/// Everything at once, as it stood at one look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Health {
    /// Which tables are under audit, and what was found.
    pub coverage: Coverage,
    /// What is kept out of the trail, as configured and as deployed.
    pub policies: Vec<PolicyStanding>,
}

/// Says of every table whether its writes are recorded, and what was found about them and the trail.
///
/// `desired` is a [`Registry`](threadline::Registry), or [`Desired::Installed`] where the host's code is
/// not at hand: then the stored policies are what is wanted.
///
/// # Errors
///
/// [`Error::UnknownSchema`] for a schema that is not there, [`Error::CoveragePolicy`],
/// [`Error::SchemaMissing`] for [`Desired::Installed`] on a database without a trail, and [`Error::Db`].
pub async fn coverage<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
    options: &CoverageOptions,
) -> Result<Coverage, Error> {
    Ok(health(db, desired, options).await?.coverage)
}

/// The tables of `options` and whether the writes of each are recorded, sorted by name.
///
/// # Errors
///
/// As [`coverage`](fn@coverage).
pub async fn trigger_coverage<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
    options: &CoverageOptions,
) -> Result<Vec<(Cover, TableName)>, Error> {
    let coverage = coverage(db, desired, options).await?;
    Ok(coverage.tables.into_iter().map(|covered| (covered.cover, covered.table)).collect())
}

/// Everything that is not as it should be, or worth knowing, about the tables of `options` and the trail;
/// sorted by schema, table, code and reason.
///
/// # Errors
///
/// As [`coverage`](fn@coverage).
pub async fn findings<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
    options: &CoverageOptions,
) -> Result<Vec<HealthFinding>, Error> {
    Ok(coverage(db, desired, options).await?.findings)
}

/// Compares what is kept out of the trail, table by table, with what is configured: those that differ
/// first, then those of which it cannot be told, then the others, each group sorted by name.
///
/// What is deployed is what the recorded policy says, if the capture function that is there is the one that
/// was made from it; of any other function nothing is believed. No value of a table is ever read.
///
/// # Errors
///
/// [`Error::SchemaMissing`] for [`Desired::Installed`] on a database without a trail, and [`Error::Db`].
pub async fn policy_drift<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
) -> Result<Vec<PolicyStanding>, Error> {
    redaction::all(&examine(db, &desired.into()).await?)
}

/// [`coverage`](fn@coverage) and [`policy_drift`], from one look at the database.
///
/// # Errors
///
/// As [`coverage`](fn@coverage).
pub async fn health<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
    options: &CoverageOptions,
) -> Result<Health, Error> {
    let desired = desired.into();
    let standing = Standing::of(options.expected(), &desired)?;
    let seen = examine(db, &desired).await?;
    let coverage = coverage::of(&seen, &standing, options)?;
    Ok(Health { coverage, policies: redaction::all(&seen)? })
}
