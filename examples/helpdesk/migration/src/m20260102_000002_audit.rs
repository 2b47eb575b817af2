//! Puts under audit: "public"."organizations", "public"."posts", "public"."ticket_replies", "public"."tickets", "public"."users".
//!
//! Generated; the SQL beside this file is frozen. To change it, generate a new migration.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        threadline_migration::attach(manager, include_str!("m20260102_000002_audit.up.sql")).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        threadline_migration::detach(manager, include_str!("m20260102_000002_audit.down.sql")).await
    }
}
