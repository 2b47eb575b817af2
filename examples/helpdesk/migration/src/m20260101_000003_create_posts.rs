//! Articles of the help center.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("posts")
                    .col(big_pk_auto("id"))
                    .col(big_integer("author_id"))
                    .col(text("title"))
                    .col(text_uniq("slug"))
                    .col(boolean("published").default(false))
                    .col(timestamp_with_time_zone("created_at").default(Expr::current_timestamp()))
                    .foreign_key(
                        ForeignKey::create()
                            .name("posts_author_id_fkey")
                            .from("posts", "author_id")
                            .to("users", "id"),
                    )
                    .to_owned(),
            )
            .await?;
        let index =
            Index::create().name("posts_author_id_idx").table("posts").col("author_id").to_owned();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("posts").to_owned()).await
    }
}
