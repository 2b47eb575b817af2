//! Answers as responses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use poem::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use poem::{Body, Response};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::pages::assets;
use crate::pages::{Answer, Verb};
use crate::view::{self, Links};

pub(super) fn answer(answer: Answer, is_head: bool) -> Response {
    let mut response = match answer {
        Answer::Page(markup) => page(StatusCode::OK, markup.into_string()),
        Answer::Refused(status, markup) => page(status_of(status), markup.into_string()),
        Answer::Later { status, seconds, page: markup } => {
            let response = page(status_of(status), markup.into_string());
            with(response, header::RETRY_AFTER, Some(&seconds.to_string()))
        }
        Answer::Json { body, tag } => {
            let response = Response::builder().content_type("application/json").body(body);
            with(response, header::ETAG, tag.as_deref())
        }
        Answer::Download { name, media, body, rows } => download(&name, media, body, rows),
        Answer::Kept { to, cookie } => {
            let response = moved(StatusCode::SEE_OTHER, &to);
            with(response, header::SET_COOKIE, Some(&cookie))
        }
        Answer::SeeOther(to) => moved(StatusCode::SEE_OTHER, &to),
        Answer::Moved(to) => moved(StatusCode::PERMANENT_REDIRECT, &to),
        Answer::NotModified => Response::builder().status(StatusCode::NOT_MODIFIED).finish(),
    };
    if is_head {
        response.set_body(Body::empty());
    }
    response
}

fn status_of(number: u16) -> StatusCode {
    StatusCode::from_u16(number).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// A file with everything by which whoever takes it can tell that it is whole: how long it is, how many
/// changes it has, and its digest (RFC 9530).
fn download(name: &str, media: &str, body: Vec<u8>, rows: u64) -> Response {
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(&body)));
    let facts = [
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
        (header::CONTENT_LENGTH, body.len().to_string()),
        (HeaderName::from_static("x-threadline-rows"), rows.to_string()),
        (HeaderName::from_static("repr-digest"), digest),
    ];
    let response = Response::builder().content_type(media).body(body);
    facts.into_iter().fold(response, |response, (name, value)| with(response, name, Some(&value)))
}

fn page(status: StatusCode, html: String) -> Response {
    Response::builder().status(status).content_type("text/html; charset=utf-8").body(html)
}

fn with(mut response: Response, name: header::HeaderName, value: Option<&str>) -> Response {
    if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
        response.headers_mut().insert(name, value);
    }
    response
}

fn moved(status: StatusCode, to: &str) -> Response {
    with(Response::builder().status(status).finish(), header::LOCATION, Some(to))
}

/// A few words, for what has no page.
pub(super) fn plain(status: StatusCode, text: &'static str) -> Response {
    Response::builder().status(status).content_type("text/plain; charset=utf-8").body(text)
}

/// For whoever has no grant: a page that is the same at every address, and tells nothing of what there is.
pub(super) fn denied(method: &Method, links: &Links) -> Response {
    let body = match *method {
        Method::HEAD => String::new(),
        _ => view::closed(&links.asset(assets::names().style)).into_string(),
    };
    page(StatusCode::FORBIDDEN, body)
}

/// To the host's own page for signing in: a path of the same host and nothing else.
pub(super) fn login(method: &Method, to: &str, links: &Links) -> Response {
    let is_path = crate::pages::is_host_path(to);
    if !is_path || !matches!(*method, Method::GET | Method::HEAD) {
        return denied(method, links);
    }
    moved(StatusCode::SEE_OTHER, to)
}

pub(super) fn wrong_verb(verbs: &[Verb]) -> Response {
    let mut allowed = Vec::new();
    for verb in verbs {
        allowed.push(match verb {
            Verb::Get => "GET, HEAD",
            Verb::Post => "POST",
        });
    }
    let response = plain(StatusCode::METHOD_NOT_ALLOWED, "This cannot be asked in that way.");
    with(response, header::ALLOW, Some(&allowed.join(", ")))
}

pub(super) fn asset(method: &Method, name: &str) -> Response {
    let Some(asset) = assets::asset(name) else {
        return plain(StatusCode::NOT_FOUND, "There is no such file.");
    };
    let body = match *method {
        Method::GET => asset.body,
        Method::HEAD => "",
        _ => return wrong_verb(&[Verb::Get]),
    };
    let response = Response::builder().content_type(asset.media).body(body);
    with(response, header::CACHE_CONTROL, Some("public, max-age=31536000, immutable"))
}

pub(super) fn panicked() -> Response {
    let incident = Uuid::now_v7();
    tracing::error!(
        name: "threadline.operator.panicked",
        target: "threadline",
        %incident,
        "an operator page panicked"
    );
    Response::builder()
        .status(StatusCode::INTERNAL_SERVER_ERROR)
        .content_type("text/plain; charset=utf-8")
        .body(format!("Something went wrong. It is logged as incident {incident}."))
}
