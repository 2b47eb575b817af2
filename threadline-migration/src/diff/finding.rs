//! Findings as they are collected.

use crate::health::Code;
use crate::problem::{KeyProblem, Problem};
use crate::status::{Finding, Mend, State};

/// What was found about a table, and what has to run before it can be attached again.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    pub(super) all: Vec<Finding>,
    /// Statements for what attaching alone does not mend.
    pub(super) before: Vec<String>,
}

impl Findings {
    pub(super) fn add(&mut self, finding: Finding) {
        self.all.push(finding);
    }

    pub(super) fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.all.extend(findings);
    }

    pub(super) fn before(&mut self, sql: String) {
        if !self.before.contains(&sql) {
            self.before.push(sql);
        }
    }

    pub(super) fn join(&mut self, other: Self) {
        self.all.extend(other.all);
        other.before.into_iter().for_each(|sql| self.before(sql));
    }
}

/// What keeps a table from being attached as wanted.
pub(super) fn refused(state: State, problem: &Problem, reason: String) -> Finding {
    let cause = problem.key().map(KeyProblem::as_str);
    Finding { cause, ..told(state, problem.code(), reason) }
}

/// What attaching once more mends.
const ATTACH: &str =
    "attach it again: apply a plan, generate a migration, or run `sync` in development";

fn by_attaching(state: State, code: Code, reason: impl Into<String>) -> Finding {
    Finding {
        state,
        code,
        cause: None,
        reason: reason.into(),
        mend: Some(Mend::Advice(ATTACH.to_owned())),
    }
}

pub(super) fn missing(code: Code, reason: impl Into<String>) -> Finding {
    by_attaching(State::Missing, code, reason)
}

pub(super) fn altered(code: Code, reason: impl Into<String>) -> Finding {
    by_attaching(State::Altered, code, reason)
}

pub(super) fn outdated(code: Code, reason: impl Into<String>) -> Finding {
    by_attaching(State::Outdated, code, reason)
}

/// A finding whose reason says what to do.
pub(super) fn told(state: State, code: Code, reason: impl Into<String>) -> Finding {
    Finding { state, code, cause: None, reason: reason.into(), mend: None }
}
