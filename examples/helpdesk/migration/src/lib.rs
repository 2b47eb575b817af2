//! The helpdesk's migrations.
//!
//! `sea-orm-cli migrate up -d examples/helpdesk/migration` runs them, and the application itself
//! does so when it starts. After changing a table or what is audited of it, write the next audit
//! migration from a database with all migrations applied:
//!
//! ```text
//! cargo run -p helpdesk-migration -- -u $DATABASE_URL audit generate audit --dir examples/helpdesk/migration/src
//! ```

// `sea-orm-cli` writes each migration as `pub struct Migration` into a private module.
#![allow(unreachable_pub)]

pub use sea_orm_migration::prelude::*;

mod m20260101_000001_create_accounts;
mod m20260101_000002_create_tickets;
mod m20260101_000003_create_posts;
mod m20260102_000001_threadline_v1;
mod m20260102_000002_audit;

/// All migrations, oldest first.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_create_accounts::Migration),
            Box::new(m20260101_000002_create_tickets::Migration),
            Box::new(m20260101_000003_create_posts::Migration),
            Box::new(m20260102_000001_threadline_v1::Migration),
            Box::new(m20260102_000002_audit::Migration),
        ]
    }
}
