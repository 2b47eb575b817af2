//! Coverage, findings and policy drift, each on a fault made by SQL.

mod covered;
mod faults;
mod gate;
mod of_the_trail;
mod redacted;

use threadline::TableSpec;
use threadline_migration::health::{
    Code, Coverage, CoverageOptions, HealthFinding, Severity, coverage,
};
use threadline_migration::{Desired, Mend};

use crate::fixture::{Fixture, registry};

const T: &str = "CREATE TABLE t (id int PRIMARY KEY, v text)";

/// The coverage by what `specs` want.
async fn covered(f: &Fixture, specs: impl IntoIterator<Item = TableSpec>) -> Coverage {
    let registry = registry(specs);
    coverage(&f.db, &registry, &CoverageOptions::default()).await.expect("it can be read")
}

/// The coverage by the stored policies.
async fn stored(f: &Fixture) -> Coverage {
    let options = CoverageOptions::default();
    coverage(&f.db, Desired::Installed, &options).await.expect("it can be read")
}

/// The findings as `code table`, without remarks.
fn codes(coverage: &Coverage) -> Vec<String> {
    let notable = coverage.findings.iter().filter(|found| found.severity != Severity::Info);
    notable
        .map(|found| match &found.table {
            Some(table) => format!("{} {table}", found.code),
            None => found.code.to_string(),
        })
        .collect()
}

fn the(coverage: &Coverage, code: Code) -> &HealthFinding {
    let found = coverage.findings.iter().find(|found| found.code == code);
    found.unwrap_or_else(|| panic!("no {code} in {:#?}", coverage.findings))
}

fn sql(finding: &HealthFinding) -> &str {
    match &finding.mend {
        Some(Mend::Sql(sql)) => sql,
        other => panic!("{finding} is mended by {other:?}"),
    }
}
