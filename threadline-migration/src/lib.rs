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
//! The tables of the trail may be read with plain SQL by whoever the owner permits it; nobody but the
//! capture functions writes them.
//!
//! # Another schema name
//!
//! The trail lies in the schema `threadline`, unless the process says otherwise, before anything else:
//!
//! ```
//! threadline::use_schema("audit")?; // or the environment variable THREADLINE_SCHEMA=audit
//! # Ok::<(), threadline::Error>(())
//! ```
//!
//! Every program that uses the trail has to say so, the migrations included: frozen SQL carries the
//! name that was in force when it was generated. An installed schema is never renamed, because
//! functions name it in their texts. What keeps its name is the setting `threadline.context`.
//!
//! A database may hold several trails, each in a schema and each with tables of its own: a table that
//! one captures is refused by the others. All of them read `threadline.context`; what is said with
//! `begin_action`, and so with `audit_begin`, is said to one trail only.

mod attach;
mod baseline;
mod catalog;
#[cfg(feature = "cli")]
pub mod cli;
mod desired;
mod detach;
mod diff;
mod error;
mod generate;
pub mod health;
mod inspect;
mod install;
mod library;
mod mode;
mod module_list;
mod plan;
mod population;
mod problem;
mod render;
mod search_path;
mod shape;
mod status;
mod sync;
mod unfit;
pub mod v1;

pub use attach::{attach, detach};
pub use baseline::baseline;
pub use desired::Desired;
pub use error::{ERASE_VARIABLE, Error};
pub use generate::{Generated, generate};
pub use install::{CURRENT_VERSION, install};
pub use plan::{Orphan, Plan, Refusal, Step, Verb, plan};
pub use status::{Finding, Mend, State, Status, TableStatus, status};
pub use sync::{Outcome, Report, Sync, sync};
