//! What a filter may ask for: nothing that cannot be, and nothing that would read the whole trail.

use super::{Filter, FilterProblem, FilterProblems};
use crate::Error;

/// A longer id is never stored, so it can never be found.
const LONGEST_ID: usize = 256;

impl Filter {
    /// Checks the filter, as every reader does before it reads anything.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFilter`] if a value cannot be, if a row is asked for without the one table to look
    /// in, or if no index bounds the search: what is asked of a column, an operation or an address
    /// wants a table, an actor, an action, a correlation id, a request or a time to start from.
    pub fn check(&self) -> Result<(), Error> {
        match self.problems() {
            problems if problems.is_empty() => Ok(()),
            problems => Err(Error::InvalidFilter(FilterProblems(problems))),
        }
    }

    pub(super) fn problems(&self) -> Vec<FilterProblem> {
        let mut problems = Vec::new();
        for (key, terms) in
            [("action", &self.actions), ("corr", &self.correlations), ("request", &self.requests)]
        {
            problems.extend(terms.all().filter_map(|(id, _)| id_problem(key, id)));
        }
        if !self.rows.is_empty() && self.tables.wanted().len() != 1 {
            let row = self.rows.all().next().map(|(row, _)| row.to_string()).unwrap_or_default();
            let why = "a key is one of a table; name exactly one, as in `table=orders`";
            problems.push(FilterProblem::new("row", &row, why));
        }
        if self.capture_only && self.correlations.is_empty() {
            let why = "it widens `corr`, which is not given";
            problems.push(FilterProblem::new("capture_only", "true", why));
        }
        if !self.is_bounded() {
            problems.extend(self.unbounded());
        }
        problems
    }

    /// Whether an index leads to what is wanted.
    fn is_bounded(&self) -> bool {
        self.from.is_some()
            || !self.tables.wanted().is_empty()
            || !self.actors.wanted().is_empty()
            || !self.actions.wanted().is_empty()
            || !self.correlations.wanted().is_empty()
            || !self.requests.wanted().is_empty()
            || !self.transactions.wanted().is_empty()
    }

    /// The first key that would read the whole trail to find something rare.
    fn unbounded(&self) -> Option<FilterProblem> {
        let asked = [
            ("op", !self.operations.is_empty()),
            ("changed", !self.changed.is_empty()),
            ("was", !self.was.is_empty()),
            ("now", !self.now.is_empty()),
            ("kind", !self.kinds.is_empty()),
            ("ip", !self.networks.is_empty()),
        ];
        let (key, _) = asked.into_iter().find(|(_, is_asked)| *is_asked)?;
        let value = self.pairs().into_iter().find(|(name, _)| *name == key)?.1;
        let why = "alone it would read the whole trail; add a table, an actor, an action, a correlation \
                   id, or a time to start from, as in `from=-24h`";
        Some(FilterProblem::new(key, &value, why))
    }
}

fn id_problem(key: &str, id: &str) -> Option<FilterProblem> {
    let why = match id {
        "" => "it is blank; leave the key out to see every change".to_owned(),
        id if id.contains('\0') => "nothing that is stored contains a NUL character".to_owned(),
        id if key != "action" && id.len() > LONGEST_ID => {
            format!("it has {} bytes; no more than {LONGEST_ID} are ever stored", id.len())
        }
        _ => return None,
    };
    Some(FilterProblem::new(key, id, why))
}
