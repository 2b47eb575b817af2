//! What somebody would try who means harm, where no other file is about it.

use std::time::{Duration, Instant};

use poem::http::{Method, StatusCode};
use poem::test::TestClient;

use super::crawl::{FROM, crawl, same, steady};
use crate::fixture::{Fixture, ask};

/// The fields of a CSV document, as a spreadsheet reads them.
fn fields(text: &str) -> Vec<String> {
    let (mut all, mut field, mut is_quoted) = (Vec::new(), String::new(), false);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if is_quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => is_quoted = !is_quoted,
            ',' | '\n' | '\r' if !is_quoted => all.push(std::mem::take(&mut field)),
            c => field.push(c),
        }
    }
    all.push(field);
    all
}

#[tokio::test]
async fn s_12_no_column_of_a_file_is_a_formula() {
    let fixture = Fixture::tenants().await;
    for start in ["=", "+", "-", "@", "\t=", "\r=", "\n=", "\u{ff1d}", "\u{ff0b}", " ="] {
        let evil = format!("{start}cmd|' /C calc'!A0").replace('\'', "''");
        fixture
            .run(&format!(
                "SET threadline.context = '';
                 SELECT set_config('threadline.context', jsonb_build_object(
                     'actor', jsonb_build_object('type', 'user', 'id', '{evil}'),
                     'request_id', '{evil}', 'correlation_id', '{evil}')::text, false);
                 CREATE TABLE IF NOT EXISTS \"=evil\" (\"=id\" text PRIMARY KEY, \"@c\" text);
                 UPDATE tickets SET title = '{evil}' WHERE id = 11;
                 SELECT set_config('threadline.context', '', false)"
            ))
            .await;
    }
    let got = fixture.get("acme", "/audit/exports/changes.csv?table=tickets&op=update").await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    let all = fields(&got.text);
    assert!(all.iter().filter(|field| field.contains("cmd|")).count() > 10, "{}", got.text);
    for field in all {
        let starts = ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}'];
        assert!(!field.starts_with(starts), "{field:?}");
    }
}

#[tokio::test]
async fn s_17_a_table_is_looked_up_and_never_taken_from_an_address() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    let get = async |path: &str| ask(&client, Method::GET, ("acme", path), &[]).await;
    let never = get("/audit/rows/public.neverwas").await;
    assert_eq!(never.status, StatusCode::NOT_FOUND);
    for table in [
        "pg_catalog.pg_authid",
        "threadline.audit_changes",
        "public.unwatched",
        "pg_class",
        "tickets%22%20WHERE%20true%20--",
        "%22tickets%22%3BDROP%20TABLE%20tickets",
        "public.tickets.id",
        "PUBLIC.TICKETS",
        "information_schema.tables",
    ] {
        let got = get(&format!("/audit/rows/{table}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{table}");
        let row = get(&format!("/audit/rows/{table}/1")).await;
        assert_eq!(row.status, StatusCode::NOT_FOUND, "{table}");
        let listed = get(&format!("/audit/timeline?table={table}")).await;
        assert!(!listed.text.contains("acme ticket"), "{table}");
    }
    // Whether there is a table that is not audited is not told.
    let words = |text: &str| text.replace("neverwas", "unwatched");
    let unwatched = get("/audit/rows/public.unwatched").await;
    same("unwatched", &steady(&words(&never.text)), &steady(&words(&unwatched.text)));
    assert_eq!(get("/audit/rows/public.tickets").await.status, StatusCode::OK);
}

#[tokio::test]
async fn s_37_what_is_said_twice_is_refused_or_means_either() {
    let fixture = Fixture::tenants().await;
    let client = TestClient::new(fixture.app());
    for path in [
        "timeline?from=-1h&from=-2h",
        "timeline?view=detailed&view=compact",
        "timeline?limit=1&limit=2",
        "_/pulse.json?from=-1h&from=-2h",
        "exports/changes.csv?raw=1&raw=0",
        "exports/changes.csv?limit=1&limit=5000",
        "rows/public.tickets/11?at=-1h&at=-2h",
        "rows/public.tickets/11?v=1&v=2",
        "compare?a=1&a=2&b=3",
        "actors/user/acme-agent?from=-1h&from=-2h",
        "transactions/1?table=public.tickets&table=public.order_lines&after=x",
        "?find=a&find=b",
        "rows?table=public.tickets&table=public.order_lines&key=1",
    ] {
        let got = ask(&client, Method::GET, ("acme", &format!("/audit/{path}")), &[]).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        assert!(!got.text.contains("acme ticket"), "{path}");
    }
    let both = "/audit/exports/changes.csv?table=tickets&table=order_lines";
    let got = ask(&client, Method::GET, ("acme", both), &[]).await;
    assert!(got.text.contains("tickets") && got.text.contains("order_lines"), "either is meant");
}

#[tokio::test]
async fn s_44_every_moment_is_in_utc() {
    let fixture = Fixture::tenants().await;
    fixture.run("ALTER ROLE CURRENT_USER SET timezone = 'Asia/Kathmandu'").await;
    let client = TestClient::new(fixture.app());
    let mut moments = 0;
    for (path, got) in crawl(&client, "admin", &FROM[..5]).await.into_iter().take(40) {
        for moment in got.attributes("time", "datetime") {
            assert!(moment.ends_with('Z') || moment.ends_with("+00:00"), "{path}: {moment}");
            moments += 1;
        }
    }
    fixture.run("ALTER ROLE CURRENT_USER RESET timezone").await;
    assert!(moments > 50, "{moments}");
}

/// Questions that look at everything and find nothing: each is over within its limit, and the page says so.
#[tokio::test]
async fn s_30_a_question_that_is_dear_ends_in_time() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "INSERT INTO tickets (id, organization_id, title)
                 SELECT 1000 + n, 1, repeat('x', 200) FROM generate_series(1, 20000) n;
             ANALYZE",
        )
        .await;
    let client = TestClient::new(fixture.app());
    let many = (0..32).map(|n| format!("now=title:nothing{n}")).collect::<Vec<_>>().join("&");
    for path in [
        "/audit/timeline?from=-100y&corr=nothing".to_owned(),
        format!(
            "/audit/timeline?from=-100y&table=tickets&{}",
            &many[..many.len() / 2].rsplit_once('&').map_or("", |(a, _)| a)
        ),
        "/audit/timeline?from=-100y&request=nothing&limit=1000".to_owned(),
        "/audit/timeline?from=-100y&!table=tickets".to_owned(),
        "/audit/actors/user/nobody?from=-100y".to_owned(),
    ] {
        let begun = Instant::now();
        let got = ask(&client, Method::GET, ("acme", &path), &[]).await;
        let took = begun.elapsed();
        assert!(took < Duration::from_secs(20), "{path}: {took:?}");
        assert!(
            got.status.as_u16() < 500 || got.status == StatusCode::SERVICE_UNAVAILABLE,
            "{path}"
        );
    }
}
