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

/// Addresses of what belongs to another tenant; `{…}` is a number or name of it, and `{own}` one that may
/// be seen.
const FOREIGN: [&str; 18] = [
    "/changes/{change}",
    "/transactions/{transaction}",
    "/compare?a={change}&b={change}",
    "/compare?a={own}&b={change}",
    "/rows/public.tickets/{row}",
    "/rows/public.tickets/{row}?at=-1m",
    "/rows/public.tickets/{row}?v={change}",
    "/rows/public.tickets/11?v={change}",
    "/rows/public.order_lines/line_no=1;order_id={order}",
    "/actors/user/{name}-agent",
    "/timeline?corr={name}-2",
    "/timeline?actor=user:{name}-agent",
    "/timeline?table=tickets&row={row}&from=-24h",
    "/timeline?table=tickets&now=title:{name}%20ticket%201&from=-24h",
    "/timeline?transaction={transaction}",
    "/exports/changes.csv?corr={name}-2",
    "/?find={name}-2",
    "/?find={transaction}",
];

#[tokio::test]
async fn s_26_s_27_unknown_purged_and_out_of_scope_are_one_answer() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let of = async |what: &str, organization: u8| {
        let sql = format!(
            "SELECT min({what}) FROM threadline.audit_changes
             WHERE data_after->>'organization_id' = '{organization}'"
        );
        number(&fixture, &sql).await.to_string()
    };
    let (change, transaction) = (of("id", 2).await, of("transaction_id", 2).await);
    let own = of("id", 1).await;
    let fill = |pattern: &str, values: [&str; 5]| {
        let holes = ["{change}", "{transaction}", "{row}", "{order}", "{name}"];
        let filled = holes.iter().zip(values);
        filled.fold(pattern.replace("{own}", &own), |path, (hole, value)| path.replace(hole, value))
    };
    let never = "987654321";
    let asked = [never, "nobodyx", "globex", "21", "20", &change, &transaction];
    for pattern in FOREIGN {
        let foreign = fill(pattern, [&change, &transaction, "21", "20", "globex"]);
        let unknown = fill(pattern, [never, never, never, never, "nobodyx"]);
        let get = async |path: &str| {
            ask(&client, Method::GET, ("acme", &format!("/audit{path}")), &[]).await
        };
        let (one, other) = (get(&foreign).await, get(&unknown).await);
        assert_eq!(one.status, other.status, "{foreign}");
        same(&foreign, &told(&one, &asked), &told(&other, &asked));
        for name in ["location", "x-threadline-rows"] {
            assert_eq!(one.header(name).is_empty(), other.header(name).is_empty(), "{foreign}");
        }
    }
    let gone = ask(&client, Method::GET, ("acme", &format!("/audit/changes/{change}")), &[]).await;
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
