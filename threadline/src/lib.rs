//! The audit trail for SeaORM 2 and PostgreSQL: what changed, who did it, and why.
//!
//! Three things make a trail:
//!
//! 1. **What is audited** is declared on the entity, with [`derive@Audited`]; the [`Registry`] is the
//!    list of all such entities. `threadline_migration` puts it into the database as triggers, which
//!    record every write, whoever made it.
//! 2. **Who did it, and why**, is said by whoever writes: an [`AuditContext`] and an [`Action`], given
//!    to [`audit_begin`](AuditExt::audit_begin). `threadline-poem` makes the context from a request.
//! 3. **What was, and when**, is read: the versions of a row with
//!    [`Entity::history`](AuditedHistory::history), a row of the past with
//!    [`Entity::as_of`](AuditedHistory::as_of), everything else with [`timeline`],
//!    [`transactions`] and [`incident_bundle`].
//!
//! ```no_run
//! # mod post {
//! #     use threadline::Audited;
//! #     use sea_orm::entity::prelude::*;
//! #     #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
//! #     #[sea_orm(table_name = "posts")]
//! #     pub struct Model { #[sea_orm(primary_key)] pub id: i32, pub title: String }
//! #     #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)] pub enum Relation {}
//! #     impl ActiveModelBehavior for ActiveModel {}
//! # }
//! use sea_orm::{ActiveModelTrait, DatabaseConnection, Set};
//! use threadline::prelude::*;
//!
//! async fn publish(db: &DatabaseConnection) -> Result<(), threadline::Error> {
//!     let ctx = AuditContext::new(ActorRef::user(7)).request_id("req-1");
//!     let txn = db.audit_begin(&ctx, Action::new("post.create").reason("the news")).await?;
//!     let post = post::ActiveModel { title: Set("Hello".into()), ..Default::default() };
//!     let post = post.insert(&txn).await?;
//!     let post = txn.commit_with(post).await?; // dropped without it, nothing is written
//!
//!     for version in post::Entity::history(post.id).all(db).await? {
//!         println!("{} by {:?}", version.change.op, version.actor());
//!     }
//!     Ok(())
//! }
//! ```

pub mod audited;
pub mod context;
mod error;
pub mod export;
mod filter;
mod history;
mod model;
mod moment;
mod past;
pub mod prelude;
mod query;
mod registry;
mod scope;
pub mod spec;
pub mod trail;
pub mod tx;

#[doc(hidden)]
pub mod __private;

pub use sea_orm;
pub use threadline_derive::Audited;

pub use audited::Audited;
pub use context::{ActorRef, ActorType, AuditContext, JobContext};
pub use error::{Drift, Error};
pub use export::{Export, Exported};
pub use filter::{
    ActorTerm, FieldIs, Filter, FilterProblem, FilterProblems, FilterTerm, Network, RowKey, Terms,
    TimeBound,
};
pub use history::{
    Absence, AuditedHistory, Blame, BlamedColumn, ChangePair, Conflict, Deed, Difference, History,
    MAX_BLAMED_VERSIONS, MAX_RAIL, ModelHistory, Note, Proposal, ProposedAction, ProposedField,
    RailVersion, Reified, RowHistory, RowRail, RowStanding, RowVersions, Untouched, Version,
    Versions, WhyUntouched, change_pair, row_as_of, row_as_of_command, row_blame, row_blame_until,
    row_history_command, row_history_sql, row_rail, row_rail_around,
};
pub use model::{
    ActionRecord, BeforeValues, Change, ChangeDiff, FieldChange, Operation, Surrogate, Transaction,
    change_diff,
};
pub use moment::Moment;
pub use past::{AsOf, Loss, Past};
pub use query::{
    ActorEntry, ActorSummary, AuditedTable, Bar, BoundedRead, Bundle, Count, Cursor, Facet, Facets,
    Histogram, IncidentBundle, IncidentChange, MAX_COUNT, MAX_FACET_CHANGES, MAX_HISTOGRAM_CHANGES,
    MAX_INCIDENT_CHANGES, Nearest, Neighbours, Page, Position, TableColumn, TimelineEntry,
    TransactionContext, actor_history, actor_summary, actor_window, audit_actions_for_transaction,
    audit_change, audit_changes_for_transaction, audit_transaction, audited_tables, correlation,
    count, facets, histogram, incident_bundle, nearest, neighbours, newer, request, timeline,
    timeline_cursor, timeline_page, timeline_sql, transaction_context, transactions,
};
pub use registry::{Registry, RegistryBuilder};
pub use scope::{Predicate, Reader, TrailSource};
pub use spec::{
    CaptureMode, ColumnName, JsonPath, Placeholder, Redaction, SchemaName, SpecProblem, TableName,
    TableSpec,
};
pub use trail::{schema, use_schema};
pub use tx::{Action, AuditExt, AuditedTransaction, Recorded, record_action};
