//! Texts made to be taken for something else, wherever the trail has texts.

use poem::Route;
use poem::http::Method;
use poem::test::TestClient;
use scraper::Html;
use threadline::{ActorRef, Predicate};
use threadline_poem::{Capability, Grant, Surface};

use super::crawl::crawl;
use crate::fixture::{Fixture, Got, ask, registry};

/// What the pages may have in an element, beside `data-…` and `aria-…`.
const NEVER: [&str; 6] = ["style", "srcdoc", "formaction", "tl-evil", "background", "xlink:href"];
const ELEMENTS_NEVER: [&str; 12] = [
    "iframe",
    "object",
    "embed",
    "base",
    "style",
    "img",
    "tl-evil",
    "meta[http-equiv]",
    "math",
    "template",
    "video",
    "portal",
];

/// Every text of the trail holds all of this: markup, the ends of what it could be put into, and
/// characters that change how others look.
const EVIL: &str = "</script></title></textarea><tl-evil tl-evil=1>\" tl-evil=\"1' tl-evil='1 onload=alert(1)--><img src=x onerror=alert(1)>{{7*7}}javascript:alert(1)&quot;&lt;b&gt;\u{202e}\u{2066}\u{200b}\u{feff}\u{1b}[31m\u{85}";

async fn seed(fixture: &Fixture) {
    let text = format!("U&'{}'", escaped(EVIL));
    let json = serde_json::to_string(EVIL).expect("JSON").replace('\'', "''");
    let name = "<tl-evil onload=alert(1)>\u{202e}\"x\"";
    let ident = name.replace('"', "\"\"");
    fixture
        .run(&format!(
            "BEGIN;
             SELECT threadline.begin_action(jsonb_build_object(
                     'actor', jsonb_build_object('type', 'user', 'id', {short}),
                     'request_id', {short}, 'correlation_id', {short},
                     'meta', jsonb_build_object({text}, {text})),
                 jsonb_build_object('name', 'evil.name', 'reason', {text}, 'meta', jsonb_build_object('a', {text})));
             UPDATE tickets SET title = {text}, status = {text},
                 details = jsonb_build_object({text}, {text}, 'list', jsonb_build_array({text}, '{json}'::jsonb))
                 WHERE id = 11;
             COMMIT;
             ALTER TABLE tickets ADD COLUMN \"{ident}\" text;
             UPDATE tickets SET \"{ident}\" = {text} WHERE id = 11",
            short = format_args!("left({text}, 120)"),
        ))
        .await;
}

/// As `U&'…'` wants it.
fn escaped(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\'' => "''".to_owned(),
            '\\' => "\\\\".to_owned(),
            c if c.is_ascii() && !c.is_control() => c.to_string(),
            c => format!("\\+{:06x}", c as u32),
        })
        .collect()
}

fn is_clean(path: &str, got: &Got) {
    let html: Html = got.html();
    for node in html.tree.values() {
        let Some(element) = node.as_element() else { continue };
        for (name, value) in element.attrs() {
            assert!(!name.starts_with("on") && !NEVER.contains(&name), "{path}: {name}={value}");
            if matches!(name, "href" | "src" | "action") {
                let is_ours = value.starts_with("/audit") || value.starts_with('#');
                assert!(is_ours && !value.starts_with("//"), "{path}: {name}={value}");
            }
        }
        if element.name() == "script" {
            assert!(
                element.attr("src").is_some_and(|src| src.starts_with("/audit/assets/")),
                "{path}"
            );
        }
    }
    for css in ELEMENTS_NEVER {
        assert!(got.texts(css).is_empty(), "{path}: <{css}>");
    }
    for node in html.tree.values() {
        if let Some(text) = node.as_text() {
            nothing_turns(path, text);
        }
        let Some(element) = node.as_element() else { continue };
        // What is copied, sent back, or typed by the reader is kept as it is, and not shown for another.
        let is_kept = |name: &str| matches!(name, "value" | "data-copy");
        for (name, value) in element.attrs().filter(|(name, _)| !is_kept(name)) {
            nothing_turns(&format!("{path} {name}"), value);
        }
    }
}

/// That a text which is shown has no character that hides others, turns them, or commands a terminal.
fn nothing_turns(path: &str, text: &str) {
    let odd = text.chars().find(|c| {
        matches!(*c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}' | '\u{feff}'
            | '\u{80}'..='\u{9f}' | '\0'..='\u{8}' | '\u{e}'..='\u{1f}')
    });
    assert_eq!(odd, None, "{path}: a character that hides or turns others in {text:?}");
}

#[tokio::test]
async fn s_13_s_14_s_15_what_was_audited_is_text_on_every_page() {
    let fixture = Fixture::tenants().await;
    seed(&fixture).await;
    let client = TestClient::new(fixture.app());
    let from = [
        "/audit/timeline?view=detailed",
        "/audit/rows/public.tickets/11",
        "/audit/rows/public.tickets",
        "/audit",
        "/audit/actors",
        "/audit/coverage",
        "/audit/policy/redaction",
    ];
    let mut is_shown = false;
    let walk = crawl(&client, "admin", &from).await;
    assert!(walk.len() > 90, "{}", walk.len());
    for (path, got) in walk {
        assert!(got.status.as_u16() < 500, "{path}: {}", got.text);
        if got.header("content-type").starts_with("text/html") {
            is_clean(&path, &got);
            is_shown |= got.text.contains("&lt;tl-evil");
        }
        for (name, value) in &got.headers {
            assert!(
                value.to_str().is_ok_and(|v| !v.contains("tl-evil") || name == "location"),
                "{path}: {name}"
            );
        }
    }
    assert!(is_shown, "the hostile texts are on no page, so nothing was tested");
}

#[tokio::test]
async fn s_13_s_37_what_is_asked_with_is_told_back_as_text() {
    let fixture = Fixture::tenants().await;
    let evil: String = form_urlencoded::byte_serialize(EVIL.as_bytes()).collect();
    for path in [
        format!("/audit/timeline?table={evil}"),
        format!("/audit/timeline?{evil}={evil}"),
        format!("/audit/timeline?q={evil}"),
        format!("/audit/timeline?actor=user:{evil}"),
        format!("/audit/timeline?from={evil}"),
        format!("/audit?find={evil}"),
        format!("/audit?{evil}=1"),
        format!("/audit/rows?table={evil}&key=1"),
        format!("/audit/rows/{evil}"),
        format!("/audit/rows/public.tickets/{evil}"),
        format!("/audit/rows/public.tickets?c.id={evil}"),
        format!("/audit/rows/public.tickets?{evil}=1"),
        format!("/audit/rows/public.tickets/11?at={evil}"),
        format!("/audit/rows/public.tickets/11?field={evil}"),
        format!("/audit/rows/public.tickets/11?{evil}={evil}"),
        format!("/audit/compare?a={evil}&b=1"),
        format!("/audit/transactions/{evil}"),
        format!("/audit/transactions/1?{evil}={evil}"),
        format!("/audit/changes/{evil}"),
        format!("/audit/actors/{evil}"),
        format!("/audit/actors/user/{evil}"),
        format!("/audit/actors?{evil}={evil}"),
        format!("/audit/actions/{evil}"),
        format!("/audit/coverage?schema={evil}"),
        format!("/audit/coverage?{evil}=1"),
        format!("/audit/policy/redaction?{evil}=1"),
        format!("/audit/exports/{evil}"),
        format!("/audit/exports/changes.csv?{evil}=1"),
        format!("/audit/{evil}?{evil}"),
        format!("/audit/_/pulse.json?{evil}=1"),
        format!("/audit/assets/{evil}"),
    ] {
        for viewer in ["admin", "stranger"] {
            let got = fixture.get(viewer, &path).await;
            assert!(got.status.as_u16() < 500, "{path}: {}", got.text);
            if got.header("content-type").starts_with("text/html") {
                is_clean(&path, &got);
            }
            assert!(got.headers.get("x-content-type-options").is_some(), "{path}");
        }
    }
}

/// What the host adds is not trusted to be harmless either: names come from its users.
#[tokio::test]
async fn s_13_s_15_what_the_host_says_is_text_and_leads_to_the_host() {
    let fixture = Fixture::tenants().await;
    for leads in [
        "javascript:alert(1)",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "data:text/html,x",
        "/\u{9}/evil.example",
        "/x\r\nSet-Cookie: a=b",
        "\"><tl-evil>",
    ] {
        let surface = Surface::builder(fixture.db.clone(), &registry())
            .authorize(|_| async {
                let scope = Predicate::column("organization_id", 1);
                let grant = Grant::scoped(ActorRef::user("evil"), EVIL, scope).named(EVIL);
                Some(Capability::ALL.into_iter().fold(grant, Grant::allow))
            })
            .brand(EVIL)
            .banner(EVIL)
            .contact(EVIL)
            .actor_names(|actors| async move {
                actors.into_iter().map(|actor| (actor, EVIL.to_owned())).collect()
            })
            .host_link(move |_, _| Some(leads.to_owned()))
            .build();
        let client = TestClient::new(Route::new().nest("/audit", surface));
        // Links are on one of the pages, names on all of them.
        let paths = [
            "/audit/rows/public.tickets/11",
            "/audit/nothing",
            "/audit",
            "/audit/timeline?view=detailed",
            "/audit/actors/user/acme-agent",
            "/audit/coverage",
        ];
        let asked = if leads.starts_with("//") { &paths[..] } else { &paths[..1] };
        for path in asked.iter().copied() {
            let got = ask(&client, Method::GET, ("", path), &[]).await;
            assert!(got.status.as_u16() < 500, "{path}");
            is_clean(path, &got);
            assert!(got.text.contains("&lt;tl-evil"), "{path}: the host's words are not there");
        }
    }
}
