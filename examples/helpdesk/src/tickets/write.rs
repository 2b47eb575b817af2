//! Each write is one audited transaction with an action that says what was meant.

use chrono::Utc;
use helpdesk_entity::ticket::{self, Status};
use helpdesk_entity::ticket_reply;
use poem::handler;
use poem::web::{Data, Form, Path, Redirect};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    QuerySelect, Set,
};
use threadline::AuditExt;
use threadline_poem::AuditContext;

use super::form::{NewReply, NewTicket};
use crate::error::AppError;
use crate::session::Viewer;

/// `POST /tickets`
#[handler]
pub(crate) async fn open(
    viewer: Viewer,
    Form(form): Form<NewTicket>,
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
) -> Result<Redirect, AppError> {
    let (subject, body, priority) = form.checked()?;
    let txn = db.audit_begin(&ctx, "ticket.open").await?;
    let ticket = ticket::ActiveModel {
        organization_id: Set(viewer.organization_id),
        opened_by_id: Set(viewer.id),
        subject: Set(subject),
        body: Set(body),
        status: Set(Status::Open),
        priority: Set(priority),
        ..Default::default()
    };
    let ticket = ticket.insert(&txn).await?;
    let done = txn.commit_with(ticket).await?;
    Ok(page_of(done.id))
}

/// `POST /tickets/:id/replies`
#[handler]
pub(crate) async fn reply(
    viewer: Viewer,
    Path(id): Path<i64>,
    Form(form): Form<NewReply>,
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
) -> Result<Redirect, AppError> {
    let body = form.checked()?;
    let txn = db.audit_begin(&ctx, "ticket.reply").await?;
    let ticket = locked(id, &viewer, &txn).await?;
    if ticket.status == Status::Closed {
        return Err(AppError::Invalid("the ticket is closed; open a new one".to_owned()));
    }
    let reply = ticket_reply::ActiveModel {
        ticket_id: Set(id),
        organization_id: Set(ticket.organization_id),
        author_id: Set(viewer.id),
        body: Set(body),
        ..Default::default()
    };
    reply.insert(&txn).await?;
    // Whoever answers first takes the ticket on. Both changes belong to the same action.
    if ticket.assignee_id.is_none() && ticket.opened_by_id != viewer.id {
        let mut changed = ticket.into_active_model();
        changed.assignee_id = Set(Some(viewer.id));
        changed.update(&txn).await?;
    }
    txn.commit().await?;
    Ok(page_of(id))
}

/// `POST /tickets/:id/close`
#[handler]
pub(crate) async fn close(
    viewer: Viewer,
    Path(id): Path<i64>,
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
) -> Result<Redirect, AppError> {
    let txn = db.audit_begin(&ctx, "ticket.close").await?;
    let ticket = locked(id, &viewer, &txn).await?;
    // Closing twice is no second event: the guard is dropped, and nothing is recorded.
    if ticket.status == Status::Open {
        let mut changed = ticket.into_active_model();
        changed.status = Set(Status::Closed);
        changed.closed_at = Set(Some(Utc::now()));
        changed.update(&txn).await?;
        txn.commit().await?;
    }
    Ok(page_of(id))
}

/// The ticket, held until the end of the transaction, so that nobody closes it in between.
async fn locked(
    id: i64,
    viewer: &Viewer,
    db: &impl ConnectionTrait,
) -> Result<ticket::Model, AppError> {
    let ticket = ticket::Entity::find_by_id(id).lock_exclusive().one(db).await?;
    let ticket = ticket.filter(|ticket| viewer.may_see(ticket.organization_id));
    ticket.ok_or(AppError::NotFound)
}

fn page_of(id: i64) -> Redirect {
    Redirect::see_other(format!("/tickets/{id}"))
}
