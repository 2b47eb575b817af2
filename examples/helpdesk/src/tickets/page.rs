//! The page of one ticket.

use std::collections::BTreeMap;

use helpdesk_entity::ticket::{self, Status};
use helpdesk_entity::{ticket_reply, user};
use maud::{Markup, html};
use poem::handler;
use poem::web::{Data, Html, Path, Query};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Deserialize;
use threadline::prelude::*;

use super::{form, past, word};
use crate::error::AppError;
use crate::session::Viewer;
use crate::view;

/// Names by the id of the user.
pub(crate) type Names = BTreeMap<i64, String>;

const MAX_REPLIES: u64 = 200;
const MAX_VERSIONS: u32 = 100;

#[derive(Deserialize)]
struct Moment {
    at: Option<String>,
}

/// `GET /tickets/:id`, and with `?at=` the ticket as it stood then.
#[handler]
pub(crate) async fn show(
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(moment): Query<Moment>,
    Data(db): Data<&DatabaseConnection>,
) -> Result<Html<String>, AppError> {
    let ticket = ticket::Entity::find_by_id(id).one(db).await?.ok_or(AppError::NotFound)?;
    let replies = ticket_reply::Entity::find()
        .filter(ticket_reply::Column::TicketId.eq(id))
        .order_by_asc(ticket_reply::Column::Id)
        .limit(MAX_REPLIES)
        .all(db)
        .await?;
    let versions = ticket::Entity::history(id).limit(MAX_VERSIONS).all(db).await?;
    let names = names(db).await?;
    let at = moment.at.as_deref().filter(|at| !at.is_empty()).map(past::moment).transpose()?;
    let body = html! {
        @if let Some(at) = at {
            (past::stood(at, &ticket::Entity::as_of(id, at, db).await?, &names))
        }
        (facts(&ticket, &names))
        (conversation(&replies, &names))
        @if ticket.status == Status::Open { (form::new_reply(id)) }
        h2 { "History" }
        (past::history(id, &versions, &names))
    };
    Ok(view::page(&format!("#{id} {}", ticket.subject), Some(&viewer), body))
}

/// What the row says, past or present.
pub(crate) fn facts(ticket: &ticket::Model, names: &Names) -> Markup {
    html! {
        p.facts {
            (word(ticket.status)) " · " (word(ticket.priority)) " priority · opened by "
            (name(names, ticket.opened_by_id)) " · "
            @match ticket.assignee_id {
                Some(id) => { "assigned to " (name(names, id)) }
                None => "assigned to nobody",
            }
        }
        p.text { (ticket.body) }
    }
}

fn conversation(replies: &[ticket_reply::Model], names: &Names) -> Markup {
    html! {
        @for reply in replies {
            section.entry {
                p.facts { (name(names, reply.author_id)) " · " (view::moment(reply.created_at)) }
                p.text { (reply.body) }
            }
        }
    }
}

/// Everybody's name: a helpdesk has few users. A larger one would ask for the ids on the page.
async fn names(db: &DatabaseConnection) -> Result<Names, AppError> {
    let rows: Vec<(i64, String)> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// The name of a user; a user who is gone keeps the number.
pub(crate) fn name(names: &Names, id: i64) -> String {
    names.get(&id).cloned().unwrap_or_else(|| format!("user {id}"))
}
