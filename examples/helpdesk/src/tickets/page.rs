//! The page of one ticket, now and in the past.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use helpdesk_entity::ticket::{self, Status};
use helpdesk_entity::user;
use maud::{Markup, html};
use poem::handler;
use poem::web::{Data, Html, Path, Query};
use sea_orm::{DatabaseConnection, EntityTrait, QuerySelect};
use serde::Deserialize;
use threadline::prelude::*;
use threadline::{Registry, RowKey, TableName};

use super::past::Then;
use super::read::{self, Told};
use super::{form, past, word};
use crate::error::AppError;
use crate::session::Viewer;
use crate::{audit, view};

/// Names by the id of the user.
pub(crate) type Names = BTreeMap<i64, String>;

const MAX_VERSIONS: u32 = 100;

#[derive(Deserialize)]
struct Moment {
    at: Option<String>,
}

/// `GET /tickets/:id`, and with `?at=` the same page as it stood then: the ticket, its organization, the
/// people and the replies of that moment.
#[handler]
pub(crate) async fn show(
    viewer: Viewer,
    Path(id): Path<i64>,
    Query(moment): Query<Moment>,
    Data(db): Data<&DatabaseConnection>,
    Data(registry): Data<&&'static Registry>,
) -> Result<Html<String>, AppError> {
    let at = moment.at.as_deref().filter(|at| !at.is_empty()).map(past::moment).transpose()?;
    let trail = audit::reader(&viewer, db)?;
    let versions = ticket::Entity::history(id).limit(MAX_VERSIONS).all(&trail).await?;
    let (title, body) = match at {
        None => {
            let told = read::ticket(db, id).await?;
            let told = told.filter(|told| viewer.may_see(told.ticket.organization_id));
            let told = told.ok_or(AppError::NotFound)?;
            (title(&told), ticket(&told, at))
        }
        Some(_) if versions.is_empty() => return Err(AppError::NotFound),
        Some(moment) => match past::ticket(db, registry, id, moment).await? {
            Then::Told(told) if !viewer.may_see(told.ticket.organization_id) => {
                return Err(AppError::NotFound);
            }
            Then::Told(told) => (title(&told), ticket(&told, at)),
            Then::Not(row) => (format!("#{id}"), past::absence(&row)),
        },
    };
    let names = names(db).await?;
    let body = html! {
        @if let Some(at) = at { (past::banner(id, at)) }
        (body)
        h2 { "History" }
        @if let Some(history) = audit_page(&viewer, id)? {
            p { a href=(history) { "Who changed what, and why: this ticket in the audit trail" } }
        }
        (past::history(id, &versions, &names))
    };
    Ok(view::page(&title, Some(&viewer), body))
}

/// The ticket's page in the operator pages, for those who may enter them.
fn audit_page(viewer: &Viewer, id: i64) -> Result<Option<String>, AppError> {
    let is_allowed = audit::may_enter(viewer);
    let tickets = TableName::parse("tickets")?;
    Ok(is_allowed.then(|| audit::links().row(&tickets, &RowKey::scalar(id))))
}

fn title(told: &Told) -> String {
    format!("#{} {}", told.ticket.id, told.ticket.subject)
}

/// The ticket and its replies. Nothing of the past can be answered.
fn ticket(told: &Told, at: Option<DateTime<Utc>>) -> Markup {
    html! {
        (facts(told))
        @for (reply, author) in &told.replies {
            section.entry {
                p.facts { (name_of(author.as_ref(), reply.author_id)) " · " (view::moment(reply.created_at)) }
                p.text { (reply.body) }
            }
        }
        @if at.is_none() && told.ticket.status == Status::Open { (form::new_reply(told.ticket.id)) }
    }
}

fn facts(told: &Told) -> Markup {
    let ticket = &told.ticket;
    html! {
        p.facts {
            @if let Some(organization) = &told.organization {
                (organization.name) " (" (organization.plan) ") · "
            }
            (word(ticket.status)) " · " (word(ticket.priority)) " priority · opened by "
            (name_of(told.opened_by.as_ref(), ticket.opened_by_id)) " · "
            @match ticket.assignee_id {
                Some(id) => { "assigned to " (name_of(told.assignee.as_ref(), id)) }
                None => "assigned to nobody",
            }
        }
        p.text { (ticket.body) }
    }
}

/// A name; a user who is gone keeps the number.
fn name_of(user: Option<&user::Model>, id: i64) -> String {
    user.map_or_else(|| format!("user {id}"), |user| user.name.clone())
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
