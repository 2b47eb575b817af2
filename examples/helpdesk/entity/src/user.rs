//! Somebody who can sign in, with what they may do.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};
use threadline::Audited;

/// What a user may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Role {
    /// Runs the helpdesk, and may read the whole trail.
    Admin,
    /// Helps the people of their own organization, and looks up what happened to its rows.
    Support,
    /// Works on tickets.
    Agent,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub organization_id: i64,
    #[sea_orm(unique)]
    pub email: String,
    pub name: String,
    pub role: Role,
    // A secret: not even its hash is stored in the trail.
    #[audited(exclude)]
    pub password_hash: String,
    // That it changed is worth knowing, what it is is not.
    #[audited(mask)]
    pub phone: Option<String>,
    // Written at each login: stored with the next real change, but no change by itself.
    #[audited(quiet)]
    pub last_seen_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    #[sea_orm(belongs_to, from = "organization_id", to = "id")]
    pub organization: BelongsTo<super::organization::Entity>,
    #[sea_orm(has_many, relation_enum = "OpenedTickets", via_rel = "OpenedBy")]
    pub opened_tickets: HasMany<super::ticket::Entity>,
    #[sea_orm(has_many, relation_enum = "AssignedTickets", via_rel = "Assignee")]
    pub assigned_tickets: HasMany<super::ticket::Entity>,
    #[sea_orm(has_many)]
    pub replies: HasMany<super::ticket_reply::Entity>,
    #[sea_orm(has_many)]
    pub posts: HasMany<super::post::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}
