//! Schema version 1 as a migration.
//!
//! A host adopts it with a module of one line, which is also the only layout that
//! `sea-orm-cli migrate generate` leaves intact:
//!
//! ```ignore
//! // migration/src/m20260102_000001_threadline_v1.rs
//! pub use threadline_migration::v1::Migration;
//! ```

use sea_orm_migration::prelude::*;

/// Creates the schema of the trail with its tables, partitions and functions.
///
/// `down` refuses to erase a trail in which something is recorded, unless the environment variable
/// [`ERASE_VARIABLE`](crate::ERASE_VARIABLE) names the schema.
pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "threadline_v1"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::install::up_v1(manager.get_connection()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(crate::install::down_v1(manager.get_connection()).await?)
    }
}
