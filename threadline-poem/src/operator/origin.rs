//! Cross-site request forgery: a form is only taken from the surface's own pages.

use poem::http::{HeaderMap, header};

/// Whether a request that changes something comes from a page of this site. Browsers say so, and a page
/// cannot forge it: `Sec-Fetch-Site` where the connection is trustworthy, `Origin` everywhere. That needs
/// no cookie, key or session, which a mounted library does not own.
pub(super) fn is_own(headers: &HeaderMap, allowed: &[String]) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site == "same-origin"
            || (site == "same-site" || site == "cross-site") && is_listed(headers, allowed);
    }
    let Some(origin) = text(headers, &header::ORIGIN) else { return false };
    if is_listed(headers, allowed) {
        return true;
    }
    let authority = origin.split_once("://").map(|(_, authority)| authority);
    authority.is_some() && authority == text(headers, &header::HOST)
}

fn is_listed(headers: &HeaderMap, allowed: &[String]) -> bool {
    text(headers, &header::ORIGIN)
        .is_some_and(|origin| allowed.iter().any(|allowed| allowed == origin))
}

/// The one value of a header; of two nobody knows which is meant.
fn text<'h>(headers: &'h HeaderMap, name: &header::HeaderName) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use poem::http::HeaderValue;

    use super::*;

    fn own(headers: &[(&'static str, &'static str)]) -> bool {
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| {
                (header::HeaderName::from_static(name), HeaderValue::from_static(value))
            })
            .collect();
        is_own(&headers, &["https://ops.example".to_owned()])
    }

    #[test]
    fn the_browser_says_where_it_comes_from() {
        assert!(own(&[("sec-fetch-site", "same-origin")]));
        for site in ["same-site", "none", "cross-site", ""] {
            assert!(!own(&[("sec-fetch-site", site)]), "{site}");
            assert!(
                !own(&[("sec-fetch-site", site), ("host", "a"), ("origin", "http://a")]),
                "{site}"
            );
        }
    }

    #[test]
    fn without_that_the_origin_must_be_the_host() {
        let host = ("host", "127.0.0.1:8000");
        assert!(own(&[host, ("origin", "http://127.0.0.1:8000")]));
        for origin in ["null", "https://evil.example", "http://127.0.0.1:8001", "127.0.0.1:8000"] {
            assert!(!own(&[host, ("origin", origin)]), "{origin}");
        }
        assert!(!own(&[host]), "neither is sent");
        assert!(!own(&[("origin", "http://127.0.0.1:8000")]), "no host to compare");
    }

    #[test]
    fn an_origin_that_the_host_names_is_taken() {
        assert!(own(&[("origin", "https://ops.example"), ("host", "a")]));
        assert!(own(&[("origin", "https://ops.example"), ("sec-fetch-site", "cross-site")]));
        assert!(!own(&[("origin", "https://ops.example.evil"), ("host", "a")]));
    }
}
