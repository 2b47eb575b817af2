//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use poem::Request;

/// The address of the client. That is the other end of the socket, unless the host says how many
/// proxies of its own stand before it: then it is the address that the outermost of these saw.
///
/// What the client itself writes into `X-Forwarded-For` is to the left of that, and is never read.
pub(crate) fn remote_ip(req: &Request, trusted_hops: usize) -> Option<IpAddr> {
    let peer = req.remote_addr().as_socket_addr().map(SocketAddr::ip);
    let forwarded = trusted_hops.checked_sub(1).and_then(|hop| forwarded_for(req, hop));
    forwarded.or(peer).map(|ip| ip.to_canonical())
}

/// The entry of `X-Forwarded-For` that has so many others to its right.
fn forwarded_for(req: &Request, others: usize) -> Option<IpAddr> {
    let values = req.headers().get_all("x-forwarded-for").iter().rev();
    let mut entries = values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b','));
    parse(std::str::from_utf8(entries.nth(others)?).ok()?.trim())
}

/// Some proxies add the port.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_may_have_a_port() {
        let v4: IpAddr = [10, 0, 0, 1].into();
        let v6: IpAddr = "2001:db8::1".parse().unwrap();
        assert_eq!(parse("10.0.0.1"), Some(v4));
        assert_eq!(parse("10.0.0.1:80"), Some(v4));
        assert_eq!(parse("2001:db8::1"), Some(v6));
        assert_eq!(parse("[2001:db8::1]"), Some(v6));
        assert_eq!(parse("[2001:db8::1]:80"), Some(v6));
        assert_eq!(parse("unknown"), None);
    }
}
