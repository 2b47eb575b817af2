//! `threadline health coverage`.

use std::collections::BTreeMap;

use clap::Args;
use sea_orm::ConnectionTrait;
use serde::Serialize;
use threadline::TableName;

use super::super::exit::Verdict;
use super::super::failure::Failure;
use super::super::output::Output;
use super::{options, shown, table, told};
use crate::desired::Desired;
use crate::health::{Cover, Coverage, HealthFinding, Severity, Source, TableCoverage, coverage};

/// Shows which tables are under audit, which are not, and what was found.
///
/// It always ends with exit code 0, so that it can be looked at; `verify-coverage` is what fails a build.
#[derive(Clone, Debug, Args)]
pub(crate) struct ShowCoverage {
    /// The schema whose tables are looked at.
    #[arg(long, value_name = "NAME", default_value = "public", conflicts_with = "all_schemas")]
    host_schema: String,
    /// Looks at the tables of every schema.
    #[arg(long)]
    all_schemas: bool,
    /// Ends with exit code 1 if there is an error among the findings.
    #[arg(long)]
    strict: bool,
}

/// One schema.
#[derive(Debug, Serialize)]
struct Payload<'a> {
    schema: &'a str,
    covered: Vec<&'a TableCoverage>,
    uncovered: Vec<&'a TableCoverage>,
    expected_uncovered: Vec<Expected<'a>>,
    findings: Vec<&'a HealthFinding>,
}

#[derive(Debug, Serialize)]
struct Expected<'a> {
    table: &'a TableName,
    source: Source,
}

#[derive(Debug, Serialize)]
struct Everything<'a> {
    schemas: BTreeMap<&'a str, Payload<'a>>,
    summary: Summary,
    /// About the trail as a whole.
    findings: Vec<&'a HealthFinding>,
}

#[derive(Debug, Serialize)]
struct Summary {
    covered: usize,
    uncovered: usize,
    expected_uncovered: usize,
    errors: usize,
    warnings: usize,
}

impl ShowCoverage {
    pub(crate) async fn run(
        self,
        db: &impl ConnectionTrait,
        desired: Desired<'_>,
        out: Output,
    ) -> Result<Verdict, Failure> {
        let schema = (!self.all_schemas).then_some(self.host_schema.as_str());
        let coverage = coverage(db, desired, &options(schema)).await?;
        out.text(text(&coverage));
        match schema {
            Some(schema) => out.document(&payload(&coverage, schema, true)),
            None => out.document(&everything(&coverage)),
        }
        let is_bad = coverage.findings.iter().any(|found| found.severity == Severity::Error);
        Ok(if self.strict && is_bad { Verdict::Findings } else { Verdict::Fine })
    }
}

fn text(coverage: &Coverage) -> String {
    let rows: Vec<[String; 3]> = coverage
        .tables
        .iter()
        .map(|table| [shown(&table.table), status(table.cover).to_owned(), source(table.cover)])
        .collect();
    let summary = format!(
        "Coverage: {} covered, {} uncovered, {} expected uncovered\n",
        coverage.covered(),
        coverage.uncovered(),
        coverage.expected_uncovered()
    );
    let table = table::columns(["TABLE", "STATUS", "SOURCE"], &rows);
    format!("{table}{summary}{}", told("Findings", &coverage.findings))
}

fn status(cover: Cover) -> &'static str {
    match cover {
        Cover::Covered => "covered",
        Cover::Uncovered => "uncovered",
        Cover::ExpectedUncovered { .. } => "expected uncovered",
    }
}

fn source(cover: Cover) -> String {
    match cover {
        Cover::ExpectedUncovered { source } => source.as_str().to_owned(),
        _ => String::new(),
    }
}

/// The part of `schema`; with the findings about the trail if it is the whole answer.
fn payload<'a>(coverage: &'a Coverage, schema: &'a str, is_all: bool) -> Payload<'a> {
    let tables = || coverage.tables.iter().filter(|table| table.table.schema() == schema);
    let expected = |table: &'a TableCoverage| match table.cover {
        Cover::ExpectedUncovered { source } => Some(Expected { table: &table.table, source }),
        _ => None,
    };
    let is_here = |found: &&HealthFinding| {
        (is_all && found.table.is_none()) || (found.schema == schema && found.table.is_some())
    };
    Payload {
        schema,
        covered: tables().filter(|table| table.cover == Cover::Covered).collect(),
        uncovered: tables().filter(|table| table.cover == Cover::Uncovered).collect(),
        expected_uncovered: tables().filter_map(expected).collect(),
        findings: coverage.findings.iter().filter(is_here).collect(),
    }
}

fn everything(coverage: &Coverage) -> Everything<'_> {
    let schemas = coverage.schemas.iter();
    let count =
        |severity| coverage.findings.iter().filter(|found| found.severity == severity).count();
    Everything {
        schemas: schemas.map(|name| (name.as_str(), payload(coverage, name, false))).collect(),
        summary: Summary {
            covered: coverage.covered(),
            uncovered: coverage.uncovered(),
            expected_uncovered: coverage.expected_uncovered(),
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
        },
        findings: coverage.findings.iter().filter(|found| found.table.is_none()).collect(),
    }
}
