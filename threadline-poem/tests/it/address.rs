//! Where a request comes from.

use std::net::SocketAddr;

use poem::http::{self, uri::Scheme};
use poem::web::{LocalAddr, RemoteAddr};
use poem::{Addr, Body, Endpoint, EndpointExt, Request, RequestParts};
use serde_json::{Value, json};
use threadline_poem::Audit;

use crate::{nobody, tell};

/// The address that is recorded for a request from `peer` with these values of `X-Forwarded-For`.
async fn recorded(audit: Audit, peer: Addr, forwarded: &[&str]) -> Value {
    let mut request = http::Request::builder().uri("/");
    for value in forwarded {
        request = request.header("x-forwarded-for", *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let addresses = (LocalAddr::default(), RemoteAddr(peer), Scheme::HTTP);
    let parts = RequestParts::from((parts, addresses.0, addresses.1, addresses.2));
    let response = tell.with(audit).call(Request::from_parts(parts, Body::empty())).await.unwrap();
    let body = response.into_body().into_string().await.unwrap();
    serde_json::from_str::<Value>(&body).unwrap()["remote_ip"].clone()
}

fn peer(address: &str) -> Addr {
    address.parse::<SocketAddr>().unwrap().into()
}

#[tokio::test]
async fn it_is_the_other_end_of_the_socket() {
    assert_eq!(recorded(nobody(), peer("192.0.2.1:4711"), &[]).await, json!("192.0.2.1"));
    assert_eq!(recorded(nobody(), peer("[2001:db8::1]:1"), &[]).await, json!("2001:db8::1"));
    assert_eq!(recorded(nobody(), peer("[::ffff:192.0.2.1]:1"), &[]).await, json!("192.0.2.1"));
    assert_eq!(recorded(nobody(), Addr::default(), &[]).await, Value::Null);
}

#[tokio::test]
async fn what_the_client_writes_is_not_believed() {
    let forged = ["203.0.113.9"];
    assert_eq!(recorded(nobody(), peer("192.0.2.1:1"), &forged).await, json!("192.0.2.1"));
}

#[tokio::test]
async fn trusted_proxies_are_counted_from_the_right() {
    let list = ["203.0.113.9, 198.51.100.7", "10.0.0.2:80"];
    for (hops, expected) in [
        (0, "192.0.2.1"),
        (1, "10.0.0.2"),
        (2, "198.51.100.7"),
        (3, "203.0.113.9"),
        // There are not that many: the socket is what is known.
        (4, "192.0.2.1"),
    ] {
        let audit = nobody().trusted_hops(hops);
        assert_eq!(recorded(audit, peer("192.0.2.1:1"), &list).await, json!(expected), "{hops}");
    }
}

#[tokio::test]
async fn an_entry_that_is_no_address_is_not_recorded() {
    for bad in ["unknown", "", "203.0.113.9,", "_hidden"] {
        let audit = nobody().trusted_hops(1);
        assert_eq!(recorded(audit, peer("192.0.2.1:1"), &[bad]).await, json!("192.0.2.1"), "{bad}");
    }
}
