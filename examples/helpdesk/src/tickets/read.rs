//! What is read for a page, written once: the same functions run on the database of today, in a
//! transaction, and on the past.

use helpdesk_entity::{organization, ticket, ticket_reply, user};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

const MAX_REPLIES: u64 = 200;
const NEWEST: u64 = 50;

/// A ticket with everything that its page tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// The ticket.
    pub ticket: ticket::Model,
    /// Whose it is.
    pub organization: Option<organization::Model>,
    /// Who opened it.
    pub opened_by: Option<user::Model>,
    /// Who works on it.
    pub assignee: Option<user::Model>,
    /// The answers with their authors, the oldest first.
    pub replies: Vec<(ticket_reply::Model, Option<user::Model>)>,
}

/// One ticket; `None` if there is none with this id.
pub async fn ticket<C: ConnectionTrait>(db: &C, id: i64) -> Result<Option<Told>, DbErr> {
    let found = ticket::Entity::find_by_id(id).find_also_related(organization::Entity).one(db);
    let Some((ticket, organization)) = found.await? else { return Ok(None) };
    let opened_by = user::Entity::find_by_id(ticket.opened_by_id).one(db).await?;
    let assignee = match ticket.assignee_id {
        Some(id) => user::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let replies = ticket_reply::Entity::find()
        .filter(ticket_reply::Column::TicketId.eq(id))
        .find_also_related(user::Entity)
        .order_by_asc(ticket_reply::Column::Id)
        .limit(MAX_REPLIES)
        .all(db)
        .await?;
    Ok(Some(Told { ticket, organization, opened_by, assignee, replies }))
}

/// The newest tickets; with an organization, only those of it.
pub async fn newest<C: ConnectionTrait>(
    db: &C,
    organization: Option<i64>,
) -> Result<Vec<ticket::Model>, DbErr> {
    let mut tickets = ticket::Entity::find();
    if let Some(id) = organization {
        tickets = tickets.filter(ticket::Column::OrganizationId.eq(id));
    }
    tickets.order_by_desc(ticket::Column::Id).limit(NEWEST).all(db).await
}
