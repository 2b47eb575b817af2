//! Addresses that nobody would think of: none of them is an error of the server.

use poem::Endpoint;
use poem::http::Method;
use poem::test::TestClient;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use threadline_poem::Surface;

use crate::fixture::{Fixture, ask};

const KEYS: [&str; 38] = [
    "table",
    "schema",
    "row",
    "op",
    "actor",
    "action",
    "corr",
    "request",
    "transaction",
    "from",
    "to",
    "limit",
    "order",
    "after",
    "before",
    "view",
    "q",
    "was",
    "now",
    "changed",
    "!op",
    "!table",
    "capture_only",
    "find",
    "key",
    "at",
    "v",
    "vs",
    "field",
    "a",
    "b",
    "since",
    "raw",
    "check",
    "c.id",
    "meta",
    "source",
    "show",
];
const VALUES: [&str; 46] = [
    "",
    " ",
    "0",
    "-1",
    "1",
    "11",
    "9223372036854775807",
    "9223372036854775808",
    "1e999",
    "NaN",
    "tickets",
    "public.tickets",
    "order_lines",
    "\"a\".\"b\".\"c\"",
    "pg_catalog.pg_class",
    "id",
    "insert",
    "update",
    "user:1",
    "user:",
    ":",
    "anonymous",
    "-24h",
    "-100y",
    "-999999999y",
    "now",
    "+1d",
    "2026-11-21",
    "0000-01-01",
    "-262144-01-01T00:00Z",
    "+262143-12-31T23:59:59Z",
    "9999-12-31T23:59:59.999999Z",
    "294277-01-01",
    "1969-12-31T23:59:60Z",
    "status:open",
    "status:",
    ":open",
    "\0",
    "\u{202e}",
    "%",
    "'; DROP TABLE tickets; --",
    "\\",
    "\"",
    "line_no=1;order_id=10",
    "=;=;",
    "oldest",
];
const WORDS: [&str; 14] = [
    "timeline",
    "rows",
    "public.tickets",
    "11",
    "line_no=1;order_id=10",
    "transactions",
    "changes",
    "compare",
    "actors",
    "user",
    "exports",
    "changes.csv",
    "_",
    "pulse.json",
];

/// Text of any kind, percent-encoded, and now and then bytes that are none.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => proptest::sample::select(&VALUES[..]).prop_map(encoded),
        2 => "\\PC{0,20}".prop_map(|text| encoded(&text)),
        1 => any::<i64>().prop_map(|number| number.to_string()),
        1 => proptest::collection::vec(any::<u8>(), 0..12)
            .prop_map(|bytes| bytes.iter().map(|byte| format!("%{byte:02x}")).collect()),
        1 => (250..270usize).prop_map(|long| "x".repeat(long)),
    ]
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn pair() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        9 => proptest::sample::select(&KEYS[..]).prop_map(encoded),
        1 => value(),
    ];
    (key, value()).prop_map(|(key, value)| format!("{key}={value}"))
}

/// A page's path with anything in its segments, or any path.
fn path() -> impl Strategy<Value = String> {
    let patterns: Vec<&'static str> =
        Surface::__pages().into_iter().map(|(_, pattern, _)| pattern).collect();
    let segment = prop_oneof![
        3 => proptest::sample::select(&WORDS[..]).prop_map(encoded),
        2 => value().prop_map(|value| value.replace('+', "%20")),
    ];
    let filled = (proptest::sample::select(patterns), segment.clone(), segment.clone())
        .prop_map(|(pattern, one, other)| fill(pattern, &[one, other]));
    let any =
        proptest::collection::vec(segment, 0..5).prop_map(|words| format!("/{}", words.join("/")));
    prop_oneof![8 => filled, 1 => any]
}

fn fill(pattern: &str, values: &[String]) -> String {
    let mut values = values.iter();
    let words = pattern.split('/').map(|word| match word.starts_with('{') {
        true => values.next().cloned().unwrap_or_default(),
        false => word.to_owned(),
    });
    words.collect::<Vec<_>>().join("/")
}

fn address() -> impl Strategy<Value = String> {
    (path(), proptest::collection::vec(pair(), 0..4)).prop_map(|(path, pairs)| {
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("/audit{path}{query}")
    })
}

async fn stands<E: Endpoint>(client: &TestClient<E>, viewer: &str, address: &str) {
    if address.parse::<poem::http::Uri>().is_err() {
        return;
    }
    let got = ask(client, Method::GET, (viewer, address), &[]).await;
    // Exports wait for each other, and too many of them have to wait: that is no error.
    let is_busy = got.status.as_u16() == 429;
    assert!(
        got.status.as_u16() < 500 || is_busy,
        "{viewer} {address}: {} {}",
        got.status,
        got.text
    );
    if viewer == "acme" && !address.contains("globex") {
        assert!(!got.text.contains("globex"), "{address}: {}", got.text);
    }
    if viewer == "blind" {
        for value in ["acme ticket", "acme town", "acme bolt"] {
            assert!(!got.text.contains(value), "{address}: {value}");
        }
    }
    // A page that stands offers its question as SQL; one that does not says nothing of how it is asked.
    let is_refused = got.status.is_client_error();
    assert!(!is_refused || !got.text.contains("SELECT "), "{address}: {}", got.text);
}

/// How many addresses are asked; a variable makes it more, and another seed asks others.
fn from_environment(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

#[tokio::test]
async fn s_33_s_34_s_37_no_address_is_an_error_of_the_server() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let seed = from_environment("THREADLINE_FUZZ_SEED", 1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let addresses = address();
    for round in 0..from_environment("THREADLINE_FUZZ_CASES", 400) {
        let address = addresses.new_tree(&mut runner).expect("an address").current();
        let viewer = ["acme", "blind", "admin"][usize::try_from(round % 3).unwrap_or_default()];
        stands(&client, viewer, &address).await;
    }
}
