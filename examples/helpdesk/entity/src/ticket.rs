//! Something a customer needs help with.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use threadline::Audited;

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Status {
    /// Somebody has to do something about it.
    Open,
    /// It is done with.
    Closed,
}

/// How urgent a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Priority {
    /// It can wait.
    Low,
    /// As most.
    Normal,
    /// It cannot wait.
    High,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "tickets")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub organization_id: i64,
    pub opened_by_id: i64,
    pub assignee_id: Option<i64>,
    pub subject: String,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    pub status: Status,
    pub priority: Priority,
    pub created_at: DateTimeUtc,
    pub closed_at: Option<DateTimeUtc>,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
    #[sea_orm(belongs_to, relation_enum = "OpenedBy", from = "opened_by_id", to = "id")]
    pub opened_by: BelongsTo<super::user::Entity>,
    #[sea_orm(belongs_to, relation_enum = "Assignee", from = "assignee_id", to = "id")]
    pub assignee: BelongsTo<Option<super::user::Entity>>,
    #[sea_orm(has_many)]
    pub replies: HasMany<super::ticket_reply::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
