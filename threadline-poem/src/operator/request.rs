//! What the pages are told of a request.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::Utc;
use poem::http::{HeaderMap, Method, StatusCode, header};
use poem::{Request, Response};

use super::{mount, send};
use crate::access::Grant;
use crate::pages::{COOKIE, Preferences, Site, Visit};
use crate::view::{Links, Theme};

/// The longest address, path and query.
const MAX_ADDRESS: usize = 8 * 1024;
/// The longest form.
const MAX_FORM: usize = 16 * 1024;

pub(super) fn is_too_long(req: &Request) -> bool {
    let uri = req.uri();
    uri.path().len() + uri.query().map_or(0, str::len) > MAX_ADDRESS
}

/// The request as the pages see it, or the answer to one whose form cannot be read.
pub(super) async fn visit(
    mut req: Request,
    site: Arc<Site>,
    grant: Grant,
    links: Links,
) -> Result<Visit, Response> {
    let form = if req.method() == Method::POST { form(&mut req).await? } else { Vec::new() };
    let if_none_match = req.header(header::IF_NONE_MATCH).map(str::to_owned);
    Ok(Visit {
        site,
        grant,
        links,
        path: mount::path_below(&req),
        query: req.uri().query().unwrap_or_default().to_owned(),
        segments: BTreeMap::new(),
        form,
        preferences: preferences(req.headers()),
        if_none_match,
        now: Utc::now(),
    })
}

async fn form(req: &mut Request) -> Result<Vec<(String, String)>, Response> {
    let body = req.take_body().into_bytes_limit(MAX_FORM).await;
    let body =
        body.map_err(|_| send::plain(StatusCode::PAYLOAD_TOO_LARGE, "The form is too large."))?;
    Ok(form_urlencoded::parse(&body).into_owned().collect())
}

/// The cookie's choices; what it should not hold is left out.
fn preferences(headers: &HeaderMap) -> Preferences {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let chosen = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .and_then(|(_, value)| value.strip_prefix("theme:"));
    Preferences { theme: chosen.and_then(Theme::parse) }
}
