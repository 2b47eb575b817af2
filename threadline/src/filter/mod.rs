//! Which changes a reader wants: one value with one text grammar, for the API, URLs, the command line
//! and whatever is saved.

mod actor;
mod check;
mod field;
mod key;
mod network;
mod parse;
mod print;
mod problem;
mod search;
mod term;
mod terms;
#[cfg(test)]
mod tests;
mod text;
mod time;

use std::time::Duration;

use crate::{ActorRef, ActorType, ColumnName, Moment, Operation, TableName};

pub use actor::ActorTerm;
pub use field::FieldIs;
pub use key::RowKey;
pub use network::Network;
pub use problem::{FilterProblem, FilterProblems};
pub use term::FilterTerm;
pub(crate) use term::in_shell;
pub use terms::Terms;
pub use time::TimeBound;

/// How many entries a reader gives unless told otherwise.
pub(crate) const DEFAULT_LIMIT: u32 = 200;
/// No filter gives more than this at once.
pub(crate) const MAX_LIMIT: u32 = 10_000;

/// Which changes a reader wants. Everything that is set must hold; of several values for one key, one
/// must.
///
/// ```
/// use threadline::{ActorRef, Filter, Operation, TableName};
///
/// let filter = Filter::new()
///     .table(TableName::parse("orders")?)
///     .operation(Operation::Update)
///     .except(Filter::new().actor(ActorRef::system("import")))
///     .limit(50);
/// assert_eq!(filter.to_string(), "table=public.orders&op=update&actor=-system:import&limit=50");
/// assert_eq!(filter.to_string().parse::<Filter>()?, filter);
/// # Ok::<(), threadline::Error>(())
/// ```
///
/// Its text is the query of a URL: keys and values with `=`, joined by `&`, percent-encoded. The keys are
/// those below; a key that is not known, and a value that cannot be, are errors that name what would do,
/// and never no filter. A value with `-` before it is one that must not hold.
///
/// | key | what the change has |
/// |---|---|
/// | `table=billing.invoices` | this table; without a schema, `public` |
/// | `row=42`, `row=order_id=7;line_no=3` | this key; wants one `table` |
/// | `op=update` | `insert`, `update`, `delete`, `truncate` or `baseline` |
/// | `changed=status` | an update of this column |
/// | `was=status:paid`, `now=status:refunded` | this value before or after; `null` is no value |
/// | `actor=user:42`, `actor=system:*`, `actor=none` | this actor, or any of a type, or nobody named |
/// | `kind=service_account` | an actor of this type |
/// | `action=order.refund` | an action of this name |
/// | `corr=req-7` | an action with this correlation id |
/// | `capture_only=true` | `corr` also finds transactions without an action |
/// | `request=`, `transaction=` | this request's id, this transaction's number |
/// | `ip=10.0.0.0/8` | a request from this address or network |
/// | `from=-24h`, `to=2026-01-31T12:00:00Z` | captured then or later, or earlier: a moment, a day, or so long ago |
/// | `sort=new`, `limit=50`, `after=…` | the order, how many, and where the last page ended |
///
/// As `q=`, and in [`Filter::parse_search`], the same is written for people:
/// `table:orders op:update -actor:system:* was:status:paid`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a filter that nobody applies leaves nothing out"]
pub struct Filter {
    pub(crate) tables: Terms<TableName>,
    pub(crate) rows: Terms<RowKey>,
    pub(crate) operations: Terms<Operation>,
    pub(crate) changed: Terms<ColumnName>,
    pub(crate) was: Terms<FieldIs>,
    pub(crate) now: Terms<FieldIs>,
    pub(crate) actors: Terms<ActorTerm>,
    pub(crate) kinds: Terms<ActorType>,
    pub(crate) actions: Terms<String>,
    pub(crate) correlations: Terms<String>,
    pub(crate) capture_only: bool,
    pub(crate) requests: Terms<String>,
    pub(crate) transactions: Terms<i64>,
    pub(crate) networks: Terms<Network>,
    pub(crate) from: Option<TimeBound>,
    pub(crate) to: Option<TimeBound>,
    pub(crate) oldest_first: bool,
    pub(crate) limit: u32,
    pub(crate) after: Option<String>,
}

impl Default for Filter {
    fn default() -> Self {
        Self::new()
    }
}

impl Filter {
    /// Every change there is; at most the newest 200.
    pub fn new() -> Self {
        Self {
            tables: Terms::default(),
            rows: Terms::default(),
            operations: Terms::default(),
            changed: Terms::default(),
            was: Terms::default(),
            now: Terms::default(),
            actors: Terms::default(),
            kinds: Terms::default(),
            actions: Terms::default(),
            correlations: Terms::default(),
            capture_only: false,
            requests: Terms::default(),
            transactions: Terms::default(),
            networks: Terms::default(),
            from: None,
            to: None,
            oldest_first: false,
            limit: DEFAULT_LIMIT,
            after: None,
        }
    }

    /// Changes of this table.
    pub fn table(mut self, table: TableName) -> Self {
        self.tables.want(table);
        self
    }

    /// Changes of this row; there must be exactly one [`table`](Self::table) to look in.
    pub fn row(mut self, key: RowKey) -> Self {
        self.rows.want(key);
        self
    }

    /// Changes of this kind.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operations.want(operation);
        self
    }

    /// Updates that changed this column.
    pub fn changed(mut self, column: ColumnName) -> Self {
        self.changed.want(column);
        self
    }

    /// Updates and deletes of rows in which `column` held `value` before, and no longer afterwards. Values
    /// are compared as text; `None` is null.
    pub fn was(mut self, column: ColumnName, value: Option<&str>) -> Self {
        self.was.want(FieldIs { column, value: value.map(str::to_owned) });
        self
    }

    /// Changes after which `column` held `value`, and before which it did not. Values are compared as
    /// text; `None` is null.
    pub fn now(mut self, column: ColumnName, value: Option<&str>) -> Self {
        self.now.want(FieldIs { column, value: value.map(str::to_owned) });
        self
    }

    /// Changes by this actor.
    pub fn actor(mut self, actor: ActorRef) -> Self {
        self.actors.want(ActorTerm::Is(actor));
        self
    }

    /// Changes of which nobody said who made them.
    pub fn no_actor(mut self) -> Self {
        self.actors.want(ActorTerm::Nobody);
        self
    }

    /// Changes by actors of this type.
    pub fn kind(mut self, kind: ActorType) -> Self {
        self.kinds.want(kind);
        self
    }

    /// Changes in actions of this name.
    pub fn action(mut self, name: impl Into<String>) -> Self {
        self.actions.want(name.into().trim().to_owned());
        self
    }

    /// Changes in transactions with an action of this correlation id, without the blanks around it.
    /// Transactions without an action do not match, even if their context carried the id: see
    /// [`include_capture_only`](Self::include_capture_only).
    pub fn correlation_id(mut self, id: impl Into<String>) -> Self {
        self.correlations.want(id.into().trim().to_owned());
        self
    }

    /// Lets correlation ids also match transactions that were opened without an action.
    pub fn include_capture_only(mut self) -> Self {
        self.capture_only = true;
        self
    }

    /// Changes of the request with this id, without the blanks around it.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.requests.want(id.into().trim().to_owned());
        self
    }

    /// Changes of this audit transaction.
    pub fn transaction(mut self, id: i64) -> Self {
        self.transactions.want(id);
        self
    }

    /// Changes of requests that came from this address or network.
    pub fn ip(mut self, network: Network) -> Self {
        self.networks.want(network);
        self
    }

    /// Changes captured at this moment or later.
    pub fn from(mut self, moment: impl Into<Moment>) -> Self {
        self.from = Some(TimeBound::at(moment.into()));
        self
    }

    /// Changes captured at this moment or earlier.
    pub fn to(mut self, moment: impl Into<Moment>) -> Self {
        self.to = Some(TimeBound::at(moment.into()));
        self
    }

    /// Changes captured in this time up to now, by the clock of the database. Seconds count, and what is
    /// below them does not.
    pub fn last(mut self, duration: Duration) -> Self {
        self.from = Some(TimeBound::ago(duration));
        self
    }

    /// Leaves out what has one of the values that `of` names. Its times, order and limit say nothing.
    pub fn except(mut self, of: Filter) -> Self {
        self.tables.refuse(of.tables);
        self.rows.refuse(of.rows);
        self.operations.refuse(of.operations);
        self.changed.refuse(of.changed);
        self.was.refuse(of.was);
        self.now.refuse(of.now);
        self.actors.refuse(of.actors);
        self.kinds.refuse(of.kinds);
        self.actions.refuse(of.actions);
        self.correlations.refuse(of.correlations);
        self.requests.refuse(of.requests);
        self.transactions.refuse(of.transactions);
        self.networks.refuse(of.networks);
        self
    }

    /// The oldest first, and not the newest.
    pub fn oldest_first(mut self) -> Self {
        self.oldest_first = true;
        self
    }

    /// At most so many entries; 1 to 10 000, and anything else is brought within.
    pub fn limit(mut self, limit: u32) -> Self {
        self.limit = limit.clamp(1, MAX_LIMIT);
        self
    }

    /// The page after the one that ended at this cursor.
    pub fn after(mut self, cursor: impl ToString) -> Self {
        self.after = Some(cursor.to_string());
        self
    }

    /// How many entries a reader gives at most.
    pub fn max_entries(&self) -> u32 {
        self.limit
    }
}
