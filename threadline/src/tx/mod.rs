//! Writing: transactions that say who wrote and why.
//!
//! [`AuditExt::audit_begin`] gives a guard, [`AuditExt::audited`] takes a closure. Both open a
//! database transaction, tell the database the [context](crate::AuditContext) and the [`Action`] in
//! one statement, and put down to them whatever is written until the commit. Nothing of it survives
//! a rollback, a dropped guard, a panic or a dropped future.
//!
//! A future that is dropped in the middle rolls its transaction back, but it does not stop the
//! statement that the server is working on; until that is done, its locks stay. Set a
//! `statement_timeout` where this matters. With sqlx 0.9.0 a future that is dropped during BEGIN itself
//! leaves its connection inside a transaction: plain statements that get this connection next are not
//! committed until a transaction on it is, and are lost if that is rolled back. Put no timeout around
//! `audit_begin` itself;
//! sqlx mended that after this version (transact-rs/sqlx#4394).

mod action;
mod connection;
mod event;
mod ext;
mod guard;
mod recorded;
mod statement;

pub use action::Action;
pub use ext::{AuditExt, record_action};
pub use guard::AuditedTransaction;
pub use recorded::Recorded;
