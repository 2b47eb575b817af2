//! The shapes in which handlers write: that they compile. They need a database, so nothing is run.

use poem::web::{Data, Path};
use poem::{Route, handler, post};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use threadline::{AuditExt, record_action};
use threadline_poem::{AuditContext, AuditError};

#[handler]
async fn guarded(
    db: Data<&DatabaseConnection>,
    ctx: AuditContext,
    Path(id): Path<i32>,
) -> Result<String, AuditError> {
    let txn = db.audit_begin(&ctx, "post.publish").await?;
    let rows = txn.execute_unprepared("SELECT 1").await?.rows_affected();
    if rows == 0 {
        record_action(db.0, &ctx, "post.look").await?;
    }
    let done = txn.commit_with(id).await?;
    Ok(done.transaction_id.to_string())
}

#[handler]
async fn closed(
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
    body: String,
) -> Result<String, AuditError> {
    let done = db
        .audited(&ctx, "post.publish", async |txn| {
            txn.execute_unprepared(&body).await?;
            txn.audited(&ctx, "post.notify", async |t| t.execute_unprepared(&body).await).await?;
            Ok::<_, AuditError>(body.len())
        })
        .await?;
    Ok(done.transaction_id.to_string())
}

#[test]
fn they_are_endpoints() {
    let _ = Route::new().at("/a/:id", post(guarded)).at("/b", post(closed));
}
