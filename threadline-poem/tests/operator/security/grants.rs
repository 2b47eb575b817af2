//! Who may come in, and what to.

use std::time::Duration;

use futures_util::future::join_all;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use poem::{Endpoint, Route};
use threadline::ActorRef;
use threadline_poem::{Capability, Decision, Grant, Surface};

use super::{Asked, every_page};
use crate::fixture::{Fixture, Got, ask, registry};

const OWN: [(&str, &str); 1] = [("sec-fetch-site", "same-origin")];

/// The surface for somebody whom the host always says the same of.
fn app<F, D>(fixture: &Fixture, say: impl Fn() -> F + Send + Sync + 'static) -> impl Endpoint
where
    F: Future<Output = D> + Send + 'static,
    D: Into<Decision>,
{
    let surface = Surface::builder(fixture.db.clone(), &registry())
        .brand("Secret Ltd")
        .banner("Secret banner")
        .contact("Secret contact")
        .authorize(move |_| say());
    Route::new().nest("/audit", surface.build())
}

async fn all(app: impl Endpoint, pages: &[Asked]) -> Vec<Got> {
    let client = TestClient::new(app);
    let asked = pages.iter().map(|page| {
        let path = page.path.as_str();
        ask(&client, page.method.clone(), ("admin", path), &OWN)
    });
    join_all(asked).await
}

fn is_shut(got: &Got, what: &str) {
    assert_eq!(got.status, StatusCode::FORBIDDEN, "{what}");
    assert_eq!(got.texts("title"), ["No access"], "{what}");
    assert_eq!(got.header("cache-control"), "no-store", "{what}");
    for word in ["Secret", "acme", "tickets", "ticket.", "/audit/timeline", "admin", "<script"] {
        assert!(!got.text.contains(word), "{what}: {word}: {}", got.text);
    }
}

#[tokio::test]
async fn s_01_no_route_answers_without_a_grant() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    assert!(pages.len() >= 18, "{}", pages.len());
    for got in all(app(&fixture, || async { Decision::Deny }), &pages).await {
        is_shut(&got, "denied");
    }
    for got in all(app(&fixture, || async { None::<Grant> }), &pages).await {
        is_shut(&got, "no grant");
    }
    // Nothing about an address is told by how it is refused.
    let client = TestClient::new(app(&fixture, || async { Decision::Deny }));
    let mut bodies = Vec::new();
    for path in ["/audit", "/audit/", "/audit/nothing", "/audit/timeline?tabel=x", "/audit//rows/"]
    {
        let got = ask(&client, Method::GET, ("", path), &[]).await;
        is_shut(&got, path);
        bodies.push(got.text);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1);
    for method in [Method::PUT, Method::DELETE, Method::OPTIONS, Method::TRACE, Method::PATCH] {
        let got = ask(&client, method.clone(), ("", "/audit/timeline"), &[]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{method}");
    }
    let head = ask(&client, Method::HEAD, ("", "/audit/timeline"), &[]).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::FORBIDDEN, ""));
}

#[tokio::test]
async fn s_01_whoever_has_a_grant_is_answered_everywhere() {
    // Without this, the test above would hold for a surface that refuses everybody.
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    for page in every_page(&fixture).await {
        if page.method == Method::GET {
            let got = ask(&client, Method::GET, ("admin", &page.path), &OWN).await;
            let is_answer = got.status == StatusCode::OK || got.status.is_redirection();
            assert!(is_answer, "{}: {} {}", page.path, got.status, got.text);
        }
    }
}

#[tokio::test]
async fn s_02_an_authoriser_that_fails_has_allowed_nothing() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    let failing = app(&fixture, || async { Err::<Decision, _>("Secret: the directory is away") });
    for got in all(failing, &pages).await {
        is_shut(&got, "error");
    }
    let panicking =
        app(&fixture, || async { if true { panic!("Secret") } else { Decision::Deny } });
    for got in all(panicking, &pages).await {
        is_shut(&got, "panic");
    }
    let surface = Surface::builder(fixture.db.clone(), &registry()).authorize(|_| {
        assert!(false_of("at once"), "Secret");
        async { Decision::Deny }
    });
    let at_once = Route::new().nest("/audit", surface.build());
    for got in all(at_once, &pages).await {
        is_shut(&got, "panic before the future");
    }
}

/// A condition that no compiler sees through.
fn false_of(text: &str) -> bool {
    text.is_empty()
}

#[tokio::test]
async fn s_02_an_authoriser_that_comes_to_no_end_has_allowed_nothing() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    let hanging = app(&fixture, || async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        Decision::Allow(Grant::everything(ActorRef::admin(1)))
    });
    for got in all(hanging, &pages).await {
        is_shut(&got, "time");
    }
}

#[tokio::test]
async fn s_03_the_host_is_asked_at_every_request() {
    let fixture = Fixture::tenants().await;
    let asked = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counter = asked.clone();
    let client = TestClient::new(app(&fixture, move || {
        let number = counter.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move { (number == 0).then(|| Grant::everything(ActorRef::admin(1))) }
    }));
    for expected in [StatusCode::OK, StatusCode::FORBIDDEN, StatusCode::FORBIDDEN] {
        let got = ask(&client, Method::GET, ("admin", "/audit/timeline"), &[]).await;
        assert_eq!(got.status, expected);
    }
    assert_eq!(asked.load(std::sync::atomic::Ordering::SeqCst), 3);
}

#[tokio::test]
async fn s_04_each_capability_opens_its_own_pages_and_no_others() {
    let fixture = Fixture::tenants().await;
    let pages = every_page(&fixture).await;
    let needed = pages.iter().filter(|page| page.needs.is_some()).count();
    assert!(needed >= 4, "{needed}");
    for held in Capability::ALL.into_iter().map(Some).chain([None]) {
        let client = TestClient::new(app(&fixture, move || async move {
            let grant = Grant::everything(ActorRef::admin(1));
            Some(held.into_iter().fold(grant, Grant::allow))
        }));
        for page in &pages {
            let got = ask(&client, page.method.clone(), ("", &page.path), &OWN).await;
            let may = page.needs.is_none_or(|needed| held == Some(needed));
            assert_eq!(
                got.status != StatusCode::FORBIDDEN,
                may,
                "{} with {held:?}: {}",
                page.path,
                got.status
            );
            if !may {
                assert!(got.header("content-disposition").is_empty(), "{}", page.path);
                assert!(!got.text.contains("acme"), "{}: {}", page.path, got.text);
            }
        }
    }
}

#[tokio::test]
async fn s_04_what_hides_values_takes_the_export_away() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(app(&fixture, || async {
        Some(Grant::everything(ActorRef::admin(1)).allow(Capability::Export).hide_values())
    }));
    for file in ["csv", "json", "ndjson"] {
        let path = format!("/audit/exports/changes.{file}?table=tickets");
        let got = ask(&client, Method::GET, ("", &path), &[]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN, "{file}");
    }
}

#[tokio::test]
async fn s_01_to_sign_in_leads_to_the_host_and_nowhere_else() {
    let fixture = Fixture::tenants().await;
    for (path, leads) in [
        ("/login", true),
        ("/login?next=%2Faudit", true),
        ("//evil.example", false),
        ("/\\evil.example", false),
        ("https://evil.example", false),
        ("/\t/evil.example", false),
        ("/login\r\nSet-Cookie: a=b", false),
        ("javascript:alert(1)", false),
        ("", false),
        ("login", false),
    ] {
        let client =
            TestClient::new(app(&fixture, move || async move { Decision::Login(path.to_owned()) }));
        let got = ask(&client, Method::GET, ("", "/audit/timeline"), &[]).await;
        if leads {
            assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, path));
        } else {
            is_shut(&got, path);
            assert!(
                got.headers.get("location").is_none() && got.headers.get("set-cookie").is_none()
            );
        }
        let post = ask(&client, Method::POST, ("", "/audit/prefs"), &OWN).await;
        assert_eq!(post.status, StatusCode::FORBIDDEN, "a form is not sent on: {path}");
    }
}
