//! The trail, for those who may see it: admins see everything, support sees what its organization's rows
//! went through, and agents see what they did themselves.

use std::collections::HashMap;

use helpdesk_entity::user::{self, Role};
use maud::{Markup, html};
use poem::handler;
use poem::web::{Data, Json, Path};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QuerySelect,
};
use serde_json::{Value, json};
use threadline::{
    ActorRef, ActorType, ChangeDiff, Predicate, Reader, Registry, TableName, audit_transaction,
    incident_bundle,
};
use threadline_poem::{Capability, Decision, Grant, Links, Surface};

use crate::error::AppError;
use crate::session::Viewer;

/// Where the operator pages are.
const MOUNT: &str = "/audit";

/// The addresses of the operator pages, for the pages of the application to link to.
pub(crate) fn links() -> Links {
    Links::new(MOUNT)
}

/// The operator pages. They ask at every request who it is, because whoever loses a role loses what goes
/// with it at once.
pub(crate) fn surface(db: &DatabaseConnection, registry: &Registry) -> Surface {
    let names_of = db.clone();
    Surface::builder(db.clone(), registry)
        .authorize(|request| {
            let decision = request.data::<Viewer>().map(decide);
            async move { decision.unwrap_or_else(|| Decision::Login("/".to_owned())) }
        })
        .brand("Helpdesk")
        .contact("Ask whoever runs this helpdesk.")
        .actor_names(move |actors| names(names_of.clone(), actors))
        .host_link(|table, key| {
            let id: i64 = key.to_string().parse().ok()?;
            (table.to_string() == "public.tickets").then(|| format!("/tickets/{id}"))
        })
        .build()
}

/// Who may see which part of the trail.
fn decide(viewer: &Viewer) -> Decision {
    let grant = match (viewer.role, scope(viewer)) {
        (Role::Admin, _) => [Capability::Coverage, Capability::Policy]
            .into_iter()
            .fold(Grant::everything(viewer.actor()), Grant::allow),
        (Role::Support, Ok(Some(scope))) => {
            Grant::scoped(viewer.actor(), format!("organization {}", viewer.organization_id), scope)
        }
        _ => return Decision::Deny,
    };
    Decision::Allow(grant.allow(Capability::Export).named(viewer.name.clone()))
}

/// What somebody's view of the trail is narrowed to; `None` for those who see everything.
fn scope(viewer: &Viewer) -> Result<Option<Predicate>, threadline::Error> {
    let Some(id) = viewer.only_organization() else { return Ok(None) };
    Ok(Some(Predicate::any([
        Predicate::column("organization_id", id),
        Predicate::all([
            Predicate::table(TableName::parse("organizations")?),
            Predicate::key("id", id),
        ]),
    ])))
}

/// The trail as somebody may see it.
pub(crate) fn reader<'db, C: ConnectionTrait>(
    viewer: &Viewer,
    db: &'db C,
) -> Result<Reader<'db, C>, threadline::Error> {
    let reader = Reader::new(db);
    Ok(match scope(viewer)? {
        Some(scope) => reader.scoped((), |()| scope),
        None => reader,
    })
}

/// Whether the operator pages would let them in.
pub(crate) fn may_enter(viewer: &Viewer) -> bool {
    matches!(viewer.role, Role::Admin | Role::Support)
}

/// What actors are called: users by their name, in one query.
async fn names(db: DatabaseConnection, actors: Vec<ActorRef>) -> HashMap<ActorRef, String> {
    let is_person =
        |actor: &ActorRef| matches!(actor.actor_type(), ActorType::User | ActorType::Admin);
    let ids =
        actors.iter().filter(|actor| is_person(actor)).filter_map(|actor| actor.id()?.parse().ok());
    let found: Result<Vec<(i64, String)>, _> = user::Entity::find()
        .select_only()
        .columns([user::Column::Id, user::Column::Name])
        .filter(user::Column::Id.is_in(ids.collect::<Vec<i64>>()))
        .into_tuple()
        .all(&db)
        .await;
    // Without names the pages still tell who it was.
    let found = found.unwrap_or_default();
    let named = found
        .into_iter()
        .flat_map(|(id, name)| [(ActorRef::user(id), name.clone()), (ActorRef::admin(id), name)]);
    named.collect()
}

/// `GET /api/audit_transactions/:id/changes`: what one transaction changed, column by column.
///
/// Admins look up any transaction, support what is within its scope, and everybody their own. What
/// somebody may not see is answered like what is not there, so that an id tells nothing.
#[handler]
pub(crate) async fn changes(
    viewer: Viewer,
    Path(id): Path<i64>,
    Data(db): Data<&DatabaseConnection>,
) -> Result<Json<Value>, AppError> {
    let is_own = audit_transaction(db, id).await?.actor == Some(viewer.actor());
    let bundle = match (is_own, may_enter(&viewer)) {
        (true, _) => incident_bundle(db, id).await?,
        (false, true) => incident_bundle(&reader(&viewer, db)?, id).await?,
        (false, false) => return Err(AppError::NotFound),
    };
    let changes: Vec<&ChangeDiff> = bundle.changes.iter().map(|one| &one.change_diff).collect();
    Ok(Json(json!({
        "transaction": bundle.transaction,
        "action": bundle.action,
        "changes": changes,
        "truncated": bundle.truncated,
    })))
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
