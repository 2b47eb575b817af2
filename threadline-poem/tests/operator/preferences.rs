//! The choice of a theme.

use poem::Route;
use poem::http::StatusCode;
use poem::test::TestClient;
use threadline_poem::{Surface, Theme};

use crate::fixture::{Fixture, grant, registry};

struct Posted {
    status: StatusCode,
    to: String,
    cookie: String,
    text: String,
}

fn surface(fixture: &Fixture, theme: Option<Theme>) -> Route {
    let builder = Surface::builder(fixture.db.clone(), &registry());
    let builder = theme.into_iter().fold(builder, threadline_poem::SurfaceBuilder::theme);
    Route::new().nest("/audit", builder.authorize(|_| async { grant("acme") }).build())
}

async fn post(app: Route, form: &[(&str, &str)], site: &str) -> Posted {
    let client = TestClient::new(app);
    let request = client.post("/audit/prefs").header("sec-fetch-site", site).form(&form);
    let response = request.send().await.0;
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let (status, to, cookie) = (response.status(), header("location"), header("set-cookie"));
    let text = response.into_body().into_string().await.expect("a text");
    Posted { status, to, cookie, text }
}

#[tokio::test]
async fn a_theme_is_kept_in_a_cookie_that_says_nothing_else() {
    let fixture = Fixture::tenants().await;
    let back = "/audit/timeline?table=tickets";
    let form = [("theme", "dark"), ("back", back)];
    let got = post(surface(&fixture, None), &form, "same-origin").await;
    assert_eq!((got.status, got.to.as_str()), (StatusCode::SEE_OTHER, back));
    assert_eq!(
        got.cookie,
        "__Host-tl-prefs=theme:dark; Path=/; Max-Age=31536000; Secure; HttpOnly; SameSite=Lax"
    );
    let cookie = [("cookie", "a=b; __Host-tl-prefs=theme:dark; c=d")];
    let page = fixture.ask(poem::http::Method::GET, "acme", "/audit", &cookie).await;
    assert_eq!(page.attributes("html", "data-theme"), ["dark"]);
    for odd in ["theme:\"><script>", "theme:", "density:high", ""] {
        let cookie = format!("__Host-tl-prefs={odd}");
        let page =
            fixture.ask(poem::http::Method::GET, "acme", "/audit", &[("cookie", &cookie)]).await;
        assert_eq!(page.attributes("html", "data-theme"), ["system"], "{odd}");
    }
}

#[tokio::test]
async fn it_leads_back_to_these_pages_and_nowhere_else() {
    let fixture = Fixture::tenants().await;
    for back in [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/audit/",
        "/logout",
        "/audit/../logout",
        "/audit/\r\nx: y",
        "",
    ] {
        let got =
            post(surface(&fixture, None), &[("theme", "light"), ("back", back)], "same-origin")
                .await;
        assert_eq!((got.status, got.to.as_str()), (StatusCode::SEE_OTHER, "/audit/"), "{back:?}");
    }
    let got = post(surface(&fixture, None), &[("theme", "light")], "same-origin").await;
    assert_eq!(got.to, "/audit/");
}

#[tokio::test]
async fn what_is_no_theme_is_refused() {
    let fixture = Fixture::tenants().await;
    for form in [&[("theme", "pink")][..], &[], &[("theme", "dark"), ("x", "y")]] {
        let got = post(surface(&fixture, None), form, "same-origin").await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{form:?}");
        assert!(got.cookie.is_empty() && got.text.contains("This cannot be asked"));
    }
}

#[tokio::test]
async fn a_theme_for_everybody_is_not_chosen() {
    let fixture = Fixture::tenants().await;
    let got =
        post(surface(&fixture, Some(Theme::Light)), &[("theme", "dark")], "same-origin").await;
    assert_eq!((got.status, got.cookie.as_str()), (StatusCode::NOT_IMPLEMENTED, ""));
    assert!(got.text.contains("one theme to everybody"), "{}", got.text);
    assert!(got.text.contains("data-theme=\"light\""));
}

#[tokio::test]
async fn another_site_cannot_choose_for_a_viewer() {
    let fixture = Fixture::tenants().await;
    for site in ["cross-site", "same-site", "none"] {
        let got = post(surface(&fixture, None), &[("theme", "dark")], site).await;
        assert_eq!((got.status, got.cookie.as_str()), (StatusCode::FORBIDDEN, ""), "{site}");
    }
}
