//! Reading the trail: the newest changes, one incident, one transaction.

mod actor;
mod actor_summary;
mod bounded;
mod bundle;
pub(crate) mod change;
mod condition;
mod copied;
mod count;
pub(crate) mod cursor;
mod document;
mod facets;
mod found;
mod histogram;
mod incident;
mod nearest;
mod neighbours;
pub(crate) mod page;
pub(crate) mod pick;
pub(crate) mod relation;
mod row;
mod rows;
pub(crate) mod sql;
mod tables;
pub(crate) mod timeline;
mod transaction;

pub use actor::{ActorEntry, actor_history, actor_window};
pub use actor_summary::{ActorSummary, actor_summary};
pub use bounded::BoundedRead;
pub use bundle::{Bundle, correlation, request};
pub use change::audit_change;
pub use copied::timeline_sql;
pub use count::{Count, MAX_COUNT, count, newer};
pub use cursor::Cursor;
pub use facets::{Facet, Facets, MAX_FACET_CHANGES, facets};
pub use histogram::{Bar, Histogram, MAX_HISTOGRAM_CHANGES, histogram};
pub use incident::{IncidentBundle, IncidentChange, MAX_INCIDENT_CHANGES, incident_bundle};
pub use nearest::{Nearest, nearest};
pub use neighbours::{Neighbours, neighbours};
pub use page::{Page, Position};
pub use tables::{AuditedTable, TableColumn, audited_tables};
pub use timeline::{TimelineEntry, timeline, timeline_cursor, timeline_page};
pub use transaction::{
    TransactionContext, audit_actions_for_transaction, audit_changes_for_transaction,
    audit_transaction, transaction_context, transactions,
};

pub(crate) use document::{document, member};
pub(crate) use rows::{actor, change, operation, optional_action, transaction};
pub(crate) use tables::redactions;
