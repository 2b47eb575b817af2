//! The page of a transaction, and the permanent addresses of its changes.

use poem::http::{Method, StatusCode};
use sea_orm::ConnectionTrait;
use threadline::prelude::*;
use threadline::{Filter, TimelineEntry, timeline};

use crate::fixture::{Fixture, Got};

/// What the trail has of this filter, whoever may see it.
async fn entries(fixture: &Fixture, filter: &str) -> Vec<TimelineEntry> {
    let filter: Filter = filter.parse().expect("a filter");
    timeline(&fixture.db, &filter).await.expect("reads")
}

async fn transaction(fixture: &Fixture, filter: &str) -> i64 {
    entries(fixture, filter).await.first().expect("an entry").transaction.id
}

fn said(got: &Got) -> String {
    got.texts("main").join(" ")
}

fn anchors(got: &Got) -> Vec<i64> {
    let ids = got.attributes("section[id^=change-]", "id");
    ids.iter().map(|id| id["change-".len()..].parse().expect("a number")).collect()
}

#[tokio::test]
async fn it_tells_who_when_why_and_what() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "request=acme-request-order.place").await;
    let got = fixture.get("acme", &format!("/audit/transactions/{id}")).await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    let title = got.texts("title").join("");
    assert!(title.starts_with(&format!("Transaction {id} · order.place — ")), "{title}");
    assert_eq!(got.texts("h1"), [format!("Transaction {id}")]);
    let said = said(&got);
    for word in [
        "user:acme-agent",
        "order.place",
        "acme asked for it",
        "acme-1",
        "3 transactions in all",
        "acme-request-order.place",
        "postgres",
        "4 changes in 2 tables",
        "within organization 1",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert_eq!(got.texts("footer code"), [format!("threadline incident {id}")]);
    // In the order in which it was written, with the key of two columns in its address.
    assert_eq!(anchors(&got).len(), 4);
    assert!(anchors(&got).is_sorted());
    let rows = got.attributes("a.row-name", "href");
    assert_eq!(rows[0], "/audit/rows/public.order_lines/line_no%3D1%3Border_id%3D10");
    let diffs = got.texts("table.diff").join(" ");
    assert!(diffs.contains("was 4.5") && diffs.contains("now 5.25"), "{diffs}");
    assert!(!got.text.contains("globex"));
}

#[tokio::test]
async fn a_table_can_be_looked_at_alone() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "request=acme-request-order.place").await;
    let got = fixture.get("acme", &format!("/audit/transactions/{id}")).await;
    let tabs = got.attributes("nav[aria-label=Tables] a", "href");
    assert_eq!(tabs.len(), 3, "all, and two tables");
    let of_tickets = tabs.iter().find(|href| href.contains("tickets")).expect("a link");
    let got = fixture.get("acme", of_tickets).await;
    assert_eq!(anchors(&got).len(), 1);
    assert!(got.text.contains("4 changes in 2 tables"), "the whole is told all the same");
    let none = fixture.get("acme", &format!("/audit/transactions/{id}?table=unwatched")).await;
    assert_eq!((none.status, anchors(&none).len()), (StatusCode::OK, 0));
    assert!(said(&none).contains("no change of public.unwatched"), "{}", said(&none));
}

#[tokio::test]
async fn s06_of_a_transaction_of_two_tenants_each_sees_its_own_part() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "corr=nightly-1").await;
    let path = format!("/audit/transactions/{id}");
    for (viewer, own, other) in [("acme", "12", "22"), ("globex", "22", "12")] {
        let got = fixture.get(viewer, &path).await;
        assert_eq!(got.status, StatusCode::OK);
        let (said, rows) = (said(&got), got.attributes("a.row-name", "href"));
        assert!(said.contains("1 change in 1 table") && said.contains("ticket.renumber"), "{said}");
        assert_eq!(rows, [format!("/audit/rows/public.tickets/{own}")]);
        assert!(!got.text.contains(&format!("tickets/{other}")), "{viewer}");
        let foreign = if viewer == "acme" { "globex" } else { "acme" };
        assert!(!got.text.contains(foreign), "{viewer}");
    }
    let got = fixture.get("admin", &path).await;
    assert!(said(&got).contains("2 changes in 1 table"), "{}", said(&got));
}

#[tokio::test]
async fn s26_what_is_out_of_scope_and_what_never_was_are_the_same() {
    let fixture = Fixture::tenants().await;
    let foreign = &entries(&fixture, "request=globex-request-ticket.close").await[0];
    let body = |got: Got| {
        assert_eq!(got.status, StatusCode::NOT_FOUND);
        got.texts("main").join("|")
    };
    let never = body(fixture.get("acme", "/audit/transactions/9999999").await);
    for path in [
        format!("/audit/transactions/{}", foreign.transaction.id),
        format!("/audit/changes/{}", foreign.change.id),
        "/audit/changes/9999999".to_owned(),
        "/audit/transactions/-1".to_owned(),
        "/audit/transactions/99999999999999999999".to_owned(),
        "/audit/transactions/seven".to_owned(),
        "/audit/changes/%3Cscript%3E".to_owned(),
    ] {
        assert_eq!(body(fixture.get("acme", &path).await), never, "{path}");
    }
}

#[tokio::test]
async fn s25_a_viewer_without_values_sees_that_there_are_some() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "SELECT set_config('threadline.context', '{\"meta\": {\"note\": \"acme note\"}, \
                 \"source\": {\"page\": \"acme page\"}}', false);
             UPDATE tickets SET title = 'acme title' WHERE id = 12",
        )
        .await;
    let last = transaction(&fixture, "table=tickets&row=12").await;
    let first = transaction(&fixture, "table=tickets&op=insert&row=12").await;
    let mut seen = String::new();
    for id in [first, last] {
        let path = format!("/audit/transactions/{id}?open=all");
        seen.push_str(&fixture.get("acme", &path).await.text);
        let got = fixture.get("blind", &path).await;
        assert_eq!(got.status, StatusCode::OK);
        for value in ["acme ticket", "acme title", "acme town", "acme note", "acme page", "[card]"]
        {
            assert!(!got.text.contains(value), "{value}");
        }
        assert!(said(&got).contains("hidden from you"), "{}", said(&got));
        assert!(got.attributes("a", "href").iter().all(|href| !href.contains("/exports/")));
    }
    for value in ["acme ticket", "acme title", "acme town", "acme note", "acme page"] {
        assert!(seen.contains(value), "{value} is there to be hidden");
    }
}

/// Many changes in one transaction, beside one of another tenant for each.
async fn large(fixture: &Fixture) -> i64 {
    let context = AuditContext::new(ActorRef::job("import")).correlation_id("import-1");
    let txn = fixture.db.audit_begin(&context, Action::new("import")).await.expect("begins");
    txn.execute_unprepared(
        "INSERT INTO tickets (id, organization_id, title)
         SELECT 1000 + n, 1 + n % 2, CASE n % 2 WHEN 0 THEN 'acme' ELSE 'globex' END
         FROM generate_series(0, 259) n",
    )
    .await
    .expect("writes");
    txn.commit().await.expect("commits").transaction_id
}

#[tokio::test]
async fn a_long_one_is_walked_page_by_page() {
    let fixture = Fixture::tenants().await;
    let id = large(&fixture).await;
    let mut path = format!("/audit/transactions/{id}");
    let (mut forth, mut pages) = (Vec::new(), Vec::new());
    loop {
        let got = fixture.get("acme", &path).await;
        assert!(!got.text.contains("globex"), "{path}");
        forth.extend(anchors(&got));
        pages.push(anchors(&got));
        match got.attributes("nav.pager a[rel=next]", "href").first() {
            Some(next) => path = next.clone(),
            None => break,
        }
    }
    assert_eq!((forth.len(), pages.len()), (130, 3));
    assert!(forth.is_sorted_by(|a, b| a < b), "none twice");
    // And back again.
    let got = fixture.get("acme", &path).await;
    let back = got.attributes("nav.pager a[rel=prev]", "href")[0].clone();
    assert_eq!(anchors(&fixture.get("acme", &back).await), pages[1]);
}

#[tokio::test]
async fn a_permalink_leads_to_the_page_with_the_change() {
    let fixture = Fixture::tenants().await;
    large(&fixture).await;
    let changes = entries(&fixture, "corr=import-1&sort=old&limit=1000").await;
    for place in [0, 1, 97, 98, 99, 100, 103, 200, 257, 258] {
        let change = &changes[place].change;
        let viewer = if place % 2 == 0 { "acme" } else { "globex" };
        let got = fixture.get(viewer, &format!("/audit/changes/{}", change.id)).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let (path, anchor) = got.header("location").split_once('#').expect("an anchor");
        assert_eq!(anchor, format!("change-{}", change.id));
        let page = fixture.get(viewer, path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert!(anchors(&page).contains(&change.id), "change {place} at {path}");
        assert_eq!(path.contains("after="), place >= 100, "{place}: {path}");
    }
    let head = fixture.ask(Method::HEAD, "acme", "/audit/changes/1", &[]).await;
    assert_eq!(head.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn what_an_address_asks_wrongly_shows_nothing() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "request=acme-request-ticket.open").await;
    let other = transaction(&fixture, "request=acme-request-order.place").await;
    large(&fixture).await;
    let long = transaction(&fixture, "corr=import-1").await;
    let got = fixture.get("acme", &format!("/audit/transactions/{long}")).await;
    let next = got.attributes("nav.pager a[rel=next]", "href")[0].clone();
    let cursor = next.split_once("after=").expect("a cursor").1.to_owned();
    for query in [
        "tabel=tickets".to_owned(),
        "table=tickets&table=tickets".to_owned(),
        "table=a.b.c.d".to_owned(),
        "after=nonsense".to_owned(),
        format!("after={cursor}"),
        format!("after={cursor}&before={cursor}"),
        "open=some".to_owned(),
    ] {
        let got = fixture.get("acme", &format!("/audit/transactions/{id}?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(!got.text.contains("acme ticket"), "{query}");
    }
    let got = fixture.get("acme", &format!("/audit/changes/1?at={other}")).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_write_that_nobody_announced_says_so() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "table=tickets&actor=none").await;
    let got = fixture.get("globex", &format!("/audit/transactions/{id}")).await;
    let said = said(&got);
    assert!(said.contains("Written outside an audited block"), "{said}");
    assert!(said.contains("nobody said who") && said.contains("nobody said why"), "{said}");
    assert!(said.contains("As of just before") && said.contains("Row history"), "{said}");
}

#[tokio::test]
async fn the_same_actors_deeds_before_and_after_are_a_step_away() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "request=acme-request-ticket.close").await;
    let got = fixture.get("acme", &format!("/audit/transactions/{id}")).await;
    let step = |rel: &str| got.attributes(&format!("div.page-head a[rel={rel}]"), "href");
    let before = transaction(&fixture, "request=acme-request-ticket.open").await;
    let after = transaction(&fixture, "request=acme-request-order.place").await;
    assert_eq!(step("prev"), [format!("/audit/transactions/{before}")]);
    assert_eq!(step("next"), [format!("/audit/transactions/{after}")]);
}

#[tokio::test]
async fn a_truncate_has_no_row_and_no_values() {
    let fixture = Fixture::tenants().await;
    fixture.run("TRUNCATE tickets").await;
    let id = transaction(&fixture, "table=tickets&op=truncate").await;
    let got = fixture.get("admin", &format!("/audit/transactions/{id}")).await;
    assert!(said(&got).contains("Every row of the table was removed at once"), "{}", said(&got));
    assert!(got.attributes("a.row-name", "href").is_empty());
    assert_eq!(fixture.get("acme", &format!("/audit/transactions/{id}")).await.status, 404);
}

#[tokio::test]
async fn s13_hostile_words_are_words() {
    let fixture = Fixture::tenants().await;
    let evil = "</script><img src=x onerror=alert(1)>\u{202e}\" onmouseover=\"x";
    let context = AuditContext::new(ActorRef::user("<b>evil</b>"))
        .correlation_id("javascript:alert(1)")
        .request_id("//evil.example");
    let action = Action::new("<script>alert(1)</script>").reason(evil).comment(evil);
    let txn = fixture.db.audit_begin(&context, action).await.expect("begins");
    let sql = format!(
        "UPDATE tickets SET title = '{evil}', details = jsonb_build_object('{evil}', '{evil}') WHERE id = 12"
    );
    txn.execute_unprepared(&sql).await.expect("writes");
    let id = txn.commit().await.expect("commits").transaction_id;
    let got = fixture.get("acme", &format!("/audit/transactions/{id}?open=all")).await;
    assert_eq!(got.status, StatusCode::OK);
    for css in ["main img", "main script", "main b", "[onerror]", "[onmouseover]", "[style]"] {
        assert!(got.attributes(css, "class").is_empty() && got.texts(css).is_empty(), "{css}");
    }
    let hrefs = got.attributes("a", "href");
    assert!(
        hrefs.iter().all(|href| href.starts_with("/audit") || href.starts_with('#')),
        "{hrefs:?}"
    );
    assert!(said(&got).contains("U+202E"), "what cannot be seen is told");
}

#[tokio::test]
async fn what_is_copied_is_what_is_shown() {
    let fixture = Fixture::tenants().await;
    let id = transaction(&fixture, "corr=nightly-1").await;
    let got = fixture.get("acme", &format!("/audit/transactions/{id}")).await;
    let copies = got.attributes("dl.copies button", "data-copy");
    let json = copies.iter().find(|copy| copy.starts_with('{')).expect("the incident");
    let incident: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(incident["transaction"]["id"], id);
    assert_eq!(incident["changes"].as_array().map(Vec::len), Some(1), "{json}");
    let sql = copies.iter().find(|copy| copy.starts_with("SELECT")).expect("the statement");
    assert!(sql.contains(&format!("transaction_id = {id}")), "{sql}");
    let exports = got.attributes("a[href*='/exports/']", "href");
    assert_eq!(exports.len(), 3);
    let file = fixture.get("acme", &exports[1]).await;
    assert_eq!((file.status, file.header("x-threadline-rows")), (StatusCode::OK, "1"));
    let none = fixture.get("support", &format!("/audit/transactions/{id}")).await;
    assert!(none.attributes("a[href*='/exports/']", "href").is_empty(), "without the right");
}
