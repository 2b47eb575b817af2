use chrono::{DateTime, Utc};

use super::sql::Binds;
use crate::trail::TRAIL;
use crate::{ActorRef, Error, TableName};

/// Which changes a reader wants: everything that is set must hold.
///
/// ```
/// use threadline::{Filter, TableName};
///
/// let filter = Filter::new()
///     .table(TableName::parse("posts")?)
///     .correlation_id("import-7")?
///     .limit(50);
/// # Ok::<(), threadline::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    table: Option<TableName>,
    actor: Option<ActorRef>,
    from: Option<DateTime<Utc>>,
    to: Option<DateTime<Utc>>,
    correlation_id: Option<String>,
    capture_only: bool,
    limit: u32,
}

/// How many entries a reader gives unless told otherwise.
const DEFAULT_LIMIT: u32 = 200;
/// No filter gives more than this at once.
pub(super) const MAX_LIMIT: u32 = 10_000;
/// A longer correlation id is never stored, so it can never be found.
const MAX_CORRELATION_BYTES: usize = 256;

impl Default for Filter {
    fn default() -> Self {
        Self::new()
    }
}

impl Filter {
    /// Every change there is; at most the newest 200.
    pub fn new() -> Self {
        Self {
            table: None,
            actor: None,
            from: None,
            to: None,
            correlation_id: None,
            capture_only: false,
            limit: DEFAULT_LIMIT,
        }
    }

    /// Only changes of this table.
    #[must_use]
    pub fn table(mut self, table: TableName) -> Self {
        self.table = Some(table);
        self
    }

    /// Only changes in transactions of this actor.
    #[must_use]
    pub fn actor(mut self, actor: ActorRef) -> Self {
        self.actor = Some(actor);
        self
    }

    /// Only changes captured at this moment or later.
    #[must_use]
    pub fn from(mut self, moment: DateTime<Utc>) -> Self {
        self.from = Some(moment);
        self
    }

    /// Only changes captured at this moment or earlier.
    #[must_use]
    pub fn to(mut self, moment: DateTime<Utc>) -> Self {
        self.to = Some(moment);
        self
    }

    /// Only changes in transactions with an action of this correlation id. Transactions without an action
    /// do not match, even if their context carried the id: see [`Filter::include_capture_only`].
    ///
    /// # Errors
    ///
    /// [`Error::InvalidFilter`] if the id is blank, or longer than 256 bytes once trimmed.
    pub fn correlation_id(mut self, id: &str) -> Result<Self, Error> {
        let id = id.trim();
        if id.is_empty() {
            return Err(Error::InvalidFilter(
                "correlation_id is blank; leave it out to see every change".to_owned(),
            ));
        }
        if id.len() > MAX_CORRELATION_BYTES {
            return Err(Error::InvalidFilter(format!(
                "correlation_id has {} bytes; no more than {MAX_CORRELATION_BYTES} are ever stored",
                id.len()
            )));
        }
        self.correlation_id = Some(id.to_owned());
        Ok(self)
    }

    /// Lets the correlation id also match transactions that were opened without an action.
    #[must_use]
    pub fn include_capture_only(mut self) -> Self {
        self.capture_only = true;
        self
    }

    /// At most so many entries; 1 to 10 000, and anything else is brought within.
    #[must_use]
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, MAX_LIMIT);
        self
    }

    /// How many entries a reader gives at most.
    pub(crate) fn max_entries(&self) -> u32 {
        self.limit
    }

    /// The condition on changes `c` and transactions `t`.
    pub(crate) fn condition(&self, binds: &mut Binds) -> String {
        let mut all = vec!["true".to_owned()];
        if let Some(table) = &self.table {
            all.push(format!("c.table_schema = {}", binds.push(table.schema())));
            all.push(format!("c.table_name = {}", binds.push(table.name())));
        }
        if let Some(actor) = &self.actor {
            all.push(format!("t.actor_type = {}", binds.push(actor.actor_type().as_str())));
            all.push(match actor.id() {
                Some(id) => format!("t.actor_id = {}", binds.push(id)),
                None => "t.actor_id IS NULL".to_owned(),
            });
        }
        if let Some(from) = self.from {
            all.push(format!("c.captured_at >= {}", binds.push(from)));
        }
        if let Some(to) = self.to {
            all.push(format!("c.captured_at <= {}", binds.push(to)));
        }
        if let Some(id) = &self.correlation_id {
            all.push(correlated(&binds.push(id.as_str()), self.capture_only));
        }
        all.join(" AND ")
    }
}

fn correlated(place: &str, capture_only: bool) -> String {
    let actions = format!(
        "SELECT x.transaction_id FROM {TRAIL}.audit_actions x WHERE x.correlation_id = {place}"
    );
    let contexts =
        format!("SELECT x.id FROM {TRAIL}.audit_transactions x WHERE x.correlation_id = {place}");
    if capture_only {
        format!("c.transaction_id IN ({actions} UNION {contexts})")
    } else {
        format!("c.transaction_id IN ({actions})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_or_overlong_correlation_id_is_an_error_and_never_no_filter() {
        assert!(matches!(Filter::new().correlation_id("  "), Err(Error::InvalidFilter(_))));
        let long = "x".repeat(257);
        assert!(matches!(Filter::new().correlation_id(&long), Err(Error::InvalidFilter(_))));
        assert!(Filter::new().correlation_id(&"x".repeat(256)).is_ok());
    }

    #[test]
    fn the_limit_is_brought_within_its_bounds() {
        assert_eq!(Filter::new().limit(0).max_entries(), 1);
        assert_eq!(Filter::new().limit(u32::MAX).max_entries(), 10_000);
    }
}
