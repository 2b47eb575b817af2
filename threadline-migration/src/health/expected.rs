//! Which tables are expected not to be audited.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use threadline::{Registry, TableName};

use super::inventory::HostTable;
use crate::desired::Desired;
use crate::error::Error;

/// Tables of migration tools, which a host does not write.
const BASELINE: [&str; 2] = ["seaql_migrations", "schema_migrations"];

/// Why a table is expected to be uncovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Source {
    /// It belongs to a migration tool or to an extension.
    Baseline,
    /// The registry or the policy names it.
    Config,
}

impl Source {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Config => "config",
        }
    }
}

/// Which tables are expected to be uncovered, beside those that a registry names as exempt or live.
///
/// It is plain data, so it can come from a file; whatever does not hold together is an error of
/// [`validate`](Self::validate), to be called when the program starts. Tables are named as `invoices` (in
/// the schema `public`) or `billing.invoices`. `seaql_migrations`, `schema_migrations` and the tables of
/// extensions are expected to be uncovered unless they are in `audit_anyway`.
///
/// ```
/// use threadline_migration::health::CoveragePolicy;
///
/// let policy: CoveragePolicy = serde_json::from_str(
///     r#"{"expected_uncovered_tables": ["sessions"], "audit_anyway": ["schema_migrations"]}"#,
/// )?;
/// policy.validate(None)?;
/// let twice = CoveragePolicy::default().expect_uncovered("sessions").expect_uncovered("public.sessions");
/// assert!(twice.validate(None).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct CoveragePolicy {
    /// Tables that are knowingly not under audit.
    pub expected_uncovered_tables: Vec<String>,
    /// Tables that are expected to be uncovered otherwise, and shall not be.
    pub audit_anyway: Vec<String>,
}

impl CoveragePolicy {
    /// Names a table that is knowingly not under audit.
    #[must_use]
    pub fn expect_uncovered(mut self, table: impl Into<String>) -> Self {
        self.expected_uncovered_tables.push(table.into());
        self
    }

    /// Names a table that shall be under audit though it is expected to be uncovered otherwise.
    #[must_use]
    pub fn audit_anyway(mut self, table: impl Into<String>) -> Self {
        self.audit_anyway.push(table.into());
        self
    }

    /// Whether it holds together, by itself and with `registry`, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::CoveragePolicy`] with every contradiction: a name that is none, a table that is named
    /// twice or in both lists, one that the registry audits and that is expected to be uncovered, and one
    /// in `audit_anyway` that nothing expects to be uncovered.
    pub fn validate(&self, registry: Option<&Registry>) -> Result<(), Error> {
        let mut problems = Vec::new();
        let expected = named(&self.expected_uncovered_tables, EXPECTED, &mut problems);
        let anyway = named(&self.audit_anyway, ANYWAY, &mut problems);
        for table in &expected {
            if anyway.contains(table) {
                problems.push(format!("{table} is in both lists: take it out of one"));
            }
            if registry.is_some_and(|registry| registry.get(table).is_some()) {
                problems.push(format!(
                    "{table} is in `{EXPECTED}`, and the registry puts it under audit: take it out of one"
                ));
            }
        }
        for table in anyway.iter().filter(|table| !expected.contains(table)) {
            let is_exempt = registry.is_some_and(|registry| is_named(registry, table));
            // What an extension has made is known to the database only.
            if registry.is_some() && !is_exempt && !is_baseline(table) {
                problems.push(format!(
                    "{table} is in `{ANYWAY}`, but nothing expects it to be uncovered: take it out"
                ));
            }
        }
        match problems.is_empty() {
            true => Ok(()),
            false => Err(Error::CoveragePolicy { problems }),
        }
    }
}

const EXPECTED: &str = "expected_uncovered_tables";
const ANYWAY: &str = "audit_anyway";

fn named(texts: &[String], list: &str, problems: &mut Vec<String>) -> BTreeSet<TableName> {
    let mut tables = BTreeSet::new();
    for text in texts {
        match TableName::parse(text) {
            Err(error) => problems.push(format!("`{list}`: {error}")),
            Ok(table) if tables.contains(&table) => {
                problems.push(format!("{table} is twice in `{list}`: take it out once"));
            }
            Ok(table) => {
                tables.insert(table);
            }
        }
    }
    tables
}

fn is_baseline(table: &TableName) -> bool {
    BASELINE.contains(&table.name())
}

fn is_named(registry: &Registry, table: &TableName) -> bool {
    registry.is_exempt(table) || registry.is_live(table)
}

/// What a policy and a registry come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    config: BTreeSet<TableName>,
    anyway: BTreeSet<TableName>,
}

impl Standing {
    /// A policy that does not hold together is an error, and never half of it is believed.
    pub(super) fn of(policy: &CoveragePolicy, desired: &Desired<'_>) -> Result<Self, Error> {
        let registry = match desired {
            Desired::Registry(registry) => Some(*registry),
            Desired::Installed => None,
        };
        policy.validate(registry)?;
        let parse = |texts: &[String]| {
            texts.iter().map(|text| TableName::parse(text)).collect::<Result<BTreeSet<_>, _>>()
        };
        let mut config = parse(&policy.expected_uncovered_tables)?;
        if let Some(registry) = registry {
            config.extend(registry.exempt().chain(registry.live()).cloned());
        }
        Ok(Self { config, anyway: parse(&policy.audit_anyway)? })
    }

    /// Why `table` is expected to be uncovered; `None` if it is not.
    pub(super) fn source(&self, table: &TableName, host: &HostTable) -> Option<Source> {
        if self.anyway.contains(table) {
            return None;
        }
        if self.config.contains(table) {
            return Some(Source::Config);
        }
        (is_baseline(table) || host.extension.is_some()).then_some(Source::Baseline)
    }
}
