//! What the headers of a request say, as far as it can be believed to be an id.

use poem::Request;
use poem::http::HeaderName;
use threadline::context::valid_id;

/// A longer request id is no id but an attempt to fill the log.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// Whether a text can be a request id, which goes into the response's headers too.
pub(crate) fn is_request_id(id: &str) -> bool {
    (1..=MAX_REQUEST_ID_BYTES).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The id the caller gave the request.
pub(crate) fn request_id(req: &Request, name: &HeaderName) -> Option<String> {
    read(req, name, |text| is_request_id(text).then(|| text.to_owned()))
}

/// What ties the request to others, as the caller put it.
pub(crate) fn correlation_id(req: &Request, name: &HeaderName) -> Option<String> {
    read(req, name, |text| valid_id(text).map(str::to_owned))
}

/// The trace of a W3C `traceparent`.
pub(crate) fn trace_id(req: &Request) -> Option<String> {
    read(req, &HeaderName::from_static("traceparent"), |text| trace_of(text).map(str::to_owned))
}

/// The one value of a header. A header that comes twice, or that cannot be what it should be, is
/// dropped: which of two is meant, nobody knows. Its value does not go to the log.
fn read(
    req: &Request,
    name: &HeaderName,
    accept: impl Fn(&str) -> Option<String>,
) -> Option<String> {
    let mut values = req.headers().get_all(name).iter();
    let first = values.next()?;
    let only = values.next().is_none().then_some(first);
    let accepted =
        only.and_then(|value| std::str::from_utf8(value.as_bytes()).ok()).and_then(accept);
    if accepted.is_none() {
        tracing::warn!(
            name: "threadline.http.header_dropped",
            target: "threadline",
            header = name.as_str(),
            "a header of the request is not usable and was left out"
        );
    }
    accepted
}

/// `version-traceid-parentid-flags`; a version that is not known yet may append more.
fn trace_of(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.trim().split('-');
    let version = parts.next().filter(|part| is_hex(part, 2) && *part != "ff")?;
    let trace = parts.next().filter(|part| is_hex(part, 32) && !is_zero(part))?;
    parts.next().filter(|part| is_hex(part, 16) && !is_zero(part))?;
    parts.next().filter(|part| is_hex(part, 2))?;
    (version != "00" || parts.next().is_none()).then_some(trace)
}

fn is_hex(part: &str, length: usize) -> bool {
    part.len() == length && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_zero(part: &str) -> bool {
    part.bytes().all(|byte| byte == b'0')
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const PARENT: &str = "00f067aa0ba902b7";

    #[test]
    fn a_request_id_is_visible_ascii() {
        assert!(is_request_id("a"));
        assert!(is_request_id(&"~".repeat(128)));
        for bad in ["", "a b", "a\u{7f}", "é", &"a".repeat(129)] {
            assert!(!is_request_id(bad), "{bad}");
        }
    }

    #[test]
    fn a_traceparent_has_its_parts() {
        assert_eq!(trace_of(&format!("00-{TRACE}-{PARENT}-01")), Some(TRACE));
        assert_eq!(trace_of(&format!("01-{TRACE}-{PARENT}-01-more")), Some(TRACE));
        let zeros = "0".repeat(32);
        for bad in [
            String::new(),
            TRACE.to_owned(),
            format!("00-{TRACE}-{PARENT}"),
            format!("00-{TRACE}-{PARENT}-01-more"),
            format!("ff-{TRACE}-{PARENT}-01"),
            format!("00-{zeros}-{PARENT}-01"),
            format!("00-{TRACE}-0000000000000000-01"),
            format!("00-{}-{PARENT}-01", TRACE.to_uppercase()),
            format!("00-{TRACE}x-{PARENT}-01"),
        ] {
            assert_eq!(trace_of(&bad), None, "{bad}");
        }
    }
}
