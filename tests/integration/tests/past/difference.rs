//! A query that the past and the copy have answered differently.

use std::fmt;

use crate::parameters::Parameters;

pub(crate) struct Difference<'a> {
    pub(crate) query: &'a str,
    pub(crate) parameters: &'a Parameters,
    /// The rows of the copy.
    pub(crate) wanted: &'a [String],
    /// The rows of the past, or its error.
    pub(crate) found: &'a Result<Vec<String>, String>,
}

impl fmt::Display for Difference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}, {:?}", self.query, self.parameters)?;
        let found = match self.found {
            Err(error) => return writeln!(f, "the past says: {error}"),
            Ok(found) => found,
        };
        for row in self.wanted.iter().filter(|row| !found.contains(row)) {
            writeln!(f, "- only in the copy: {row}")?;
        }
        for row in found.iter().filter(|row| !self.wanted.contains(row)) {
            writeln!(f, "+ only in the past: {row}")?;
        }
        writeln!(f, "{} rows in the copy, {} in the past", self.wanted.len(), found.len())
    }
}
