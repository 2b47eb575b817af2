//! Where the surface can be mounted, and what it says to whoever may not come in.

use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use poem::{Endpoint, EndpointExt, Route};
use threadline_poem::Surface;

use crate::fixture::{Fixture, ask, grant, registry};

fn surface(fixture: &Fixture) -> Surface {
    Surface::builder(fixture.db.clone(), &registry())
        .authorize(|_| async { grant("admin") })
        .build()
}

async fn stylesheet(app: impl Endpoint, path: &str) -> String {
    let client = TestClient::new(app);
    let got = ask(&client, Method::GET, ("admin", path), &[]).await;
    assert_eq!(got.status, StatusCode::OK, "{path}");
    let sheets = got.attributes("link[rel=stylesheet]", "href");
    let sheet = sheets.first().expect("a stylesheet").clone();
    assert_eq!(
        ask(&client, Method::GET, ("", &sheet), &[]).await.status,
        StatusCode::OK,
        "{sheet}"
    );
    sheet
}

#[tokio::test]
async fn every_address_lies_below_the_mount_wherever_it_is() {
    let fixture = Fixture::tenants().await;
    let mounts: [(&str, Route, &str); 4] = [
        ("/audit", Route::new().nest("/audit", surface(&fixture)), "/audit/assets/"),
        ("/audit/", Route::new().nest("/audit", surface(&fixture)), "/audit/assets/"),
        (
            "/admin/audit/",
            Route::new().nest("/admin", Route::new().nest("/audit", surface(&fixture))),
            "/admin/audit/assets/",
        ),
        ("/", Route::new().nest("/", surface(&fixture)), "/assets/"),
    ];
    for (path, app, assets) in mounts {
        let sheet = stylesheet(app, path).await;
        assert!(sheet.starts_with(assets), "{path}: {sheet}");
    }
    let sheet =
        stylesheet(Route::new().nest_no_strip("/audit", surface(&fixture)), "/audit/").await;
    assert!(sheet.starts_with("/audit/assets/"), "{sheet}");
    let layered = surface(&fixture).with(poem::middleware::CookieJarManager::new());
    let sheet = stylesheet(Route::new().nest("/audit", layered), "/audit").await;
    assert!(sheet.starts_with("/audit/assets/"), "{sheet}");
}

#[tokio::test]
async fn whoever_has_no_grant_learns_nothing() {
    let fixture = Fixture::tenants().await;
    for path in ["/audit", "/audit/timeline", "/audit/nothing-is-here", "/audit/transactions/1"] {
        let got = fixture.get("stranger", path).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert_eq!(
            (got.texts("h1"), got.texts("a, nav, header").len()),
            (vec!["No access".to_owned()], 0)
        );
        assert!(!got.text.contains("stranger"), "{}", got.text);
        assert_eq!(got.header("cache-control"), "no-store");
    }
}
