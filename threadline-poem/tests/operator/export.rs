//! Changes as files: whole or not at all, of the viewer's scope, and safe in a spreadsheet.

use poem::http::{Method, StatusCode};
use poem::test::TestClient;
use poem::{Endpoint, Route};
use serde_json::Value;
use sha2::{Digest, Sha256};
use threadline_poem::Surface;

use crate::fixture::{Fixture, Got, ask, grant, registry};

/// A surface of which an export has at most two changes.
fn small(fixture: &Fixture) -> impl Endpoint {
    let surface = Surface::builder(fixture.db.clone(), &registry())
        .authorize(|req| {
            let viewer = req.header("x-viewer").unwrap_or_default().to_owned();
            async move { grant(&viewer) }
        })
        .export_rows(2);
    Route::new().nest("/audit", surface.build())
}

async fn from_small(fixture: &Fixture, path: &str) -> Got {
    ask(&TestClient::new(small(fixture)), Method::GET, ("acme", path), &[]).await
}

fn lines(got: &Got) -> usize {
    got.text.lines().count()
}

#[tokio::test]
async fn a_file_is_whole_and_says_so() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/exports/changes.ndjson?table=tickets").await;
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    assert_eq!(got.header("content-type"), "application/x-ndjson");
    assert_eq!(got.header("cache-control"), "no-store");
    assert_eq!(got.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(got.header("content-length"), got.text.len().to_string());
    let name = got.header("content-disposition");
    let stem = name.strip_prefix("attachment; filename=\"threadline-changes-").expect("a name");
    let (date, end) = stem.split_at(14);
    assert!(date.ends_with('Z') && date.as_bytes()[8] == b'T' && end == ".ndjson\"", "{name}");

    let (rows, end) = (lines(&got) - 1, got.text.lines().last().expect("an end record"));
    let end: Value = serde_json::from_str(end).expect("JSON");
    assert_eq!((&end["end"], &end["truncated"]), (&Value::from(true), &Value::from(false)));
    assert_eq!(end["returned_count"], rows);
    assert_eq!(got.header("x-threadline-rows"), rows.to_string());
    let digest = got.header("repr-digest").to_owned();
    let own = Sha256::digest(got.text.as_bytes());
    assert_eq!(digest, format!("sha-256=:{}:", base64(&own)));
}

/// By hand, so that the header is not compared with what made it.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let number = three.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            let digit = (number >> (18 - 6 * place) & 63) as usize;
            text.push(if place <= three.len() { char::from(DIGITS[digit]) } else { '=' });
        }
    }
    text
}

#[tokio::test]
async fn s05_a_file_has_nothing_of_another_tenant() {
    let fixture = Fixture::tenants().await;
    for format in ["csv", "json", "ndjson"] {
        let path = format!("/audit/exports/changes.{format}?from=-24h");
        let (acme, globex) = (fixture.get("acme", &path).await, fixture.get("globex", &path).await);
        let admin = fixture.get("admin", &path).await;
        assert_eq!((acme.status, globex.status), (StatusCode::OK, StatusCode::OK));
        assert!(acme.text.contains("acme") && !acme.text.contains("globex"), "{}", acme.text);
        assert!(globex.text.contains("globex") && !globex.text.contains("acme"), "{format}");
        assert!(admin.text.contains("acme") && admin.text.contains("globex"), "{format}");
        let rows = |got: &Got| got.header("x-threadline-rows").parse::<u32>().expect("a number");
        // The last change is one that nobody announced, of the tenant globex.
        assert_eq!(rows(&acme) + rows(&globex), rows(&admin), "{format}");
    }
}

#[tokio::test]
async fn s50_nothing_is_cut_off_without_a_word() {
    let fixture = Fixture::tenants().await;
    let got = from_small(&fixture, "/audit/exports/changes.csv?table=tickets").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(got.header("content-disposition"), "");
    let said = got.texts("main").join(" ");
    assert!(said.contains("6 changes match, and a download has at most 2"), "{said}");
    assert!(said.contains("Nothing was downloaded"), "{said}");
    let command = got.texts("footer code").join(" ");
    assert_eq!(command, "threadline export table=public.tickets --unlimited --output changes.csv");
    // What was asked for in so many words is no truncation.
    let links = got.attributes("main a", "href");
    let some = links.iter().find(|href| href.contains("limit=2")).expect("a way to get some");
    let got = from_small(&fixture, some).await;
    assert_eq!((got.status, lines(&got)), (StatusCode::OK, 3), "{}", got.text);
    assert_eq!(got.header("x-threadline-rows"), "2");
    // More than a download may have is refused, whether it is asked for or not.
    let got = from_small(&fixture, "/audit/exports/changes.json?table=tickets&limit=5").await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    let got = from_small(&fixture, "/audit/exports/changes.json?table=order_lines&op=insert").await;
    assert_eq!(got.status, StatusCode::OK, "exactly as many as there may be");
}

#[tokio::test]
async fn s12_a_formula_is_a_text_in_a_spreadsheet_and_itself_for_a_program() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "SELECT set_config('threadline.context', json_build_object('actor',
                 json_build_object('type', 'user', 'id', '=HYPERLINK(1)'))::text, false);
             UPDATE tickets SET priority = 1 WHERE id = 12",
        )
        .await;
    let safe = fixture.get("acme", "/audit/exports/changes.csv?row=12&table=tickets").await;
    let raw = fixture.get("acme", "/audit/exports/changes.csv?row=12&table=tickets&raw=1").await;
    assert!(safe.text.contains(",'=HYPERLINK(1),"), "{}", safe.text);
    assert!(raw.text.contains(",=HYPERLINK(1),"), "{}", raw.text);
    assert!(raw.header("content-disposition").contains("-changes-raw-"));
    let json = fixture.get("acme", "/audit/exports/changes.json?table=tickets&raw=1").await;
    assert_eq!(json.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn what_is_asked_wrongly_has_no_rows() {
    let fixture = Fixture::tenants().await;
    for query in
        ["tabel=tickets", "op=destroy", "op=update", "after=x&table=tickets", "q=table:tickets"]
    {
        for format in ["csv", "json", "ndjson"] {
            let got =
                fixture.get("acme", &format!("/audit/exports/changes.{format}?{query}")).await;
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
            assert_eq!(got.header("content-disposition"), "", "{query}");
            assert!(!got.text.contains("acme ticket"), "{query}");
        }
    }
    for file in ["changes.parquet", "changes", "changes.csv.exe", "..%2Fchanges.csv"] {
        let got = fixture.get("acme", &format!("/audit/exports/{file}")).await;
        assert_eq!(got.status, StatusCode::NOT_FOUND, "{file}");
    }
}

#[tokio::test]
async fn s04_s25_whoever_may_not_export_gets_none() {
    let fixture = Fixture::tenants().await;
    for viewer in ["support", "blind", "stranger"] {
        for method in [Method::GET, Method::HEAD] {
            let path = "/audit/exports/changes.csv?table=tickets";
            let got = fixture.ask(method, viewer, path, &[]).await;
            assert_eq!(got.status, StatusCode::FORBIDDEN, "{viewer}");
            assert!(!got.text.contains("acme ticket"), "{viewer}");
        }
    }
}

#[tokio::test]
async fn s11_head_tells_what_get_gives() {
    let fixture = Fixture::tenants().await;
    let path = "/audit/exports/changes.csv?table=order_lines";
    let get = fixture.ask(Method::GET, "acme", path, &[]).await;
    let head = fixture.ask(Method::HEAD, "acme", path, &[]).await;
    assert_eq!((head.status, head.text.as_str()), (StatusCode::OK, ""));
    for name in ["content-length", "content-type", "x-threadline-rows", "repr-digest"] {
        assert_eq!(get.header(name), head.header(name), "{name}");
    }
}
