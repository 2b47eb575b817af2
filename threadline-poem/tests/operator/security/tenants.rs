//! One tenant's view, beside what belongs to another.

use poem::http::{Method, StatusCode};
use poem::test::TestClient;

use super::crawl::{FROM, crawl, same, steady};
use super::{every_page, number};
use crate::fixture::{Fixture, Got, ask};

/// All that a browser gets, headers too.
fn whole(got: &Got) -> String {
    format!("{:?}\n{}", got.headers, got.text)
}

#[tokio::test]
async fn s_05_nothing_that_one_tenant_can_reach_tells_of_another() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let mut reached = 0;
    for viewer in ["acme", "warden", "support"] {
        let pages: Vec<String> = every_page(&fixture).await.into_iter().map(|p| p.path).collect();
        let from: Vec<&str> = FROM.into_iter().chain(pages.iter().map(String::as_str)).collect();
        for (path, got) in crawl(&client, viewer, &from).await {
            assert!(got.status.as_u16() < 500, "{viewer} {path}: {}", got.text);
            assert!(!whole(&got).contains("globex"), "{viewer} {path}: {}", whole(&got));
            reached += 1;
        }
    }
    assert!(reached > 250, "{reached} addresses: is the walk still one?");
}

#[tokio::test]
async fn s_05_what_another_tenant_does_changes_no_byte() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let walk = crawl(&client, "acme", &FROM).await;
    fixture
        .run(
            "INSERT INTO tickets (id, organization_id, title)
                 SELECT 1000 + n, 2, 'globex ' || n FROM generate_series(1, 300) n;
             UPDATE tickets SET status = 'globex', priority = 7 WHERE organization_id = 2;
             DELETE FROM tickets WHERE id BETWEEN 1100 AND 1150;
             INSERT INTO order_lines SELECT 500, n, 2, 'globex', 1 FROM generate_series(1, 50) n;
             ANALYZE",
        )
        .await;
    // Another one, whose exports nobody has asked for yet.
    let client = TestClient::new(fixture.app());
    let mut compared = 0;
    for (path, before) in walk {
        let after = ask(&client, Method::GET, ("acme", &path), &[]).await;
        // Which of the exports were too many depends on how fast they were asked for.
        if [before.status, after.status].contains(&StatusCode::TOO_MANY_REQUESTS) {
            continue;
        }
        assert_eq!(before.status, after.status, "{path}");
        same(&path, &steady(&before.text), &steady(&after.text));
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

#[tokio::test]
async fn s_06_of_a_transaction_of_two_tenants_each_sees_its_own() {
    let fixture = Fixture::tenants().await;
    let id = number(
        &fixture,
        "SELECT min(id) FROM threadline.audit_transactions WHERE actor_type = 'job'",
    )
    .await;
    let path = format!("/audit/transactions/{id}");
    let of = async |viewer: &str| fixture.get(viewer, &path).await;
    let (all, one) = (of("admin").await, of("acme").await);
    assert!(all.texts("main").concat().contains("2 changes"), "{:?}", all.texts("main"));
    assert!(one.texts("main").concat().contains("1 change"), "{:?}", one.texts("main"));
    assert!(!one.texts("main").concat().contains("2 changes"), "{:?}", one.texts("main"));
    assert!(one.text.contains("job:nightly") && one.text.contains("ticket.renumber"));
    assert!(
        one.text.contains("/rows/public.tickets/12")
            && !one.text.contains("/rows/public.tickets/22")
    );
}

#[tokio::test]
async fn s_26_s_27_unknown_purged_and_out_of_scope_are_one_answer() {
    let fixture = Fixture::tenants().await;
    let of_globex = |what: &str| {
        format!(
            "SELECT {what} FROM threadline.audit_changes WHERE data_after->>'organization_id' = '2'"
        )
    };
    let change = number(&fixture, &of_globex("min(id)")).await;
    let transaction = number(&fixture, &of_globex("min(transaction_id)")).await;
    let client = TestClient::new(fixture.app());
    let of =
        async |path: &str| ask(&client, Method::GET, ("acme", &format!("/audit{path}")), &[]).await;
    let own = number(&fixture, &of_globex("min(id)").replace("'2'", "'1'")).await;
    for (foreign, unknown) in [
        (format!("/changes/{change}"), "/changes/987654321".to_owned()),
        (format!("/transactions/{transaction}"), "/transactions/987654321".to_owned()),
        (format!("/compare?a={change}&b={change}"), "/compare?a=987654321&b=987654321".to_owned()),
        (format!("/compare?a={own}&b={change}"), format!("/compare?a={own}&b=987654321")),
        ("/rows/public.tickets/21".to_owned(), "/rows/public.tickets/987654321".to_owned()),
        (
            "/rows/public.tickets/21?at=-1m".to_owned(),
            "/rows/public.tickets/987654321?at=-1m".to_owned(),
        ),
        (
            format!("/rows/public.tickets/21?v={change}"),
            "/rows/public.tickets/987654321?v=987654321".to_owned(),
        ),
        (
            format!("/rows/public.tickets/11?v={change}"),
            "/rows/public.tickets/11?v=987654321".to_owned(),
        ),
        (
            "/rows/public.order_lines/line_no=1;order_id=20".to_owned(),
            "/rows/public.order_lines/line_no=1;order_id=987654321".to_owned(),
        ),
        ("/actors/user/globex-agent".to_owned(), "/actors/user/nobodyx-agent".to_owned()),
        ("/timeline?corr=globex-2".to_owned(), "/timeline?corr=nobodyx-2".to_owned()),
        (
            "/timeline?actor=user:globex-agent".to_owned(),
            "/timeline?actor=user:nobodyx-agent".to_owned(),
        ),
        (
            "/timeline?row=21&table=tickets".to_owned(),
            "/timeline?row=987654321&table=tickets".to_owned(),
        ),
        (
            "/timeline?now=title:globex%20ticket%201&table=tickets".to_owned(),
            "/timeline?now=title:nobodyx%20ticket%201&table=tickets".to_owned(),
        ),
        (
            format!("/timeline?transaction={transaction}"),
            "/timeline?transaction=987654321".to_owned(),
        ),
        (
            "/exports/changes.csv?corr=globex-2".to_owned(),
            "/exports/changes.csv?corr=nobodyx-2".to_owned(),
        ),
        ("/?find=globex-2".to_owned(), "/?find=nobodyx-2".to_owned()),
        (format!("/?find={transaction}"), "/?find=987654321".to_owned()),
    ] {
        let (one, other) = (of(&foreign).await, of(&unknown).await);
        assert_eq!(one.status, other.status, "{foreign}");
        let (change, transaction) = (change.to_string(), transaction.to_string());
        let asked = ["987654321", "nobodyx", "globex", "21", "20", &change, &transaction];
        same(&foreign, &told(&one, &asked), &told(&other, &asked));
        assert_eq!(
            one.header("location").is_empty(),
            other.header("location").is_empty(),
            "{foreign}"
        );
        assert_eq!(one.header("x-threadline-rows"), other.header("x-threadline-rows"), "{foreign}");
    }
    let gone = fixture.get("acme", &format!("/audit/changes/{change}")).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
}

/// What is said but for what was asked for, which is told back.
fn told(got: &Got, asked: &[&str]) -> Vec<String> {
    let blank = |line: String| {
        let mut out = String::new();
        for word in line.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
            let bare = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
            match asked.contains(&bare) {
                true => out.push_str(&word.replacen(bare, "ASKED", 1)),
                false => out.push_str(word),
            }
        }
        out
    };
    let frame = ["<path", "<symbol", "<svg", "<meta", "<rect", "<circle", "<link", "<script"];
    let lines = steady(&got.text).into_iter();
    let lines = lines.filter(|line| !frame.iter().any(|start| line.starts_with(start)));
    lines.map(blank).collect()
}

#[tokio::test]
async fn s_26_what_was_purged_is_as_if_it_had_never_been() {
    let fixture = Fixture::tenants().await;
    let sql = "SELECT min(id) FROM threadline.audit_changes WHERE data_after->>'id' = '11'";
    let change = number(&fixture, sql).await;
    let (path, never) = (format!("/audit/changes/{change}"), "/audit/changes/987654321");
    assert!(fixture.get("acme", &path).await.status.is_redirection());
    fixture.run(&format!("DELETE FROM threadline.audit_changes WHERE id = {change}")).await;
    let (purged, unknown) = (fixture.get("acme", &path).await, fixture.get("acme", never).await);
    assert_eq!(purged.status, StatusCode::NOT_FOUND);
    let change = change.to_string();
    let asked = ["987654321", &change];
    same(&path, &told(&purged, &asked), &told(&unknown, &asked));
}
