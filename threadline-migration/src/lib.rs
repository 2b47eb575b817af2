//! Threadline's database schema: versions, capture triggers, and the ways to install them.
//!
//! There are two ways, and a project may use both:
//!
//! * **Migrations**, for production. The host adopts a schema version by a module of one line (see
//!   [`v1`]), lets [`generate()`] write the migration that attaches its tables, and runs both with
//!   `sea-orm-cli migrate up`. What a migration does is frozen in the host's repository: an update of
//!   this crate brings no DDL.
//! * **[`sync`]**, for development and tests. It installs the schema if need be and makes the
//!   database audit what the [`Registry`](threadline::Registry) says.
//!
//! ```no_run
//! # async fn example(db: sea_orm::DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
//! let registry = threadline::Registry::collect()?;
//! let report = threadline_migration::sync(&db, &registry).await?;
//! println!("{report}"); // created   public.posts
//! # Ok(())
//! # }
//! ```
//!
//! Either way, [`status`](fn@status) says how it stands with every table, by what the catalog holds, and
//! [`plan`](fn@plan) what would be done about it, as a value that can be looked at before it is applied.
//! Both also work without the host's code, on what is stored in the database: [`Desired::Installed`].
//!
//! The tables of the schema `threadline` may be read with plain SQL by whoever the owner permits it;
//! nobody but the capture functions writes them.

mod attach;
mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
mod desired;
mod detach;
mod diff;
mod error;
mod generate;
mod inspect;
mod install;
mod library;
mod module_list;
mod plan;
mod problem;
mod render;
mod shape;
mod status;
mod sync;
pub mod v1;

pub use attach::{attach, detach};
pub use desired::Desired;
pub use error::{ERASE_VARIABLE, Error};
pub use generate::{Generated, generate};
pub use install::{CURRENT_VERSION, install};
pub use plan::{Orphan, Plan, Refusal, Step, Verb, plan};
pub use status::{Finding, Mend, State, Status, TableStatus, status};
pub use sync::{Outcome, Report, Sync, sync};
