//! What the forms of the first page send.

use threadline::{FilterProblem, FilterProblems};

use crate::pages::Refusal;

/// The longest text that is looked for, in characters.
const LONGEST: usize = 256;

/// What somebody has at hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Params {
    /// A number, an id or an actor, as it was pasted.
    pub(super) find: Option<String>,
    /// The table and the key of a row.
    pub(super) table: Option<String>,
    pub(super) key: Option<String>,
}

impl Params {
    /// # Errors
    ///
    /// If there is a key that the page does not have, or one twice, or a text that is too long.
    pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Self, Refusal> {
        let mut params = Self::default();
        for (key, value) in pairs {
            let problem = |why: &str| {
                Refusal::Filter(FilterProblems(vec![FilterProblem::new(&key, &value, why)]))
            };
            if value.chars().count() > LONGEST {
                return Err(problem("it is longer than 256 characters"));
            }
            let place = match key.as_str() {
                "find" => &mut params.find,
                "table" => &mut params.table,
                "key" => &mut params.key,
                _ => {
                    return Err(problem(
                        "this page has no such key; it has `find`, `table` and `key`",
                    ));
                }
            };
            if place.is_some() {
                return Err(problem("it is said twice; one of them would be ignored"));
            }
            *place = Some(value.trim().to_owned());
        }
        Ok(params)
    }
}
