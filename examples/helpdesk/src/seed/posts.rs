//! Articles by the admin, an import by a program, and attempts that failed.

use helpdesk_entity::post;
use sea_orm::{ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel, Set};
use threadline::{Action, ActorRef, AuditContext, AuditExt, record_action};

use super::SeedResult;
use super::accounts::People;

const TITLES: [&str; 12] = [
    "How to open a ticket",
    "How to close a ticket",
    "Opening hours",
    "What a plan includes",
    "Changing your address",
    "Adding a mailbox",
    "Exporting your data",
    "When we are on holiday",
    "Attachments and their size",
    "Searching",
    "Your rights",
    "Who to call at night",
];

pub(super) async fn write(db: &DatabaseConnection, people: &People) -> SeedResult {
    for (number, title) in TITLES.into_iter().enumerate() {
        publish(db, people, number, title).await?;
    }
    import(db, people).await?;
    fail(db, people).await?;
    Ok(())
}

/// Written and published in two requests that share a correlation id.
async fn publish(
    db: &DatabaseConnection,
    people: &People,
    number: usize,
    title: &str,
) -> Result<(), threadline::Error> {
    let edition = format!("edition-{}", number / 4);
    let ctx = People::context(&people.admin, &format!("req-write-{number}"));
    let txn = db.audit_begin(&ctx.correlation_id(&edition), "post.create").await?;
    let draft = post::ActiveModel {
        author_id: Set(people.admin.id),
        title: Set(title.to_owned()),
        slug: Set(title.to_lowercase().replace(' ', "-")),
        published: Set(false),
        ..Default::default()
    };
    let draft = draft.insert(&txn).await?;
    txn.commit().await?;
    let ctx = People::context(&people.admin, &format!("req-publish-{number}"));
    let txn = db.audit_begin(&ctx.correlation_id(&edition), "post.publish").await?;
    let mut post = draft.into_active_model();
    post.published = Set(true);
    post.update(&txn).await?;
    txn.commit().await?;
    Ok(())
}

/// Many rows in one statement, by a program that has an account of its own.
async fn import(db: &DatabaseConnection, people: &People) -> Result<(), threadline::Error> {
    let ctx = AuditContext::new(ActorRef::service_account("docs-importer"))
        .correlation_id("import-2026-01")
        .meta(serde_json::json!({ "file": "faq.csv" }));
    let txn = db.audit_begin(&ctx, Action::new("post.import").category("import")).await?;
    let posts = (1..=20).map(|number| post::ActiveModel {
        author_id: Set(people.admin.id),
        title: Set(format!("Frequent question {number}")),
        slug: Set(format!("faq-{number}")),
        published: Set(true),
        ..Default::default()
    });
    post::Entity::insert_many(posts).exec(&txn).await?;
    txn.commit().await?;
    Ok(())
}

/// What did not happen is worth knowing too: an action with no rows and the status `error`.
async fn fail(db: &DatabaseConnection, people: &People) -> Result<(), threadline::Error> {
    let agent = &people.staff[people.staff.len() - 1];
    let ctx = People::context(agent, "req-forbidden");
    let action = Action::new("post.publish").failed().reason("not permitted for agents");
    record_action(db, &ctx, action).await?;
    for attempt in 0..3 {
        let ctx = AuditContext::anonymous().request_id(format!("req-login-{attempt}"));
        let action = Action::new("session.login").failed().reason("wrong e-mail or password");
        record_action(db, &ctx, action).await?;
    }
    Ok(())
}
