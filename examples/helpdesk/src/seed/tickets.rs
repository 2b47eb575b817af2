//! Tickets by customers, and what the staff made of them.

use chrono::Utc;
use helpdesk_entity::ticket::{self, Priority, Status};
use helpdesk_entity::{ticket_reply, user};
use sea_orm::{ActiveModelTrait, DatabaseConnection, DbErr, IntoActiveModel, Set};
use threadline::{Action, AuditExt};

use super::SeedResult;
use super::accounts::People;

const SUBJECTS: [&str; 10] = [
    "The invoice shows last year's address",
    "Cannot open attachments on the train",
    "Please add a second mailbox",
    "Two people see the same ticket twice",
    "The export stops at page nine",
    "Question about the new plan",
    "A reply went to the wrong person",
    "Search finds nothing with an umlaut",
    "The clock is an hour ahead",
    "Tickets cannot be merged",
];
const ROUNDS: usize = 4;

pub(super) async fn write(db: &DatabaseConnection, people: &People) -> SeedResult {
    for number in 0..SUBJECTS.len() * ROUNDS {
        let customer = &people.customers[number % people.customers.len()];
        let agent = &people.staff[number % people.staff.len()];
        let ticket = open(db, customer, number).await?;
        let ticket = take(db, agent, ticket, number).await?;
        answer(db, customer, &ticket, "Any news on this?", number).await?;
        if number % 2 == 0 {
            close(db, agent, ticket, number).await?;
        }
    }
    Ok(())
}

async fn open(
    db: &DatabaseConnection,
    customer: &user::Model,
    number: usize,
) -> Result<ticket::Model, threadline::Error> {
    let ctx = People::context(customer, &format!("req-open-{number}"));
    let txn = db.audit_begin(&ctx, "ticket.open").await?;
    let subject = SUBJECTS[number % SUBJECTS.len()];
    let ticket = ticket::ActiveModel {
        organization_id: Set(customer.organization_id),
        opened_by_id: Set(customer.id),
        subject: Set(subject.to_owned()),
        body: Set(format!("{subject}: it has been like this since Monday.")),
        status: Set(Status::Open),
        priority: Set(Priority::Normal),
        ..Default::default()
    };
    let ticket = ticket.insert(&txn).await?;
    Ok(txn.commit_with(ticket).await?.into_value())
}

/// Two changes of two tables under one action, tied to the other requests by a correlation id.
async fn take(
    db: &DatabaseConnection,
    agent: &user::Model,
    ticket: ticket::Model,
    number: usize,
) -> Result<ticket::Model, threadline::Error> {
    let ctx = People::context(agent, &format!("req-take-{number}"));
    let ctx = ctx.correlation_id(format!("shift-{}", number / 10));
    let action = Action::new("ticket.take").reason("first in the queue");
    let taken = db.audited(&ctx, action, async |txn| {
        reply(agent, &ticket, "We are looking into it.").insert(txn).await?;
        let mut ticket = ticket.into_active_model();
        ticket.assignee_id = Set(Some(agent.id));
        if number.is_multiple_of(3) {
            ticket.priority = Set(Priority::High);
        }
        ticket.update(txn).await
    });
    Ok(taken.await?.into_value())
}

async fn answer(
    db: &DatabaseConnection,
    author: &user::Model,
    ticket: &ticket::Model,
    text: &str,
    number: usize,
) -> Result<(), threadline::Error> {
    let ctx = People::context(author, &format!("req-answer-{number}"));
    let txn = db.audit_begin(&ctx, "ticket.reply").await?;
    reply(author, ticket, text).insert(&txn).await?;
    txn.commit().await?;
    Ok(())
}

/// A nested action: the reply is part of closing, and has a name of its own.
async fn close(
    db: &DatabaseConnection,
    agent: &user::Model,
    ticket: ticket::Model,
    number: usize,
) -> Result<(), DbErr> {
    let ctx = People::context(agent, &format!("req-close-{number}"));
    let txn = db.audit_begin(&ctx, Action::new("ticket.close").reason("solved")).await?;
    let nested = txn.audit_begin(&ctx, "ticket.reply").await?;
    reply(agent, &ticket, "This is solved now.").insert(&nested).await?;
    nested.commit().await?;
    let mut ticket = ticket.into_active_model();
    ticket.status = Set(Status::Closed);
    ticket.closed_at = Set(Some(Utc::now()));
    ticket.update(&txn).await?;
    txn.commit().await?;
    Ok(())
}

fn reply(author: &user::Model, ticket: &ticket::Model, text: &str) -> ticket_reply::ActiveModel {
    ticket_reply::ActiveModel {
        ticket_id: Set(ticket.id),
        organization_id: Set(ticket.organization_id),
        author_id: Set(author.id),
        body: Set(text.to_owned()),
        ..Default::default()
    }
}
