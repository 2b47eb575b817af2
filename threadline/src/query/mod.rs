//! Reading the trail: the newest changes, one incident, one transaction.

pub(crate) mod condition;
mod document;
mod incident;
pub(crate) mod relation;
mod rows;
pub(crate) mod sql;
mod timeline;

pub use incident::{IncidentBundle, IncidentChange, MAX_INCIDENT_CHANGES, incident_bundle};
pub use timeline::{TimelineEntry, timeline, transactions};

pub(crate) use document::document;
pub(crate) use rows::{change, optional_action, transaction};
