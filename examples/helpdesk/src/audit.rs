//! The trail, for those who may see it.

use helpdesk_entity::user::Role;
use maud::{Markup, html};
use poem::handler;
use poem::web::{Data, Html, Json, Path};
use sea_orm::DatabaseConnection;
use serde_json::{Value, json};
use threadline::{ChangeDiff, IncidentBundle, incident_bundle, transactions};

use crate::error::AppError;
use crate::session::Viewer;
use crate::view;

/// Each of them takes a query of its own, so this is a first page and no more.
const NEWEST: u32 = 20;

/// `GET /api/audit_transactions/:id/changes`: what one transaction changed, column by column.
///
/// Admins and support look up any transaction, agents those of their own. What somebody may not see
/// is answered like what is not there, so that an id tells nothing.
#[handler]
pub(crate) async fn changes(
    viewer: Viewer,
    Path(id): Path<i64>,
    Data(db): Data<&DatabaseConnection>,
) -> Result<Json<Value>, AppError> {
    let bundle = incident_bundle(db, id).await?;
    let is_own = bundle.transaction.actor == Some(viewer.actor());
    if !is_own && !matches!(viewer.role, Role::Admin | Role::Support) {
        return Err(AppError::NotFound);
    }
    let changes: Vec<&ChangeDiff> = bundle.changes.iter().map(|one| &one.change_diff).collect();
    Ok(Json(json!({
        "transaction": bundle.transaction,
        "action": bundle.action,
        "changes": changes,
        "truncated": bundle.truncated,
    })))
}

/// `GET /audit`: the newest transactions, with what they changed.
#[handler]
pub(crate) async fn newest(
    viewer: Viewer,
    Data(db): Data<&DatabaseConnection>,
) -> Result<Html<String>, AppError> {
    if !viewer.is_admin() {
        return Err(AppError::Forbidden);
    }
    let mut bundles = Vec::new();
    for (transaction, _) in transactions(db, NEWEST).await? {
        bundles.push(incident_bundle(db, transaction.id).await?);
    }
    let body = html! {
        p { "The newest " (bundles.len()) " transactions." }
        @for bundle in &bundles { (entry(bundle)) }
    };
    Ok(view::page("Audit trail", Some(&viewer), body))
}

fn entry(bundle: &IncidentBundle) -> Markup {
    let transaction = &bundle.transaction;
    html! {
        section.entry id={ "transaction-" (transaction.id) } {
            h2 {
                @match &bundle.action {
                    Some(action) => (action.name),
                    None => "no action named",
                }
            }
            p.facts {
                "#" (transaction.id) " · " (view::moment(transaction.occurred_at)) " · "
                @match &transaction.actor {
                    Some(actor) => (actor),
                    // Nobody said who it was, so the database's own facts are all there is.
                    None => { "nobody named; database role " (transaction.session_user_name) }
                }
                @if let Some(id) = &transaction.correlation_id { " · " code { (id) } }
            }
            @if let Some(reason) = bundle.action.as_ref().and_then(|action| action.reason.as_ref()) {
                p { (reason) }
            }
            ul {
                @for change in &bundle.changes { li { (diff(&change.change_diff)) } }
            }
            @if bundle.truncated { p { "There are more changes than are shown." } }
        }
    }
}

/// One change, in a line and the columns it is about.
pub(crate) fn diff(diff: &ChangeDiff) -> Markup {
    html! {
        b { (diff.op.to_lowercase()) } " " (diff.table_name)
        @if let Some(key) = &diff.row_pk { " " (key.values().map(plain).collect::<Vec<_>>().join(", ")) }
        @if !diff.field_changes.is_empty() {
            dl {
                @for field in &diff.field_changes {
                    dt { (field.name) }
                    dd {
                        del { (field.before.as_ref().map_or_else(String::new, plain)) }
                        " → "
                        ins { (field.after.as_ref().map_or_else(String::new, plain)) }
                    }
                }
            }
        }
    }
}

/// A value as people write it: text without quotes.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}
