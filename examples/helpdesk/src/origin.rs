//! Cross-site request forgery: a change is only taken from this site's own pages.

use std::sync::Arc;

use poem::http::{HeaderMap, Method, header};
use poem::{Endpoint, Request};

use crate::error::AppError;

/// The layer that refuses state-changing requests which another site's page made the browser send.
///
/// Browsers say where a request comes from, and a page cannot forge it: `Sec-Fetch-Site` on HTTPS and
/// on localhost, `Origin` everywhere. That needs neither a token in each form nor a secret.
pub(crate) async fn own_pages_only<E: Endpoint>(
    endpoint: Arc<E>,
    request: Request,
) -> poem::Result<E::Output> {
    if !is_allowed(request.method(), request.uri().path(), request.headers()) {
        return Err(AppError::ForeignPage.into());
    }
    endpoint.call(request).await
}

fn is_allowed(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin";
    }
    match headers.get(header::ORIGIN) {
        Some(origin) => {
            let authority = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
            let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
            authority.is_some_and(|(_, authority)| Some(authority) == host)
        }
        // A browser always sends one of the two with a POST, so this is a program such as curl, which
        // has no cookies that a foreign page could ride on. Programs use the API and the login; the
        // forms are for browsers.
        None => path.starts_with("/api/") || path == "/login",
    }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn post(path: &str, headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .collect();
        is_allowed(&Method::POST, path, &headers)
    }

    #[test]
    fn the_browser_says_where_it_comes_from() {
        assert!(post("/tickets", &[("sec-fetch-site", "same-origin")]));
        for site in ["same-site", "none", "cross-site", ""] {
            assert!(!post("/tickets", &[("sec-fetch-site", site)]), "{site}");
            assert!(!post("/api/posts", &[("sec-fetch-site", site)]), "{site}");
        }
    }

    #[test]
    fn without_that_the_origin_must_be_the_host() {
        let host = ("host", "127.0.0.1:8000");
        assert!(post("/tickets", &[host, ("origin", "http://127.0.0.1:8000")]));
        for origin in ["null", "https://evil.example", "http://127.0.0.1:8001", "127.0.0.1:8000"] {
            assert!(!post("/tickets", &[host, ("origin", origin)]), "{origin}");
        }
        assert!(!post("/tickets", &[("origin", "http://127.0.0.1:8000")]), "no host to compare");
    }

    #[test]
    fn a_program_may_use_the_api_and_sign_in() {
        assert!(post("/api/posts", &[]));
        assert!(post("/login", &[]));
        assert!(!post("/tickets", &[]));
        assert!(is_allowed(&Method::GET, "/tickets/1", &HeaderMap::new()));
    }
}
