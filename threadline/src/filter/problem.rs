use std::fmt;

use super::text;

/// What is wrong with one key of a filter, for the form or the command line that it was typed into.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FilterProblem {
    /// The key, as it was given.
    pub key: String,
    /// The value, as it was given; its beginning if it is long.
    pub value: String,
    /// What is wrong, and what would do.
    pub why: String,
}

impl FilterProblem {
    /// A problem of this key, which was given this value; of a long one the beginning is kept.
    pub fn new(key: &str, value: &str, why: impl Into<String>) -> Self {
        Self { key: text::shown(key), value: text::shown(value), why: why.into() }
    }
}

impl fmt::Display for FilterProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.value.is_empty() {
            true => write!(f, "`{}`: {}", self.key, self.why),
            false => write!(f, "`{}={}`: {}", self.key, self.value, self.why),
        }
    }
}

/// Everything that is wrong with a filter; there is at least one problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterProblems(pub Vec<FilterProblem>);

impl fmt::Display for FilterProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if position == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}
