//! The timeline as a browser gets it.

use poem::http::{Method, StatusCode};

use crate::fixture::{Fixture, registry};

#[tokio::test]
async fn changes_are_told_by_transaction_with_who_why_and_what() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/timeline").await;
    dump("timeline-acme", &got.text);
    assert_eq!(got.status, StatusCode::OK, "{}", got.text);
    let heads = got.texts(".group-head");
    assert_eq!(heads.len(), 4, "{heads:?}");
    assert!(heads[0].contains("job:nightly") && heads[0].contains("nightly-1"), "{heads:?}");
    assert!(heads[1].contains("user:acme-agent"), "{heads:?}");
    assert!(heads[1].contains("order.place") && heads[1].contains("“acme asked for it”"));
    let items = got.texts(".item");
    assert!(items.iter().any(|item| item.contains("status open → acme closed")), "{items:?}");
    assert!(items.iter().any(|item| item.contains("line_no=1;order_id=10")), "{items:?}");
    assert!(got.texts("main .panel-head h2").concat().contains("9 changes · last 24 h"));
    assert!(got.texts("title").concat().starts_with("Timeline · last 24 h"));
}

#[tokio::test]
async fn every_link_of_the_page_is_answered_and_stays_in_scope() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/timeline?view=detailed").await;
    dump("timeline-detailed", &got.text);
    let mut hrefs = got.attributes("main a[href]", "href");
    hrefs.sort();
    hrefs.dedup();
    let timelines: Vec<_> =
        hrefs.iter().filter(|href| href.starts_with("/audit/timeline")).collect();
    assert!(timelines.len() > 40, "{hrefs:?}");
    for href in timelines {
        let got = fixture.get("acme", href).await;
        assert_eq!(got.status, StatusCode::OK, "{href}");
        assert!(!got.text.contains("globex"), "{href}");
    }
}

#[tokio::test]
async fn nothing_of_another_tenant_is_told_anywhere() {
    let fixture = Fixture::tenants().await;
    let paths = [
        "/audit/timeline",
        "/audit/timeline?view=detailed",
        "/audit/timeline?actor=user:globex-agent&from=-24h",
        "/audit/timeline?corr=globex-2",
        "/audit",
        "/audit?find=globex-2",
        "/audit?find=globex-request-ticket.open",
    ];
    for path in paths {
        let got = fixture.get("acme", path).await;
        assert_eq!(got.status, StatusCode::OK, "{path}");
        let asked = path.split('?').nth(1).unwrap_or_default();
        // What was asked for is told back, and nothing else: the same words as for what never was.
        let never = path.replace("globex", "nobody");
        let other = fixture.get("acme", &never).await;
        let told = got.text.replace("globex", "nobody");
        assert_eq!(without_times(&told), without_times(&other.text), "{asked}");
    }
}

/// The page without the moments at which it was made and at which windows begin.
fn without_times(page: &str) -> String {
    page.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[tokio::test]
async fn a_condition_that_cannot_be_is_marked_and_nothing_is_shown() {
    let fixture = Fixture::tenants().await;
    let bad = [
        ("tabel=tickets", "tabel"),
        ("op=destroy", "op"),
        ("table=tickets&table=", "table"),
        ("from=yesterday", "from"),
        ("q=op:destroy", "op"),
        ("q=hello", "hello"),
        ("view=wide", "view"),
        ("from=-1h&from=-2h", "from"),
        ("after=nonsense", "after"),
        ("before=nonsense", "before"),
        ("row=7", "row"),
    ];
    for (query, key) in bad {
        let got = fixture.get("admin", &format!("/audit/timeline?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(got.texts(".item, .group, .facet, .bars").is_empty(), "{query}: rows");
        assert!(!got.text.contains("acme ticket"), "{query}: values");
        let marked = got.attributes("[aria-invalid]", "aria-describedby");
        assert!(!marked.is_empty(), "{query}: nothing is marked");
        let problem = got.texts(&format!("#{}", marked[0])).concat();
        assert!(problem.contains("Not searched."), "{query}: {problem}");
        let listed = got.texts("section.nothing").concat();
        let is_named = marked[0] == format!("problem-{key}") || problem.contains(key);
        assert!(is_named || listed.contains(key), "{query}: {problem} {listed}");
    }
    dump("timeline-wrong", &fixture.get("admin", "/audit/timeline?op=destroy&tabel=x").await.text);
}

#[tokio::test]
async fn a_column_of_the_key_has_no_difference() {
    let fixture = Fixture::tenants().await;
    let query = "/audit/timeline?table=public.order_lines&op=update&view=detailed&from=-24h";
    let got = fixture.get("acme", query).await;
    assert_eq!(got.texts(".diff .delta"), ["+0.75"]);
    fixture
        .run(
            "ALTER TABLE order_lines DROP CONSTRAINT order_lines_pkey;
             ALTER TABLE order_lines ADD PRIMARY KEY (order_id, line_no, amount)",
        )
        .await;
    threadline_migration::sync(&fixture.db, &registry()).await.expect("syncs");
    let got = fixture.get("acme", query).await;
    assert!(got.texts(".diff").concat().contains("amount"), "{}", got.text);
    assert!(got.texts(".diff .delta").is_empty(), "{:?}", got.texts(".diff .delta"));
}

#[tokio::test]
async fn of_many_problems_the_first_are_told_once() {
    let fixture = Fixture::tenants().await;
    let junk: Vec<String> = (100..1_000).map(|n| format!("junk{n}")).collect();
    let got = fixture.get("admin", &format!("/audit/timeline?q={}", junk.join("+"))).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(got.text.len() < 64 * 1_024, "{} bytes", got.text.len());
    let beside = got.texts("#q-problem").concat();
    assert!(beside.contains("junk100") && !beside.contains("junk101"), "{beside}");
    let listed = got.texts("section.nothing li");
    assert_eq!(listed.len(), 10, "{listed:?}");
    assert!(listed[0].contains("junk101") && listed[8].contains("junk109"), "{listed:?}");
    assert_eq!(listed[9], "and 890 more");

    let got = fixture.get("admin", "/audit/timeline?op=destroy&tabel=x").await;
    assert_eq!(got.texts("#q-problem, #problem-op").len(), 2);
    assert!(got.texts("section.nothing li").is_empty(), "nothing is told twice");
}

#[tokio::test]
async fn a_search_becomes_the_address_that_can_be_kept() {
    let fixture = Fixture::tenants().await;
    let same = [
        ("q=table:tickets+op:update", "table=public.tickets&op=update&from=-24h"),
        ("q=&table=tickets&op=&actor=", "table=public.tickets&from=-24h"),
        ("q=op:update&from=-7d&to=", "op=update&from=-7d"),
        ("q=op:update+from:-1h&from=-7d", "op=update&from=-1h"),
        ("q=corr:acme-1", "corr=acme-1"),
        ("table=tickets", "table=public.tickets&from=-24h"),
        ("from=2026-01-31", "from=2026-01-31T00:00:00Z"),
        ("op=update&table=tickets&from=-24h", "table=public.tickets&op=update&from=-24h"),
        ("q=&from=2026-01-31T05:30&view=detailed", "from=2026-01-31T05:30:00Z&view=detailed"),
        ("q=action:%22a+b%22", "action=a%20b&from=-24h"),
    ];
    for (asked, kept) in same {
        let got = fixture.get("admin", &format!("/audit/timeline?{asked}")).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{asked}");
        assert_eq!(got.header("location"), format!("/audit/timeline?{kept}"), "{asked}");
        let kept = fixture.get("admin", got.header("location")).await;
        assert_eq!(kept.status, StatusCode::OK, "{asked}");
    }
}

#[tokio::test]
async fn the_command_and_the_statement_tell_the_same() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit/timeline?table=public.tickets&op=update&from=-24h").await;
    let command = got.texts(".cli code").concat();
    assert_eq!(command, "threadline timeline table=public.tickets op=update from=-24h");
    let copies = got.texts(".copies dd");
    assert!(copies.iter().any(|text| text.starts_with("/audit/timeline?table=")), "{copies:?}");
    assert!(copies.iter().any(|text| text.contains("SELECT")), "{copies:?}");
    assert!(copies.iter().any(|text| text.starts_with("curl --fail")), "{copies:?}");
    let without = fixture.get("support", "/audit/timeline").await;
    assert!(!without.text.contains("/exports/"), "an export without the right to it");
}

#[tokio::test]
async fn pages_go_back_and_forth_without_loss() {
    let fixture = Fixture::tenants().await;
    let mut path = "/audit/timeline?from=-24h&limit=3".to_owned();
    let mut walked = Vec::new();
    let mut newer = Vec::new();
    loop {
        let got = fixture.get("admin", &path).await;
        walked.extend(got.attributes(".item [data-open]", "href"));
        newer.push(got.attributes("a[rel=prev]", "href"));
        match got.attributes("a[rel=next]", "href").first() {
            Some(next) => path = next.clone(),
            None => break,
        }
    }
    assert_eq!(walked.len(), 19, "{walked:?}");
    let mut distinct = walked.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), 19);
    assert!(newer[0].is_empty() && newer[1..].iter().all(|links| links.len() == 1), "{newer:?}");
    let back = fixture.get("admin", &newer[2][0]).await;
    assert_eq!(back.attributes(".item [data-open]", "href"), walked[3..6]);
    let first = fixture.get("admin", &newer[1][0]).await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "the newest page has one address");
    assert_eq!(first.header("location"), "/audit/timeline?from=-24h&limit=3");
}

#[tokio::test]
async fn an_empty_list_says_which_emptiness_it_is() {
    let fixture = Fixture::tenants().await;
    fixture.run("INSERT INTO tickets (id, organization_id, title) VALUES (99, 3, 'x')").await;
    let told = [
        ("from=2999-01-01T00:00:00Z", "This time is still to come"),
        ("table=public.unwatched&from=-24h", "This table is not audited"),
        (
            "table=public.order_lines&op=truncate&from=-24h",
            "No change meets all of these conditions",
        ),
        (
            "from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z",
            "No changes: 2001-01-01 00:00 UTC to",
        ),
    ];
    for (query, title) in told {
        let got = fixture.get("admin", &format!("/audit/timeline?{query}")).await;
        let titles = got.texts("section.nothing h2").concat();
        assert!(titles.starts_with(title), "{query}: {titles} {}", got.status);
    }
    let narrow =
        fixture.get("acme", "/audit/timeline?table=public.order_lines&op=truncate&from=-24h").await;
    dump("timeline-narrow", &narrow.text);
    let ways = narrow.texts(".ways li");
    assert_eq!(ways, ["Without op truncate 3 changes"], "without the table there is none either");
    let past = fixture
        .get("acme", "/audit/timeline?from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z")
        .await;
    let there = past.attributes(".ways a", "href");
    assert_eq!(fixture.get("acme", &there[0]).await.texts(".item").len(), 9, "{there:?}");
    let unseen = fixture.get("globex", "/audit/timeline?table=public.tickets&row=99").await;
    let never = fixture.get("globex", "/audit/timeline?table=public.tickets&row=98").await;
    assert_eq!(without_times(&unseen.text), without_times(&never.text));
}

#[tokio::test]
async fn a_large_transaction_is_summed_up() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "INSERT INTO tickets (id, organization_id, title) SELECT n, 1, 'bulk' FROM generate_series(1000, 1299) n;
            UPDATE tickets SET priority = 1 WHERE id BETWEEN 1000 AND 1299",
        )
        .await;
    let got = fixture.get("acme", "/audit/timeline").await;
    dump("timeline-bulk", &got.text);
    assert_eq!(got.texts(".group").len(), 1);
    assert_eq!(got.texts(".item").len(), 5);
    let head = got.texts(".group-head .count").concat();
    assert_eq!(head, "600 changes");
    let rest = got.texts(".rest").concat();
    assert!(
        rest.contains("update public.tickets × 45 on this page, priority changed in 45 rows"),
        "{rest}"
    );
    assert!(rest.contains("595 more in this transaction."), "{rest}");
    let links = got.attributes(".rest a", "href");
    let without = fixture.get("acme", &links[1]).await;
    assert_eq!(without.texts(".group").len(), 4, "{}", links[1]);
}

#[tokio::test]
async fn who_may_not_see_values_gets_none_and_cannot_guess_them() {
    let fixture = Fixture::tenants().await;
    let values = [
        "acme ticket",
        "acme town",
        "acme city",
        "acme closed",
        "acme bolt",
        "4.50",
        "5.25",
        "[card]",
    ];
    for path in ["/audit/timeline", "/audit/timeline?view=detailed", "/audit"] {
        let seen = fixture.get("acme", path).await.text;
        let got = fixture.get("blind", path).await;
        assert_eq!(got.status, StatusCode::OK);
        for value in values {
            assert!(!got.text.contains(value), "{path}: {value}");
        }
        assert!(path == "/audit" || got.text.contains("hidden"), "{path}");
        assert!(path == "/audit" || seen.contains("acme ticket"), "{path}: nothing to hide");
    }
    for query in ["now=status:open&from=-24h", "was=-status:open&from=-24h", "q=now:status:null"] {
        for page in ["timeline", "_/pulse.json"] {
            let got = fixture.get("blind", &format!("/audit/{page}?{query}")).await;
            let is_moved = got.status == StatusCode::SEE_OTHER;
            let got =
                if is_moved { fixture.get("blind", got.header("location")).await } else { got };
            assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{page} {query}");
        }
    }
}

#[tokio::test]
async fn what_is_hostile_stays_text() {
    let fixture = Fixture::tenants().await;
    fixture
        .run(
            "INSERT INTO tickets (id, organization_id, title) VALUES
            (666, 1, '<script>alert(1)</script>\"''&' || chr(8238) || repeat('x', 100000))",
        )
        .await;
    let plain = fixture.get("acme", "/audit/timeline?from=-24h").await;
    let scripts = plain.attributes("script", "src").len();
    for path in [
        "/audit/timeline?from=-24h",
        "/audit/timeline?from=-24h&view=detailed",
        "/audit/timeline?action=%3Cscript%3E&from=-24h",
        "/audit/timeline?tabel=%3Cscript%3E%22",
        "/audit?find=%3Cscript%3E%22",
    ] {
        let got = fixture.get("acme", path).await;
        assert_eq!(got.texts("script").len(), scripts, "{path}");
        assert!(!got.text.contains('\u{202e}'), "{path}");
        assert!(got.attributes("[style], [onclick], [onload]", "class").is_empty(), "{path}");
    }
}

#[tokio::test]
async fn the_pulse_tells_what_is_new_once() {
    let fixture = Fixture::tenants().await;
    let page = fixture.get("acme", "/audit/timeline").await;
    let pulse = page.attributes("body", "data-pulse").concat();
    assert!(pulse.starts_with("/audit/_/pulse.json?from=-24h&since="), "{pulse}");
    let quiet = fixture.get("acme", &pulse).await;
    assert!(
        quiet.text.contains("\"newer\":0") && quiet.text.contains("\"uncovered\":null"),
        "{}",
        quiet.text
    );
    fixture.run("UPDATE tickets SET priority = 7 WHERE id IN (11, 21)").await;
    let headers = [("if-none-match", quiet.header("etag"))];
    let news = fixture.ask(Method::GET, "acme", &pulse, &headers).await;
    assert_eq!(news.status, StatusCode::OK);
    assert!(news.text.contains("\"newer\":1"), "one is another tenant's: {}", news.text);
    let headers = [("if-none-match", news.header("etag"))];
    let same = fixture.ask(Method::GET, "acme", &pulse, &headers).await;
    assert_eq!((same.status, same.text.as_str()), (StatusCode::NOT_MODIFIED, ""));
    for bad in ["since=x", "since=", "tabel=x"] {
        let got = fixture.get("acme", &format!("/audit/_/pulse.json?{bad}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}

#[tokio::test]
async fn an_action_has_its_timeline() {
    let fixture = Fixture::tenants().await;
    for (name, action) in
        [("ticket.close", "ticket.close"), ("a%2Fb%20c", "a/b%20c"), ("-x", "%5C-x")]
    {
        let got = fixture.get("acme", &format!("/audit/actions/{name}")).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{name}");
        assert_eq!(got.header("location"), format!("/audit/timeline?action={action}"), "{name}");
    }
    let got = fixture.get("acme", &format!("/audit/actions/{}", "x".repeat(300))).await;
    assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// Keeps a page to be looked at, where `THREADLINE_PAGES` names a folder.
pub(crate) fn dump(name: &str, page: &str) {
    if let Ok(folder) = std::env::var("THREADLINE_PAGES") {
        let path = std::path::Path::new(&folder).join(format!("{name}.html"));
        std::fs::write(path, page).expect("a file");
    }
}
