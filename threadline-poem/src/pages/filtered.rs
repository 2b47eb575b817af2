//! A filter out of an address: every key is understood, or nothing is read.

use threadline::{Error, Filter, FilterProblem, FilterProblems};

/// More conditions than this are no question of a person.
const MAX_TERMS: usize = 32;
/// The longest value of a condition, in characters.
const MAX_VALUE: usize = 256;

/// The filter of these pairs; with every problem, key by key, if it cannot be.
pub(crate) fn filter_of<'p>(
    pairs: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> Result<Filter, FilterProblems> {
    let filter = Filter::parse_pairs(pairs).map_err(problems)?;
    let terms = filter.terms();
    let mut found: Vec<FilterProblem> = Vec::new();
    for term in &terms {
        if term.value.chars().count() > MAX_VALUE {
            let why = format!("it is longer than {MAX_VALUE} characters");
            found.push(FilterProblem::new(term.key, &term.value, why));
        }
    }
    if let Some(term) = terms.get(MAX_TERMS) {
        let why = format!("there are more than {MAX_TERMS} conditions; leave some out");
        found.push(FilterProblem::new(term.key, &term.value, why));
    }
    if found.is_empty() { Ok(filter) } else { Err(FilterProblems(found)) }
}

/// What is wrong with the filter, of any error that reading one gives.
fn problems(error: Error) -> FilterProblems {
    match error {
        Error::InvalidFilter(problems) => problems,
        other => FilterProblems(vec![FilterProblem::new("q", "", other.to_string())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(result: Result<Filter, FilterProblems>) -> Vec<String> {
        let problems = result.err().map(|problems| problems.0).unwrap_or_default();
        problems.into_iter().map(|problem| problem.key).collect()
    }

    #[test]
    fn what_no_person_would_ask_is_refused() {
        let long = "x".repeat(257);
        assert_eq!(keys(filter_of([("action", long.as_str())])), ["action"]);
        let many: Vec<String> = (0..33).map(|number| number.to_string()).collect();
        let pairs = many.iter().map(|value| ("action", value.as_str()));
        assert_eq!(keys(filter_of(pairs)), ["action"]);
        let few = many.iter().take(32).map(|value| ("action", value.as_str()));
        assert!(filter_of(few).is_ok());
    }
}
