//! Help center articles, created by programs.

use helpdesk_entity::post;
use poem::http::StatusCode;
use poem::web::{Data, Json};
use poem::{Body, IntoResponse, Request, Response, handler};
use sea_orm::{ActiveModelTrait, DatabaseConnection, Set, SqlErr};
use serde::Deserialize;
use serde_json::json;
use threadline::AuditExt;
use threadline_poem::AuditContext;

use crate::error::AppError;
use crate::input;
use crate::session::Viewer;

const MAX_BODY_BYTES: usize = 16 * 1024;
const MAX_TITLE_CHARS: usize = 200;
const MAX_SLUG_CHARS: usize = 80;

/// `POST /api/posts`: answers with the post's id and the audit transaction that holds its insert.
#[handler]
pub(crate) async fn create(
    viewer: Viewer,
    Data(db): Data<&DatabaseConnection>,
    ctx: AuditContext,
    request: &Request,
    body: Body,
) -> Result<Response, AppError> {
    let new = NewPost::read(request, body).await?;
    // If anything below fails, the guard is dropped and all of it is rolled back.
    let txn = db.audit_begin(&ctx, "post_created_via_api").await?;
    let post = post::ActiveModel {
        author_id: Set(viewer.id),
        title: Set(new.title),
        slug: Set(new.slug),
        published: Set(false),
        ..Default::default()
    };
    let post = post.insert(&txn).await.map_err(|error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            AppError::Invalid("another post has this slug".to_owned())
        }
        _ => error.into(),
    })?;
    let done = txn.commit_with(post).await?;
    let answer = json!({ "id": done.id, "audit_transaction_id": done.transaction_id });
    Ok(Json(answer).with_status(StatusCode::CREATED).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPost {
    title: String,
    slug: String,
}

impl NewPost {
    async fn read(request: &Request, body: Body) -> Result<Self, AppError> {
        // A form of a foreign page cannot send this type.
        let is_json = request.content_type().is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim() == "application/json")
        });
        if !is_json {
            return Err(AppError::NotJson);
        }
        let bytes = body.into_bytes_limit(MAX_BODY_BYTES).await.map_err(|_| {
            AppError::Invalid(format!("the body must not have more than {MAX_BODY_BYTES} bytes"))
        })?;
        let new: Self = serde_json::from_slice(&bytes)
            .map_err(|error| AppError::Invalid(format!("the body cannot be read: {error}")))?;
        Ok(Self {
            title: input::line("title", &new.title, MAX_TITLE_CHARS)?,
            slug: slug(new.slug)?,
        })
    }
}

fn slug(slug: String) -> Result<String, AppError> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=MAX_SLUG_CHARS).contains(&slug.len()) && slug.chars().all(fits) {
        return Ok(slug);
    }
    Err(AppError::Invalid(format!(
        "slug must have 1 to {MAX_SLUG_CHARS} characters, of a to z, 0 to 9 and `-`"
    )))
}
