//! Reading the trail: the newest changes, one incident, one transaction.

mod condition;
pub(crate) mod cursor;
mod document;
mod found;
mod incident;
mod page;
pub(crate) mod pick;
pub(crate) mod relation;
mod row;
mod rows;
pub(crate) mod sql;
mod timeline;
mod transaction;

pub use cursor::Cursor;
pub use incident::{IncidentBundle, IncidentChange, MAX_INCIDENT_CHANGES, incident_bundle};
pub use page::{Page, Position};
pub use timeline::{TimelineEntry, timeline, timeline_page};
pub use transaction::{audit_changes_for_transaction, audit_transaction, transactions};

pub(crate) use document::document;
pub(crate) use rows::{change, optional_action, transaction};
