//! A customer of the helpdesk.

use sea_orm::entity::prelude::*;
use threadline::Audited;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "organizations")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub name: String,
    pub plan: String,
    pub created_at: DateTimeUtc,
    #[sea_orm(has_many)]
    pub users: HasMany<super::user::Entity>,
    #[sea_orm(has_many)]
    pub tickets: HasMany<super::ticket::Entity>,
    #[sea_orm(has_many)]
    pub replies: HasMany<super::ticket_reply::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
