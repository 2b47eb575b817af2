//! What a handler needs: `use threadline::prelude::*;`.

pub use crate::audited::Audited;
pub use crate::context::{ActorRef, AuditContext, JobContext};
pub use crate::history::{AuditedHistory, ModelHistory};
pub use crate::past::AsOf;
pub use crate::tx::{Action, AuditExt, Recorded, record_action};
