//! What is installed against what is wanted: a pure function.

mod finding;
mod function;
mod library;
mod policy;
mod rows;
mod stray;
mod triggers;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use threadline::{CaptureMode, ColumnName, TableName};

use crate::desired::{Wanted, WantedTable};
use crate::error::Error;
use crate::health::Code;
use crate::inspect::{Installed, Recorded};
use crate::plan::{Step, Verb};
use crate::problem::Problem;
use crate::render::body::body_hash;
use crate::render::{capture, table};
use crate::shape::TableShape;
use crate::status::{Finding, Mend, State, Status, TableStatus};
use finding::{Findings, missing, outdated, refused, told};
use stray::Strays;
#[cfg(feature = "cli")]
pub(crate) use triggers::trigger_names;

/// Everything that was found, and what would be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    /// The schema version of the database, or 0.
    pub(crate) version: i32,
    pub(crate) findings: Vec<Finding>,
    /// Sorted by name.
    pub(crate) tables: Vec<Compared>,
}

/// One table that is wanted, exempt, attached, or has a trigger of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Compared {
    pub(crate) table: TableName,
    pub(crate) is_wanted: bool,
    pub(crate) mode: Option<CaptureMode>,
    pub(crate) since: Option<DateTime<Utc>>,
    complete_since: Option<DateTime<Utc>>,
    /// What is worth knowing, and nothing bad.
    pub(crate) remark: Option<Finding>,
    /// The worst first.
    pub(crate) findings: Vec<Finding>,
    /// What keeps the table from being attached as wanted.
    pub(crate) problems: Vec<Problem>,
    /// Columns that would no longer be redacted.
    pub(crate) weaker: Vec<ColumnName>,
    /// What makes the table as wanted, if it is not and nothing keeps it.
    pub(crate) step: Option<Step>,
    /// What records the rows that it has already, if some may not be in the trail.
    pub(crate) baseline: Option<Step>,
}

impl Compared {
    /// The worst of the findings.
    pub(crate) fn state(&self) -> State {
        self.findings.first().map_or(State::Installed, |finding| finding.state)
    }

    /// Whether the same would be done to the table; how many rows it has is no matter.
    pub(crate) fn is_the_same(&self, other: &Self) -> bool {
        let apart = |compared: &Self| Self { baseline: None, remark: None, ..compared.clone() };
        apart(self) == apart(other)
    }
}

impl Comparison {
    /// For people: without what would be done.
    pub(crate) fn status(self) -> Status {
        let tables = self.tables.into_iter().map(|compared| TableStatus {
            state: compared.state(),
            table: compared.table,
            mode: compared.mode,
            since: compared.since,
            complete_since: compared.complete_since,
            findings: compared.findings.into_iter().chain(compared.remark).collect(),
        });
        let tables = tables.collect();
        Status { schema_version: self.version, findings: self.findings, tables }
    }
}

/// Compares table by table.
pub(crate) fn compare(wanted: &Wanted, installed: &Installed) -> Result<Comparison, Error> {
    let mut names: BTreeSet<TableName> =
        wanted.tables.iter().map(|wanted| wanted.spec.table().clone()).collect();
    names.extend(wanted.exempt.iter().cloned());
    names.extend(installed.names()?);
    let strays = Strays::of(installed);
    for trigger in strays.tables() {
        names.insert(trigger.table()?);
    }
    let tables = names.into_iter().map(|table| compare_one(wanted, installed, &strays, table));
    let tables = tables.collect::<Result<_, Error>>()?;
    Ok(Comparison { version: installed.version, findings: library::check(installed), tables })
}

fn compare_one(
    wanted: &Wanted,
    installed: &Installed,
    strays: &Strays<'_>,
    table: TableName,
) -> Result<Compared, Error> {
    let recorded = installed.attached(&table);
    let this = wanted.get(&table);
    let mut findings = match recorded {
        None => not_attached(this, installed.recorded(&table)),
        Some(recorded) => attached(wanted, installed, &table, recorded)?,
    };
    if wanted.exempt.contains(&table) && recorded.is_none() {
        findings.add(told(
            State::Exempt,
            Code::ExpectedUncovered,
            "it is named as expected to be uncovered",
        ));
    }
    findings.join(strays.check(&table, this.is_some()));
    findings.all.sort_by_key(|finding| std::cmp::Reverse(finding.state));
    let problems = this.map(|this| problems(this, strays, recorded)).unwrap_or_default();
    let step = match this.map(|this| (&this.shape, &this.spec)) {
        Some((Ok(shape), spec)) if problems.is_empty() && !findings.all.is_empty() => {
            Some(step(recorded.is_some(), shape, table::attach(shape, spec)?, &findings))
        }
        _ => None,
    };
    let is_lost = findings.all.first().is_some_and(|worst| worst.state == State::Missing);
    let baseline = match this {
        Some(this) if this.shape.is_ok() => rows::baseline(this, recorded, is_lost)?,
        _ => None,
    };
    Ok(Compared {
        is_wanted: this.is_some(),
        complete_since: recorded.and_then(|recorded| recorded.complete_since),
        remark: recorded.and_then(|recorded| rows::remark(&table, recorded)),
        baseline,
        mode: recorded.map(|recorded| recorded.capture_mode),
        since: recorded.map(|recorded| recorded.since),
        findings: findings.all,
        problems,
        weaker: weaker(this, recorded),
        step,
        table,
    })
}

fn not_attached(wanted: Option<&WantedTable>, recorded: Option<&Recorded>) -> Findings {
    let mut findings = Findings::default();
    let Some(wanted) = wanted else { return findings };
    let detached_at = recorded.and_then(|recorded| recorded.detached_at);
    findings.add(match (&wanted.shape, detached_at) {
        (Err(Problem::MissingTable), _) => {
            told(State::Missing, Code::MissingTable, Problem::MissingTable.reason())
        }
        (Err(problem), _) => {
            let reason = format!("it is not attached and cannot be: {}", problem.reason());
            refused(State::Missing, problem, reason)
        }
        (Ok(_), Some(moment)) => {
            missing(Code::NotAttached, format!("it was detached on {}", day(moment)))
        }
        (Ok(_), None) => missing(Code::NotAttached, "it is not attached"),
    });
    findings
}

fn attached(
    wanted: &Wanted,
    installed: &Installed,
    table: &TableName,
    recorded: &Recorded,
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    let this = wanted.get(table);
    let since = day(recorded.since);
    if recorded.relation.is_none() {
        findings.add(match this {
            Some(_) => told(
                State::Missing,
                Code::MissingTable,
                format!("it is attached since {since}, but it does not exist: was it renamed or dropped?"),
            ),
            None => Finding {
                state: State::Orphan,
                code: Code::DroppedTable,
                cause: None,
                reason: format!("it is attached since {since}, but there is no such table any more"),
                mend: Some(Mend::Sql(table::detach(table)?)),
            },
        });
        return Ok(findings);
    }
    findings.join(function::check(installed, table, recorded));
    findings.join(triggers::check(installed, table, recorded)?);
    if let Err(reason) = recorded.policy() {
        findings.add(told(State::Altered, Code::UnreadablePolicy, reason));
    }
    match this {
        Some(this) => findings.extend(changed(installed, this, recorded)?),
        None if wanted.is_complete => findings.add(unknown(wanted.exempt.contains(table))),
        None => {}
    }
    Ok(findings)
}

/// What is as it was installed, but would be installed otherwise today.
fn changed(
    installed: &Installed,
    wanted: &WantedTable,
    recorded: &Recorded,
) -> Result<Vec<Finding>, Error> {
    let shape = match &wanted.shape {
        Ok(shape) => shape,
        Err(problem) => {
            let reason = format!("it cannot be attached again: {}", problem.reason());
            return Ok(vec![refused(State::Outdated, problem, reason)]);
        }
    };
    let reasons = match recorded.policy() {
        Ok(stored) => policy::differences(recorded, &stored, &wanted.spec, shape),
        Err(_) => Vec::new(),
    };
    if !reasons.is_empty() {
        return Ok(reasons.into_iter().map(policy::Difference::finding).collect());
    }
    let function = installed.functions.get(&table::bare_function_name(wanted.spec.table()));
    let hash = body_hash(&capture::function(shape, &wanted.spec)?);
    let is_as_installed =
        |found: &String| recorded.function_hash.as_ref().is_none_or(|hash| hash == found);
    let mut found = Vec::new();
    if function.is_some_and(|function| {
        is_as_installed(&function.body_hash) && hash.as_ref() != Some(&function.body_hash)
    }) {
        found.push(outdated(
            Code::Outdated,
            "its capture function would be written otherwise by this version",
        ));
    }
    if !rows::has_recorder(installed, wanted.spec.table(), &capture::recorder(shape, &wanted.spec)?)
    {
        found.push(outdated(
            Code::Outdated,
            "the function that records the rows it has already is missing, or is not the one of this \
             version",
        ));
    }
    Ok(found)
}

fn unknown(is_exempt: bool) -> Finding {
    let (code, reason, advice) = if is_exempt {
        (
            Code::ExemptButAudited,
            "it is named as expected to be uncovered, but it is attached",
            "detach it, or take it out of the exempt tables and register it",
        )
    } else {
        (
            Code::Unregistered,
            "it is attached, but the registry does not know it",
            "link the crate of its entity in (`use entity as _;`) or register it; or detach it",
        )
    };
    let mend = Some(Mend::Advice(advice.to_owned()));
    Finding { state: State::Orphan, code, cause: None, reason: reason.to_owned(), mend }
}

fn problems(
    wanted: &WantedTable,
    strays: &Strays<'_>,
    recorded: Option<&Recorded>,
) -> Vec<Problem> {
    let mut problems: Vec<Problem> = wanted.shape.as_ref().err().cloned().into_iter().collect();
    if let Some(Err(reason)) = recorded.map(Recorded::policy) {
        problems.push(Problem::Refused(reason));
    }
    if wanted.shape.is_ok() {
        problems.extend(strays.name_is_taken(wanted.spec.table()).map(Problem::Refused));
    }
    problems
}

fn weaker(wanted: Option<&WantedTable>, recorded: Option<&Recorded>) -> Vec<ColumnName> {
    let stored = recorded.and_then(|recorded| recorded.policy().ok());
    match (stored, wanted.map(|wanted| (&wanted.spec, &wanted.shape))) {
        (Some(stored), Some((spec, Ok(shape)))) => policy::weaker_columns(&stored, spec, shape),
        _ => Vec::new(),
    }
}

fn step(is_attached: bool, shape: &TableShape, attach: String, findings: &Findings) -> Step {
    let mut sql = String::new();
    for statement in &findings.before {
        sql.push_str(statement);
        sql.push('\n');
    }
    Step {
        table: shape.table.clone(),
        verb: if is_attached { Verb::Replace } else { Verb::Attach },
        mode: Some(shape.mode),
        mode_reason: Some(shape.reason.clone()),
        reasons: findings.all.iter().map(|finding| finding.reason.clone()).collect(),
        sql: sql + &attach,
    }
}

fn day(moment: DateTime<Utc>) -> String {
    moment.format("%Y-%m-%d").to_string()
}

/// What taking an attached table out of the audit comes to.
pub(crate) fn detached(installed: &Installed, table: &TableName) -> Result<Compared, Error> {
    let taken = Strays::of(installed).name_is_taken(table).map(Problem::Refused);
    Ok(Compared {
        table: table.clone(),
        is_wanted: true,
        mode: None,
        since: None,
        complete_since: None,
        remark: None,
        baseline: None,
        findings: Vec::new(),
        problems: taken.into_iter().collect(),
        weaker: Vec::new(),
        step: Some(Step {
            table: table.clone(),
            verb: Verb::Detach,
            mode: None,
            mode_reason: None,
            reasons: vec!["what was recorded stays".to_owned()],
            sql: table::detach(table)?,
        }),
    })
}
