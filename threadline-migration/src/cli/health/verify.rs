//! `threadline verify-coverage`: what fails a build.

use std::collections::BTreeSet;

use clap::Args;
use sea_orm::ConnectionTrait;
use threadline::TableName;

use super::super::exit::Verdict;
use super::super::failure::Failure;
use super::super::names::{self, Tables};
use super::super::output::Output;
use super::super::policy::distinct;
use super::{options, shown, table, told};
use crate::desired::Desired;
use crate::health::{CoverageOptions, Verification, coverage, verify};
use crate::inspect::inspect;
use crate::install::require_schema;

/// Fails if a table that is expected under audit is missing, uncovered, or has an error.
///
/// Expected are the tables that are under audit by what is stored in the database (in a host's binary: the
/// tables of the registered entities), and those of --tables. A table whose audit was taken away with
/// `detach` is not expected any more: name those that must not be lost.
#[derive(Clone, Debug, Args)]
pub(crate) struct VerifyCoverage {
    /// Tables that are expected as well: `posts` is public.posts, others are written with their schema.
    #[arg(long, value_name = "TABLE,…", value_parser = names::tables)]
    tables: Vec<Tables>,
    /// Asks for the expected tables of this schema only.
    #[arg(long, value_name = "NAME")]
    host_schema: Option<String>,
}

impl VerifyCoverage {
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        out: Output,
    ) -> Result<Verdict, Failure> {
        let expected = self.expected(db, desired).await?;
        if expected.is_empty() {
            return Err(Failure::new(
                "nothing_expected",
                "nothing to verify: no table is expected under audit; name some with --tables, or \
                 put tables under audit first"
                    .to_owned(),
            ));
        }
        // An expected table may lie in a schema that is gone, and is missing then.
        let mut coverage = coverage(db, desired, &CoverageOptions::default()).await?;
        if let Some(schema) = &self.host_schema {
            options(Some(schema)).check(&coverage.schemas)?;
            coverage.findings.retain(|found| found.table.is_none() || found.schema == *schema);
        }
        let verification = verify(&coverage, &expected);
        out.text(text(&verification));
        out.document(&verification);
        Ok(if verification.passes { Verdict::Fine } else { Verdict::Findings })
    }

    async fn expected(
        &self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
    ) -> Result<BTreeSet<TableName>, Failure> {
        let mut expected: BTreeSet<TableName> = distinct(&self.tables)?.into_iter().collect();
        match desired {
            Desired::Registry(registry) => {
                expected.extend(registry.tables().map(|spec| spec.table().clone()));
            }
            Desired::Installed => {
                require_schema(db).await?;
                expected.extend(inspect(db).await?.names()?);
            }
        }
        if let Some(schema) = &self.host_schema {
            expected.retain(|table| table.schema() == schema);
        }
        Ok(expected)
    }
}

fn text(verification: &Verification) -> String {
    let rows: Vec<[String; 2]> = verification
        .tables
        .iter()
        .map(|verified| [shown(&verified.table), verified.status.to_owned()])
        .collect();
    format!(
        "{}summary: {}/{} expected tables covered ({} violated)\n{}{}",
        table::columns(["TABLE", "STATUS"], &rows),
        verification.covered,
        verification.expected,
        verification.violations.len(),
        told("Errors about expected tables, which fail this check", &verification.gated),
        told("Other findings, which fail nothing", &verification.not_gated),
    )
}
