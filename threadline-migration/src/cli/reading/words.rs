//! A filter on a command line.

use clap::Args;
use threadline::Filter;

use super::super::failure::Failure;

/// How many entries a terminal shows unless told otherwise.
const SHOWN: u32 = 50;

/// Which changes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Words {
    /// What to look for, as KEY=VALUE: table=orders row=42 op=update changed=status actor=user:42
    /// action=order.refund corr=ID from=-24h to=2026-01-31 limit=50. Several values of one key are
    /// alternatives, and `-` before a value leaves it out: actor=-system:*.
    #[arg(value_name = "KEY=VALUE", allow_hyphen_values = false)]
    words: Vec<String>,
}

impl Words {
    /// The filter, as far as it is given.
    pub(super) fn filter(&self) -> Result<Filter, Failure> {
        let mut pairs = Vec::new();
        for word in &self.words {
            let (key, value) = word.split_once('=').ok_or_else(|| {
                Failure::usage(format!(
                    "`{word}` says nothing: write KEY=VALUE, as in `table=orders` or `from=-24h`"
                ))
            })?;
            pairs.push((key, value));
        }
        Ok(Filter::parse_pairs(pairs)?)
    }

    /// The filter for a terminal, which shows fewer entries unless told otherwise.
    pub(super) fn filter_to_show(&self) -> Result<Filter, Failure> {
        let filter = self.filter()?;
        let has_limit = self.words.iter().any(|word| word.starts_with("limit="));
        Ok(if has_limit { filter } else { filter.limit(SHOWN) })
    }
}
