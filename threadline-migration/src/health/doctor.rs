//! Everything at once: the connection, the server, the role, and what was found.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};
use threadline::spec::quote::Ident;
use threadline::trail::{OwnSql, TRAIL};

use super::code::Severity;
use super::coverage::CoverageOptions;
use super::redaction::DriftState;
use super::{Health, health};
use crate::catalog::all;
use crate::desired::Desired;
use crate::error::Error;
use crate::install::{CURRENT_VERSION, installed_version};
use crate::status::Mend;

/// How a check has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// As it should be.
    Good,
    /// Worth knowing.
    Info,
    /// Look at it soon.
    Warning,
    /// Something is wrong now.
    Error,
}

impl Verdict {
    /// The word for it, in small letters, as in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    fn of(severity: Severity) -> Self {
        match severity {
            Severity::Error => Self::Error,
            Severity::Warning => Self::Warning,
            Severity::Info => Self::Info,
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Check {
    /// What was looked at: `server`, `schema`, `role`, `context`, `statistics`, `coverage`, `redaction`, or
    /// the code of a finding.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was seen, for people.
    pub told: String,
    /// What mends it; `None` if nothing has to be done.
    pub mend: Option<Mend>,
}

/// Every check. As JSON (keys are only ever added):
///
/// ```json
/// {"verdict": "good", "checks": [{"name": "server", "verdict": "good",
///    "told": "PostgreSQL 15.14", "mend": null}]}
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// The worst of the verdicts.
    pub verdict: Verdict,
    /// In the order in which they were made: the server, the trail, the tables, each finding.
    pub checks: Vec<Check>,
}

const QUESTION: OwnSql = OwnSql(
    "SELECT jsonb_build_object(
        'version', current_setting('server_version'),
        'version_num', current_setting('server_version_num')::int,
        'is_standby', pg_is_in_recovery(),
        'role', current_user,
        'is_superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = current_user),
        'owner', pg_get_userbyid(c.relowner),
        'is_owner', coalesce(pg_has_role(c.relowner, 'USAGE'), false),
        'unreadable', ARRAY(
            SELECT t.name FROM unnest(ARRAY['schema_version', 'audited_tables', 'audit_transactions',
                'audit_changes']) t(name)
            WHERE NOT has_table_privilege(to_regclass('threadline.' || t.name), 'SELECT')),
        'context', nullif(current_setting('threadline.context', true), ''),
        'counts', current_setting('track_counts')::boolean) AS seen
    FROM (SELECT to_regclass('threadline.audited_tables') AS oid) o LEFT JOIN pg_class c ON c.oid = o.oid",
);

/// What the server says of itself and of the connection.
#[derive(Debug, Deserialize)]
struct Seen {
    version: String,
    version_num: i32,
    is_standby: bool,
    role: String,
    is_superuser: bool,
    /// Of the trail, if there is one.
    owner: Option<String>,
    is_owner: bool,
    /// Tables of the trail that the role may not read.
    unreadable: Vec<String>,
    /// The context that every transaction of this connection begins with.
    context: Option<String>,
    counts: bool,
}

/// Looks at everything: the server, the role that is connected, the schema of the trail, every table, and
/// what is kept out of the trail. What cannot be looked at, for want of a right, is a check that says so.
///
/// ```no_run
/// # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
/// use threadline_migration::{Desired, health};
///
/// let diagnosis = health::doctor(&db, Desired::Installed, &Default::default()).await?;
/// for check in diagnosis.checks.iter().filter(|check| check.verdict > health::Verdict::Info) {
///     println!("{}: {}", check.name, check.told);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`Error::CoveragePolicy`], [`Error::UnknownSchema`] and [`Error::Db`].
pub async fn doctor<'a, C: ConnectionTrait>(
    db: &C,
    desired: impl Into<Desired<'a>>,
    options: &CoverageOptions,
) -> Result<Diagnosis, Error> {
    let seen = look(db).await?;
    let mut checks = vec![server(&seen), role(&seen)];
    checks.extend(unreadable(&seen));
    checks.extend(context(&seen));
    checks.extend(statistics(&seen));
    // Without the first right not even the version of the schema can be told.
    if seen.unreadable.is_empty() {
        let version = installed_version(db).await?;
        checks.push(schema(version));
        if version == CURRENT_VERSION {
            checks.extend(of_health(&health(db, desired, options).await?));
        }
    }
    let verdict = checks.iter().map(|check| check.verdict).max().unwrap_or(Verdict::Good);
    Ok(Diagnosis { verdict, checks })
}

async fn look<C: ConnectionTrait>(db: &C) -> Result<Seen, Error> {
    // Before anything is asked of a schema that nobody named.
    threadline::schema()?;
    let rows = all(db, &QUESTION.text(), []).await?;
    let row = rows.first().ok_or_else(|| DbErr::RecordNotFound("the server".to_owned()))?;
    let seen: serde_json::Value = row.try_get("", "seen")?;
    Ok(serde_json::from_value(seen).map_err(|error| DbErr::Type(error.to_string()))?)
}

fn check(name: &'static str, verdict: Verdict, told: String, advice: Option<String>) -> Check {
    Check { name, verdict, told, mend: advice.map(Mend::Advice) }
}

fn server(seen: &Seen) -> Check {
    let told = format!("PostgreSQL {}", seen.version);
    if seen.version_num < 140_000 {
        let advice = "Threadline needs PostgreSQL 14 or newer: upgrade the server".to_owned();
        return check("server", Verdict::Error, told, Some(advice));
    }
    if seen.version_num >= 190_000 {
        let advice = "Threadline is tested with PostgreSQL 14 to 18: run its tests on this version";
        return check("server", Verdict::Warning, told, Some(advice.to_owned()));
    }
    if seen.is_standby {
        let advice =
            "this server only reads, as a standby does: connect to the primary to change anything";
        return check("server", Verdict::Info, told + ", a standby", Some(advice.to_owned()));
    }
    check("server", Verdict::Good, told, None)
}

fn role(seen: &Seen) -> Check {
    let Seen { role, owner, .. } = seen;
    let (verdict, told) = match owner {
        None => (Verdict::Info, format!("connected as `{role}`")),
        Some(_) if seen.is_superuser => (
            Verdict::Info,
            format!("connected as `{role}`, a superuser, whom nothing keeps from the trail"),
        ),
        Some(owner) if seen.is_owner => (
            Verdict::Info,
            format!("connected as `{role}`, who has the rights of the trail's owner `{owner}`"),
        ),
        Some(_) => (Verdict::Good, format!("connected as `{role}`, who cannot change the trail")),
    };
    let advice =
        "right for migrations; let the application connect as another role: see docs/roles.md";
    check(
        "role",
        verdict,
        told,
        (verdict == Verdict::Info && owner.is_some()).then(|| advice.to_owned()),
    )
}

fn unreadable(seen: &Seen) -> Option<Check> {
    if seen.unreadable.is_empty() {
        return None;
    }
    let tables: Vec<String> =
        seen.unreadable.iter().map(|table| format!("{TRAIL}.{}", Ident(table))).collect();
    let tables = tables.join(", ");
    Some(Check {
        name: "role",
        verdict: Verdict::Error,
        told: format!(
            "`{}` may not read {tables}, so nothing can be said about the tables",
            seen.role
        ),
        mend: Some(Mend::Sql(format!("GRANT SELECT ON {tables} TO {};", Ident(&seen.role)))),
    })
}

/// What a role or a database sets for every session would be recorded as who acts.
fn context(seen: &Seen) -> Option<Check> {
    seen.context.as_ref()?;
    let told = "this connection begins with a context, under which everything that says nothing of who acts \
                is recorded"
        .to_owned();
    let advice = "take it off the role and the database (ALTER ROLE and ALTER DATABASE, RESET), and set it \
                  for a transaction only: see docs/connection-poolers.md";
    Some(check("context", Verdict::Warning, told, Some(advice.to_owned())))
}

fn statistics(seen: &Seen) -> Option<Check> {
    if seen.counts {
        return None;
    }
    let told = "the server does not count writes (track_counts is off), so a table that has fallen silent \
                is not noticed";
    let advice = "set track_counts to on, which autovacuum needs as well";
    Some(check("statistics", Verdict::Warning, told.to_owned(), Some(advice.to_owned())))
}

fn schema(version: i32) -> Check {
    match version {
        0 => {
            let told = format!("the database has no schema `{TRAIL}` with a trail");
            let advice = "run `threadline install`, or the migration `threadline_migration::v1::Migration`; \
                          if the trail lies in another schema, name that one";
            check("schema", Verdict::Error, told, Some(advice.to_owned()))
        }
        CURRENT_VERSION => {
            check("schema", Verdict::Good, format!("schema {TRAIL}, version {version}"), None)
        }
        _ => {
            let told = format!(
                "schema {TRAIL} has version {version}, and this program knows {CURRENT_VERSION}"
            );
            let advice = "use a version of this program that knows it".to_owned();
            check("schema", Verdict::Error, told, Some(advice))
        }
    }
}

fn of_health(health: &Health) -> Vec<Check> {
    let coverage = &health.coverage;
    let told = format!(
        "{} covered, {} uncovered, {} expected uncovered",
        coverage.covered(),
        coverage.uncovered(),
        coverage.expected_uncovered()
    );
    let verdict = if coverage.uncovered() > 0 { Verdict::Warning } else { Verdict::Good };
    let mut checks = vec![check("coverage", verdict, told, None), redaction(health)];
    checks.extend(coverage.findings.iter().map(|found| {
        let table = found.table.as_ref().map(|table| format!(".{table}")).unwrap_or_default();
        Check {
            name: found.code.as_str(),
            verdict: Verdict::of(found.severity),
            told: format!("{}{table}: {}", found.schema, found.reason),
            mend: found.mend.clone(),
        }
    }));
    checks
}

fn redaction(health: &Health) -> Check {
    let count = |state: DriftState| health.policies.iter().filter(|one| one.state == state).count();
    let (drift, unknown) =
        (count(DriftState::DriftDetected), count(DriftState::CouldNotIntrospect));
    let told = format!(
        "{drift} of {} tables redact otherwise than configured, of {unknown} it cannot be told",
        health.policies.len()
    );
    let exposes = health.policies.iter().any(|one| one.columns.iter().any(|column| column.exposes));
    let verdict = match (exposes || unknown > 0, drift) {
        (true, _) => Verdict::Error,
        (false, 0) => Verdict::Good,
        (false, _) => Verdict::Warning,
    };
    let advice = "`threadline policy show` tells which columns".to_owned();
    check("redaction", verdict, told, (verdict != Verdict::Good).then_some(advice))
}
