//! The page of an actor, and the form that finds one.

use poem::Route;
use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use sea_orm::ConnectionTrait;
use threadline::prelude::*;
use threadline_poem::Surface;

use crate::fixture::{Fixture, Got, ask, grant, registry};

fn said(got: &Got) -> String {
    got.texts("main").join(" ")
}

/// The transactions of the list.
fn listed(got: &Got) -> usize {
    got.texts("section.group").len()
}

fn hrefs(got: &Got, css: &str) -> Vec<String> {
    got.attributes(css, "href")
}

#[tokio::test]
async fn it_tells_what_somebody_did_when_and_where() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/actors/user/acme-agent").await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    let title = got.texts("title").join("");
    assert!(title.starts_with("user:acme-agent · last 7 d — "), "{title}");
    let told = said(&got);
    for word in ["User", "acme-agent", "First seen", "8 changes in 3 transactions", "ticket.open"] {
        assert!(told.contains(word), "{word}: {told}");
    }
    assert_eq!(listed(&got), 3);
    assert_eq!(got.texts("figure table caption").len(), 1, "the map of hours as a table");
    let tables = hrefs(&got, "section.facet a");
    let of_tickets = "/audit/timeline?table=public.tickets&actor=user:acme-agent&from=-7d";
    assert!(tables.iter().any(|href| href == of_tickets), "{tables:?}");
    assert_eq!(got.texts("footer code"), ["threadline timeline actor=user:acme-agent from=-7d"]);
    for href in tables {
        assert_eq!(fixture.get("acme", &href).await.status, StatusCode::OK, "{href}");
    }
    assert!(!got.text.contains("globex"));
}

#[tokio::test]
async fn never_and_not_in_this_time_are_told_apart() {
    let fixture = Fixture::tenants().await;
    let never = fixture.get("acme", "/audit/actors/user/nobody-knows").await;
    assert_eq!(never.status, StatusCode::OK);
    assert!(said(&never).contains("Never acted"), "{}", said(&never));
    let path = "/audit/actors/user/acme-agent?from=2020-01-01&to=2020-01-31";
    let quiet = fixture.get("acme", path).await;
    assert!(said(&quiet).contains("Nothing in this time"), "{}", said(&quiet));
    assert!(said(&quiet).contains("The first change after"), "{}", said(&quiet));
    let there = hrefs(&quiet, "ul.ways a")[0].clone();
    assert_eq!(listed(&fixture.get("acme", &there).await), 3, "{there}");
}

#[tokio::test]
async fn s05_an_actor_of_another_tenant_is_one_who_never_acted() {
    let fixture = Fixture::tenants().await;
    let neutral = |got: Got, name: &str| {
        assert_eq!(got.status, StatusCode::OK);
        got.texts("main").join("|").replace(name, "…")
    };
    let foreign = fixture.get("acme", "/audit/actors/user/globex-agent").await;
    let never = fixture.get("acme", "/audit/actors/user/nobody-knows").await;
    assert_eq!(neutral(foreign, "globex-agent"), neutral(never, "nobody-knows"));
    // Of a job that touched both, each sees its own part.
    let got = fixture.get("acme", "/audit/actors/job/nightly").await;
    assert!(said(&got).contains("1 change in 1 transaction"), "{}", said(&got));
    let got = fixture.get("acme", "/audit/actors").await;
    assert!(said(&got).contains("acme-agent") && !got.text.contains("globex"), "{}", said(&got));
}

#[tokio::test]
async fn s25_values_are_hidden_from_who_may_not_see_them() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("blind", "/audit/actors/user/acme-agent").await;
    assert_eq!((got.status, listed(&got)), (StatusCode::OK, 3));
    for value in ["acme ticket", "acme town", "acme bolt", "[card]"] {
        assert!(!got.text.contains(value), "{value}");
    }
    let seen = fixture.get("acme", "/audit/actors/user/acme-agent").await;
    assert!(seen.text.contains("acme ticket"), "it is there to be hidden");
}

#[tokio::test]
async fn a_long_list_is_walked_page_by_page() {
    let fixture = Fixture::tenants().await;
    for number in 0..60 {
        let context = AuditContext::new(ActorRef::anonymous());
        let txn = fixture.db.audit_begin(&context, Action::new("ping")).await.expect("begins");
        let sql = format!("UPDATE tickets SET priority = {number} + 10 WHERE id = 12");
        txn.execute_unprepared(&sql).await.expect("writes");
        txn.commit().await.expect("commits");
    }
    let first = fixture.get("acme", "/audit/actors/anonymous?from=-1h").await;
    assert_eq!(listed(&first), 50, "{}", said(&first));
    let older = hrefs(&first, "nav.pager a[rel=next]")[0].clone();
    assert!(older.contains("from=-1h"), "{older}");
    let second = fixture.get("acme", &older).await;
    assert_eq!(listed(&second), 10);
    assert!(hrefs(&second, "nav.pager a[rel=next]").is_empty());
    let newer = hrefs(&second, "nav.pager a[rel=prev]")[0].clone();
    assert_eq!(hrefs(&fixture.get("acme", &newer).await, "a.id"), hrefs(&first, "a.id"));
    assert!(hrefs(&first, "nav.pager a[rel=prev]").is_empty(), "nothing is newer");
}

#[tokio::test]
async fn what_is_asked_wrongly_shows_nothing() {
    let fixture = Fixture::tenants().await;
    for query in [
        "form=-1h",
        "from=yesterday",
        "from=-1h&from=-2h",
        "after=x",
        "from=-1h&to=&after=&before=x",
    ] {
        let got = fixture.get("acme", &format!("/audit/actors/user/acme-agent?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(!got.text.contains("ticket.open"), "{query}");
    }
    for path in ["robot/7", "anonymous/7", "user/%00", "user/%20"] {
        let got = fixture.get("acme", &format!("/audit/actors/{path}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{path}");
    }
    // As a form sends it that has no zone.
    let got = fixture.get("acme", "/audit/actors/user/acme-agent?from=2020-01-01T00:00&to=").await;
    assert_eq!((got.status, listed(&got)), (StatusCode::OK, 3));
}

#[tokio::test]
async fn the_form_leads_to_the_actor() {
    let fixture = Fixture::tenants().await;
    for (query, to) in [
        ("kind=job&id=nightly", "/audit/actors/job/nightly"),
        ("kind=user&id=%3Cb%3E%2F..%2F", "/audit/actors/user/%3Cb%3E%2F..%2F"),
        ("kind=user&id=job:nightly", "/audit/actors/job/nightly"),
        ("kind=anonymous&id=", "/audit/actors/anonymous"),
        ("id=7", "/audit/actors/user/7"),
    ] {
        let got = fixture.get("acme", &format!("/audit/actors?{query}")).await;
        assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, to), "{query}");
    }
    let got = fixture.get("acme", "/audit/actors/service_account").await;
    let form = got.header("location").to_owned();
    let got = fixture.get("acme", &form).await;
    assert_eq!(got.attributes("option[selected]", "value"), ["service_account"]);
    let got = fixture.get("acme", "/audit/actors?kind=anonymous&id=7").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(got.attributes("input[aria-invalid]", "name"), ["id"]);
    for query in ["kind=robot&id=7", "name=x", "id=1&id=2"] {
        let got = fixture.get("acme", &format!("/audit/actors?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
    }
}

#[tokio::test]
async fn s13_a_hostile_id_is_a_text() {
    let fixture = Fixture::tenants().await;
    let evil = "\"><img src=x onerror=alert(1)>/../#?&\u{202e}";
    let context = AuditContext::new(ActorRef::user(evil));
    let action = Action::new("<script>alert(1)</script>").reason(evil);
    let txn = fixture.db.audit_begin(&context, action).await.expect("begins");
    txn.execute_unprepared("UPDATE tickets SET priority = 7 WHERE id = 12").await.expect("writes");
    txn.commit().await.expect("commits");
    let form = fixture.get("acme", "/audit/actors").await;
    let link = hrefs(&form, "table a").into_iter().find(|href| href.contains("img")).expect("it");
    let got = fixture.get("acme", &link).await;
    assert_eq!((got.status, listed(&got)), (StatusCode::OK, 1), "{link}: {}", said(&got));
    for css in ["main img", "main script", "[onerror]"] {
        assert!(got.texts(css).is_empty() && form.texts(css).is_empty(), "{css}");
    }
}

#[tokio::test]
async fn who_did_nothing_in_the_scope_has_no_name_there() {
    let fixture = Fixture::tenants().await;
    let surface = Surface::builder(fixture.db.clone(), &registry())
        .authorize(|req| {
            let grant = req.header("x-viewer").and_then(grant);
            async move { grant }
        })
        .actor_names(|actors| async move {
            actors.into_iter().map(|actor| (actor, "Somebody Known".to_owned())).collect()
        });
    let client = TestClient::new(Route::new().nest("/audit", surface.build()));
    let name = async |viewer: &str, actor: &str| {
        let path = format!("/audit/actors/user/{actor}");
        let got = ask(&client, Method::GET, (viewer, &path), &[]).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        got.text.contains("Somebody Known")
    };
    assert!(name("acme", "acme-agent").await);
    assert!(!name("acme", "globex-agent").await, "somebody of another tenant");
    assert!(!name("acme", "nobody").await, "nobody at all is told in the same way");
    assert!(name("admin", "globex-agent").await);
}

#[tokio::test]
async fn what_knows_no_scope_says_so_to_whoever_has_one() {
    let fixture = Fixture::tenants().await;
    for path in
        ["/audit/timeline?from=-1h", "/audit/rows/public.tickets/11", "/audit/transactions/1"]
    {
        let words = "not narrowed to your view";
        assert!(fixture.get("acme", path).await.text.contains(words), "{path}");
        assert!(!fixture.get("admin", path).await.text.contains(words), "{path}");
    }
}
