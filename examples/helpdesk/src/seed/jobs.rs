//! A background job that somebody asked for, and one that nobody did.

use chrono::Utc;
use helpdesk_entity::ticket::{self, Priority, Status};
use helpdesk_entity::user;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Set,
};
use serde::{Deserialize, Serialize};
use threadline::{Action, AuditContext, AuditExt, JobContext};

use super::SeedResult;
use super::accounts::People;

pub(super) async fn run(db: &DatabaseConnection, people: &People) -> SeedResult {
    let ctx = People::context(&people.admin, "req-escalate").correlation_id("escalation-1");
    // A queue stores text, so nothing but text gets from the request to the worker.
    let payload = serde_json::to_string(&Escalate { at_most: 5, asked: JobContext::new(&ctx)? })?;
    escalate(db, &payload).await?;
    nightly(db).await?;
    merge_duplicates(db).await
}

/// The arguments of the job: its own, and on whose behalf it runs.
#[derive(Serialize, Deserialize)]
struct Escalate {
    at_most: u64,
    #[serde(flatten)]
    asked: JobContext,
}

/// The worker: what it writes is put down to whoever asked for it, with the job named.
async fn escalate(db: &DatabaseConnection, payload: &str) -> SeedResult {
    let job: Escalate = serde_json::from_str(payload)?;
    let ctx = job.asked.into_context().job_id("escalate-1042");
    let action = Action::new("ticket.escalate").reason("nobody has answered for a day");
    let txn = db.audit_begin(&ctx, action).await?;
    let ids: Vec<i64> = ticket::Entity::find()
        .select_only()
        .column(ticket::Column::Id)
        .filter(ticket::Column::Status.eq(Status::Open))
        .filter(ticket::Column::Priority.eq(Priority::Normal))
        .order_by_asc(ticket::Column::Id)
        .limit(job.at_most)
        .into_tuple()
        .all(&txn)
        .await?;
    ticket::Entity::update_many()
        .col_expr(ticket::Column::Priority, Expr::value(Priority::High))
        .filter(ticket::Column::Id.is_in(ids))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    Ok(())
}

/// Nobody asked for this one: the job itself is the actor.
async fn nightly(db: &DatabaseConnection) -> SeedResult {
    let ctx = AuditContext::job("nightly-cleanup").job_id("nightly-2026-01-31");
    let txn = db.audit_begin(&ctx, Action::new("user.forget_phone").category("privacy")).await?;
    user::Entity::update_many()
        .col_expr(user::Column::Phone, Expr::value(Option::<String>::None))
        .filter(user::Column::Email.starts_with("it@"))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    Ok(())
}

/// What somebody will ask about at three in the morning: the job takes tickets with the same subject for
/// the same ticket, and so closes one that nobody has solved.
async fn merge_duplicates(db: &DatabaseConnection) -> SeedResult {
    let ctx = AuditContext::job("merge-duplicates").job_id("merge-2026-01-31");
    let open = ticket::Entity::find()
        .filter(ticket::Column::Status.eq(Status::Open))
        .order_by_asc(ticket::Column::Id)
        .all(db)
        .await?;
    let Some(first) = open.first() else { return Ok(()) };
    let same = |other: &&ticket::Model| {
        other.subject == first.subject && other.organization_id == first.organization_id
    };
    for double in open.iter().skip(1).filter(same) {
        let action =
            Action::new("ticket.merge").reason(format!("the same subject as #{}", first.id));
        let txn = db.audit_begin(&ctx, action).await?;
        let mut merged = double.clone().into_active_model();
        merged.status = Set(Status::Closed);
        merged.closed_at = Set(Some(Utc::now()));
        merged.body = Set(format!("Merged into #{}.", first.id));
        merged.update(&txn).await?;
        txn.commit().await?;
    }
    Ok(())
}
