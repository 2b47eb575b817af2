//! What every answer has, whatever it is about.

use std::collections::BTreeSet;

use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use poem::{EndpointExt, Route};
use threadline_poem::Surface;

use super::crawl::{FROM, crawl, same, steady};
use super::every_page;
use crate::fixture::{Fixture, Got, ask, grant, registry};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    object-src 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

/// An answer of every kind: pages, data, files, redirections, and each refusal.
async fn one_of_each(fixture: &Fixture) -> Vec<(String, Got)> {
    let mut all = Vec::new();
    for page in every_page(fixture).await {
        for viewer in ["admin", "support", "stranger"] {
            for method in [page.method.clone(), Method::HEAD, Method::PUT, Method::POST] {
                let got = fixture.ask(method.clone(), viewer, &page.path, &[]).await;
                all.push((format!("{viewer} {method} {}", page.path), got));
            }
        }
    }
    for path in [
        "/audit/nothing".to_owned(),
        "/audit//timeline".to_owned(),
        "/audit/timeline?tabel=x".to_owned(),
        "/audit/assets/none.css".to_owned(),
        format!("/audit/timeline?q={}", "x".repeat(9_000)),
    ] {
        all.push((path.clone(), fixture.get("admin", &path).await));
    }
    let statuses: BTreeSet<u16> = all.iter().map(|(_, got)| got.status.as_u16()).collect();
    for status in [200, 303, 308, 403, 404, 405, 414, 422] {
        assert!(statuses.contains(&status), "{status} is not among {statuses:?}");
    }
    all
}

#[tokio::test]
async fn s_16_s_18_s_19_s_20_every_answer_has_the_headers() {
    let fixture = Fixture::tenants().await;
    for (what, got) in one_of_each(&fixture).await {
        let policy = match got.headers.contains_key("content-disposition") {
            true => "sandbox; default-src 'none'",
            false => POLICY,
        };
        for (name, value) in [
            ("content-security-policy", policy),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
        ] {
            let given: Vec<_> = got.headers.get_all(name).iter().collect();
            assert_eq!(given, [value], "{what}: {name}");
        }
        let is_json =
            what.contains(".json") && got.status == StatusCode::OK && !what.contains("changes.");
        if is_json {
            assert_eq!(got.header("content-type"), "application/json", "{what}");
        }
        let is_empty = got.text.is_empty();
        assert!(is_empty || !got.header("content-type").is_empty(), "{what}: of no type");
    }
}

#[tokio::test]
async fn s_18_layers_of_the_host_weaken_nothing() {
    let fixture = Fixture::tenants().await;
    let surface = Surface::builder(fixture.db.clone(), &registry())
        .authorize(|_| async { grant("admin") })
        .build();
    // A layer within the mount that sets headers before the surface does is overridden by it.
    let app = Route::new()
        .nest("/audit", surface)
        .with(poem::middleware::SetHeader::new().appending("x-host", "1"));
    let got = ask(&TestClient::new(app), Method::GET, ("admin", "/audit/nothing"), &[]).await;
    assert_eq!(
        (got.status, got.header("x-host")),
        (StatusCode::NOT_FOUND, "1"),
        "it never is an error"
    );
    assert_eq!(got.header("content-security-policy"), POLICY);
}

#[tokio::test]
async fn s_20_s_21_only_files_that_never_change_are_kept() {
    let fixture = Fixture::tenants().await;
    let page = fixture.get("admin", "/audit").await;
    let mut files = page.attributes("link[rel=stylesheet], link[rel=icon]", "href");
    files.extend(page.attributes("script", "src"));
    assert_eq!(files.len(), 3);
    for file in files {
        let got = fixture.get("", &file).await;
        assert_eq!(got.status, StatusCode::OK);
        assert!(got.header("cache-control").contains("immutable"));
        assert_eq!(got.header("x-content-type-options"), "nosniff");
        for word in ["acme", "globex", "tickets", "http://", "https://"] {
            let is_allowed = word.starts_with("http") && got.text.contains("http://www.w3.org/");
            assert!(!got.text.contains(word) || is_allowed, "{file}: {word}");
        }
        let (stem, extension) = file.rsplit_once('.').expect("a name");
        for other in [
            format!("{}0.{extension}", &stem[..stem.len() - 1]),
            format!("{}1.{extension}", &stem[..stem.len() - 1]),
            stem.to_owned(),
            format!("{file}/"),
            format!("{file}%00"),
            format!("{stem}.{extension}.map"),
            "/audit/assets/../Cargo.toml".to_owned(),
            "/audit/assets/%2e%2e%2fCargo.toml".to_owned(),
            "/audit/assets/".to_owned(),
        ] {
            if other != file {
                let got = fixture.get("admin", &other).await;
                assert_eq!(got.status, StatusCode::NOT_FOUND, "{other}");
                assert_eq!(got.header("cache-control"), "no-store", "{other}");
            }
        }
    }
}

#[tokio::test]
async fn s_35_what_a_page_is_not_asked_with_is_told() {
    let fixture = Fixture::tenants().await;
    for page in every_page(&fixture).await {
        let allowed = if page.method == Method::GET { "GET, HEAD" } else { "POST" };
        let wrong = if page.method == Method::GET { Method::POST } else { Method::GET };
        let own = [("sec-fetch-site", "same-origin")];
        let got = fixture.ask(wrong, "admin", &page.path, &own).await;
        assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED, "{}", page.path);
        assert_eq!(got.header("allow"), allowed, "{}", page.path);
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::TRACE] {
            let got = fixture.ask(method.clone(), "admin", &page.path, &own).await;
            assert_eq!(got.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {}", page.path);
            assert_eq!(got.header("allow"), allowed, "{method} {}", page.path);
        }
    }
}

#[tokio::test]
async fn s_46_s_47_s_48_no_page_for_developers_no_version_and_nothing_from_elsewhere() {
    let fixture = Fixture::tenants().await;
    for name in
        ["__stress", "storybook", "gallery", "debug", "_", "metrics", ".git/config", "__pages"]
    {
        let got = fixture.get("admin", &format!("/audit/{name}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{name}");
    }
    let version = env!("CARGO_PKG_VERSION");
    let client = TestClient::new(fixture.app());
    for (path, got) in crawl(&client, "admin", &FROM[..4]).await {
        for name in ["server", "x-powered-by", "via"] {
            assert!(!got.headers.contains_key(name), "{path}: {name}");
        }
        if got.header("content-type").starts_with("text/html") {
            assert!(!got.text.contains(&format!("v{version}")), "{path}");
            assert!(!got.text.to_lowercase().contains("poem"), "{path}");
            for address in got.attributes("[src], [href], [action]", "href") {
                assert!(!address.contains("//"), "{path}: {address}");
            }
        }
    }
}

#[tokio::test]
async fn s_36_headers_of_proxies_say_nothing() {
    let fixture = Fixture::tenants().await;
    let plain = fixture.get("acme", "/audit/nothing").await;
    let forged = [
        ("x-forwarded-for", "10.0.0.1"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-prefix", "/evil"),
        ("x-original-url", "/audit/coverage"),
        ("x-rewrite-url", "/audit/coverage"),
        ("x-http-method-override", "POST"),
        ("forwarded", "host=evil.example"),
        ("host", "evil.example"),
    ];
    let got = fixture.ask(Method::GET, "acme", "/audit/nothing", &forged).await;
    assert_eq!(got.status, plain.status);
    assert!(!got.text.contains("evil"), "{}", got.text);
    same("forged", &steady(&got.text), &steady(&plain.text));
}

/// A surface mounted twice, or under another name, is the same: nothing depends on the name.
#[tokio::test]
async fn s_15_every_address_is_relative_to_the_mount() {
    let fixture = Fixture::tenants().await;
    let surface = Surface::builder(fixture.db.clone(), &registry())
        .authorize(|_| async { grant("admin") })
        .public_path("/ops/audit/")
        .build();
    let app: Route = Route::new().nest("/inner", surface);
    let got =
        ask(&TestClient::new(app.map_to_response()), Method::GET, ("", "/inner/timeline"), &[])
            .await;
    let addresses: Vec<String> = ["href", "src", "action"]
        .iter()
        .flat_map(|name| got.attributes(&format!("[{name}]"), name))
        .collect();
    assert!(addresses.len() > 20);
    for address in addresses {
        assert!(address.starts_with("/ops/audit/") || address.starts_with('#'), "{address}");
    }
}

/// Poem itself answers what is no text in an address, before the surface is asked. It says nothing of what
/// there is, and cannot be given the headers here.
#[tokio::test]
async fn s_33_an_address_that_is_no_text_tells_nothing() {
    let fixture = Fixture::tenants().await;
    for path in ["/audit/transactions/1%ff", "/audit/rows/%ff/1", "/audit/%c0%ae%c0%ae/"] {
        let got = fixture.get("admin", path).await;
        assert_eq!(got.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(got.text.len() < 40 && !got.text.contains("audit"), "{path}: {}", got.text);
    }
}
