//! Signing in and out, both of which are recorded.

use chrono::Utc;
use helpdesk_entity::user;
use maud::{Markup, html};
use poem::http::StatusCode;
use poem::session::Session;
use poem::web::{Data, Form, Redirect};
use poem::{IntoResponse, Response, handler};
use sea_orm::{ActiveModelTrait, ColumnTrait, DatabaseConnection, EntityTrait, QueryFilter, Set};
use serde::Deserialize;
use threadline::{Action, ActorRef, AuditExt, record_action};
use threadline_poem::AuditContext;

use crate::error::AppError;
use crate::session::{self, Viewer};
use crate::{password, view};

#[derive(Deserialize)]
pub(crate) struct Credentials {
    email: String,
    password: String,
}

#[handler]
pub(crate) async fn login(
    Form(credentials): Form<Credentials>,
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
    session: &Session,
) -> Result<Response, AppError> {
    let Some(user) = authenticate(credentials, db).await? else {
        // A failed attempt has no rows, and nobody known who made it. What was typed does not belong
        // in the trail: people type passwords into the wrong field.
        let mut attempt = ctx.into_inner();
        attempt.actor = Some(ActorRef::anonymous());
        let action = Action::new("session.login").failed().reason("wrong e-mail or password");
        record_action(db, &attempt, action).await?;
        let notice = "There is no account with this e-mail and password.";
        let page = view::page("Sign in", None, form(Some(notice)));
        return Ok(page.with_status(StatusCode::UNAUTHORIZED).into_response());
    };
    let viewer = Viewer::of(user.clone());
    // The session does not know them yet, so the request's context cannot either.
    let mut who = ctx.into_inner();
    who.actor = Some(viewer.actor());
    let txn = db.audit_begin(&who, "session.login").await?;
    let mut user: user::ActiveModel = user.into();
    user.last_seen_at = Set(Some(Utc::now()));
    user.update(&txn).await?;
    txn.commit().await?;
    session::begin(session, &viewer);
    Ok(Redirect::see_other("/").into_response())
}

/// The user with these credentials. It takes as long whether or not there is such a user.
async fn authenticate(
    credentials: Credentials,
    db: &DatabaseConnection,
) -> Result<Option<user::Model>, AppError> {
    let email = credentials.email.trim().to_lowercase();
    // PostgreSQL refuses a NUL character, so nobody has one in their address.
    let user = match email.contains('\0') {
        true => None,
        false => user::Entity::find().filter(user::Column::Email.eq(email)).one(db).await?,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = password::verify(credentials.password, hash).await;
    Ok(user.filter(|_| is_right))
}

#[handler]
pub(crate) async fn logout(
    viewer: Option<Viewer>,
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
    session: &Session,
) -> Result<Response, AppError> {
    if viewer.is_some() {
        record_action(db, &ctx, "session.logout").await?;
    }
    session::end(session);
    Ok(Redirect::see_other("/").into_response())
}

/// The login form, with what went wrong the last time.
pub(crate) fn form(notice: Option<&str>) -> Markup {
    html! {
        @if let Some(notice) = notice {
            p.error role="alert" { (notice) }
        }
        form.stacked method="post" action="/login" {
            label { "E-mail" input type="email" name="email" autocomplete="username" required; }
            label {
                "Password"
                input type="password" name="password" autocomplete="current-password" required;
            }
            button { "Sign in" }
        }
    }
}
