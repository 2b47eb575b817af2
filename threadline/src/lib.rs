//! Audit trail for SeaORM 2 and PostgreSQL: what changed, who did it, and why.
//!
//! What is audited is declared on the entity, with [`derive@Audited`]; the [`Registry`] is the list
//! of all such entities.

pub mod audited;
pub mod context;
mod error;
mod history;
mod model;
mod moment;
pub mod prelude;
mod query;
mod registry;
pub mod spec;
pub mod tx;

#[doc(hidden)]
pub mod __private;

pub use sea_orm;
pub use threadline_derive::Audited;

pub use audited::Audited;
pub use context::{ActorRef, ActorType, AuditContext, JobContext};
pub use error::Error;
pub use history::{Absence, AuditedHistory, History, Note, Reified, Version};
pub use model::{
    ActionRecord, BeforeValues, Change, ChangeDiff, FieldChange, Operation, Transaction,
    change_diff,
};
pub use moment::Moment;
pub use query::{
    Filter, IncidentBundle, IncidentChange, MAX_INCIDENT_CHANGES, TimelineEntry, incident_bundle,
    timeline, transactions,
};
pub use registry::{Registry, RegistryBuilder};
pub use spec::{ColumnName, Placeholder, Redaction, TableName, TableSpec};
pub use tx::{Action, AuditExt, AuditedTransaction, Recorded, record_action};
