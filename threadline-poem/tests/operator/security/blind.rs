//! A viewer who may not see values.

use poem::http::{Method, StatusCode};
use poem::test::TestClient;

use super::crawl::{FROM, crawl, same, steady};
use super::every_page;
use crate::fixture::{Fixture, ask};

/// Values of `acme` that are no key, no name and no reason.
const VALUES: [&str; 8] = [
    "acme ticket",
    "acme town",
    "acme city",
    "acme closed",
    "acme bolt",
    "acme nut",
    "acme secret",
    "acme card",
];

#[tokio::test]
async fn s_25_no_value_reaches_whoever_may_not_see_values() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let pages: Vec<String> = every_page(&fixture).await.into_iter().map(|p| p.path).collect();
    let from: Vec<&str> = FROM.into_iter().chain(pages.iter().map(String::as_str)).collect();
    let walk = crawl(&client, "blind", &from).await;
    assert!(walk.len() > 80, "{}", walk.len());
    for (path, got) in &walk {
        assert!(got.status.as_u16() < 500, "{path}");
        for value in VALUES {
            assert!(!got.text.contains(value), "{path}: {value}: {}", got.text);
        }
    }
    // They are there for whoever may: the test looks for what can be found.
    let seen: String =
        crawl(&client, "acme", &FROM).await.into_iter().map(|(_, g)| g.text).collect();
    for value in &VALUES[..6] {
        assert!(seen.contains(value), "{value}");
    }
}

/// The strongest that can be said: with other values in the trail, not one byte is another.
#[tokio::test]
async fn s_25_what_a_viewer_without_values_gets_does_not_depend_on_them() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let walk = crawl(&client, "blind", &FROM).await;
    fixture.run(OTHER_VALUES).await;
    for (path, before) in walk {
        let after = ask(&client, Method::GET, ("blind", &path), &[]).await;
        assert_eq!(before.status, after.status, "{path}");
        same(&path, &steady(&before.text), &steady(&after.text));
    }
}

/// Every value that is neither key nor scope becomes another, of another length and another type.
const OTHER_VALUES: &str = "
    UPDATE threadline.audit_changes SET
        data_after = (SELECT jsonb_object_agg(key, CASE
                WHEN key IN ('id', 'organization_id', 'order_id', 'line_no') THEN value
                ELSE to_jsonb(array['quite', 'another', 'value', md5(value::text)]) END)
            FROM jsonb_each(data_after)),
        changed_from = (SELECT jsonb_object_agg(key, CASE
                WHEN key IN ('id', 'organization_id', 'order_id', 'line_no') THEN value
                ELSE to_jsonb(array['something', md5(value::text)]) END)
            FROM jsonb_each(changed_from));
    UPDATE tickets SET title = 'unrelated' WHERE false";

#[tokio::test]
async fn s_25_no_filter_and_no_address_is_an_oracle() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    for query in [
        "now=title:acme%20ticket%201",
        "was=status:open",
        "table=tickets&now=priority:3",
        "q=now:status:open",
        "q=table:tickets%20was:status:open",
        "!now=status:open",
        "q=-now:status:open",
    ] {
        for page in [
            "timeline".to_owned(),
            "_/pulse.json".to_owned(),
            "actors/user/acme-agent".to_owned(),
            "rows/public.tickets/11".to_owned(),
        ] {
            let path = format!("/audit/{page}?{query}");
            let mut got = ask(&client, Method::GET, ("blind", &path), &[]).await;
            if got.status.is_redirection() {
                let to = got.header("location").to_owned();
                got = ask(&client, Method::GET, ("blind", &to), &[]).await;
            }
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        }
        let got = fixture.get("blind", &format!("/audit/exports/changes.csv?{query}")).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        // A right guess and a wrong one are answered alike.
        let page = |query: &str| format!("/audit/timeline?{query}");
        let (right, wrong) = (page(query), page(&query.replace("open", "nope")));
        let (right, wrong) = (
            ask(&client, Method::GET, ("blind", &right), &[]).await,
            ask(&client, Method::GET, ("blind", &wrong), &[]).await,
        );
        let wrong = wrong.text.replace("nope", "open");
        same(query, &steady(&right.text), &steady(&wrong));
    }
}

#[tokio::test]
async fn s_25_what_is_masked_or_left_out_at_capture_is_in_no_answer_to_anybody() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let from: Vec<&str> = FROM
        .into_iter()
        .chain(["/audit/policy/redaction", "/audit/exports/changes.csv?table=tickets&raw=1"])
        .collect();
    for (path, got) in crawl(&client, "admin", &from).await {
        for value in ["acme card", "globex card", "acme secret", "globex secret"] {
            assert!(!got.text.contains(value), "{path}: {value}");
        }
    }
}
