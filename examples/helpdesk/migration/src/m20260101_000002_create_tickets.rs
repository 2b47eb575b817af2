//! Tickets and their replies.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_tickets(manager).await?;
        create_replies(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("ticket_replies").to_owned()).await?;
        manager.drop_table(Table::drop().table("tickets").to_owned()).await
    }
}

async fn create_tickets(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("tickets")
                .col(big_pk_auto("id"))
                .col(big_integer("organization_id"))
                .col(big_integer("opened_by_id"))
                .col(big_integer_null("assignee_id"))
                .col(text("subject"))
                .col(text("body"))
                .col(text("status").check(Expr::col("status").is_in(["open", "closed"])))
                .col(text("priority").check(Expr::col("priority").is_in(["low", "normal", "high"])))
                .col(timestamp_with_time_zone("created_at").default(Expr::current_timestamp()))
                .col(timestamp_with_time_zone_null("closed_at"))
                .foreign_key(&mut references("tickets", "organization_id", "organizations"))
                .foreign_key(&mut references("tickets", "opened_by_id", "users"))
                .foreign_key(&mut references("tickets", "assignee_id", "users"))
                .to_owned(),
        )
        .await?;
    for column in ["organization_id", "opened_by_id", "assignee_id"] {
        manager.create_index(index("tickets", column)).await?;
    }
    Ok(())
}

async fn create_replies(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    manager
        .create_table(
            Table::create()
                .table("ticket_replies")
                .col(big_pk_auto("id"))
                .col(big_integer("ticket_id"))
                .col(big_integer("organization_id"))
                .col(big_integer("author_id"))
                .col(text("body"))
                .col(timestamp_with_time_zone("created_at").default(Expr::current_timestamp()))
                .foreign_key(
                    references("ticket_replies", "ticket_id", "tickets")
                        .on_delete(ForeignKeyAction::Cascade),
                )
                .foreign_key(&mut references("ticket_replies", "organization_id", "organizations"))
                .foreign_key(&mut references("ticket_replies", "author_id", "users"))
                .to_owned(),
        )
        .await?;
    for column in ["ticket_id", "organization_id", "author_id"] {
        manager.create_index(index("ticket_replies", column)).await?;
    }
    Ok(())
}

fn references(
    table: &'static str,
    column: &'static str,
    target: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("{table}_{column}_fkey"))
        .from(table, column)
        .to(target, "id")
        .to_owned()
}

fn index(table: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create().name(format!("{table}_{column}_idx")).table(table).col(column).to_owned()
}
