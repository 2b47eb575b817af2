//! Where the surface is mounted.

use poem::{PathPattern, Request};

/// The path of the surface as the browser sees it. The request's first address would tell, too, but not
/// in tests without a server.
pub(super) fn public_path(req: &Request, given: Option<&str>) -> String {
    match given {
        Some(path) => path.to_owned(),
        None => mounted_at(req).to_owned(),
    }
}

/// The path of the request below the mount, as it was sent; it begins with a slash.
pub(super) fn path_below(req: &Request) -> String {
    let path = req.uri().path();
    // `nest` takes the mount away, `nest_no_strip` does not; no page has the name of its own mount.
    let below = match path.strip_prefix(mounted_at(req)) {
        Some(below) if below.is_empty() || below.starts_with('/') => below,
        _ => path,
    };
    if below.starts_with('/') { below.to_owned() } else { format!("/{below}") }
}

fn mounted_at(req: &Request) -> &str {
    req.data::<PathPattern>().map_or("", |pattern| pattern.0.trim_end_matches('/'))
}
