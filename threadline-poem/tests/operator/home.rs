//! The first page as a browser gets it.

use poem::http::StatusCode;

use crate::fixture::Fixture;
use crate::timeline::dump;

#[tokio::test]
async fn it_says_how_it_stands_and_what_happened_lately() {
    let fixture = Fixture::tenants().await;
    let got = fixture.get("acme", "/audit").await;
    dump("home-acme", &got.text);
    assert_eq!(got.status, StatusCode::OK);
    assert!(got.texts(".verdict").concat().contains("The audit trail can be read."));
    let rows = got.texts("main table.data tbody tr");
    assert_eq!(rows.len(), 4, "{rows:?}");
    assert!(
        rows[1].contains("user:acme-agent") && rows[1].contains("acme asked for it"),
        "{rows:?}"
    );
    assert_eq!(
        got.texts("select[name=table] option"),
        ["public.order_lines (order_id, line_no)", "public.tickets (id)"]
    );
}

#[tokio::test]
async fn what_somebody_has_at_hand_leads_to_its_page() {
    let fixture = Fixture::tenants().await;
    let ways = [
        ("find=acme-1", "/audit/timeline?corr=acme-1&capture_only=true"),
        ("find=acme-request-ticket.close", "/audit/timeline?request=acme-request-ticket.close"),
        ("find=user:acme-agent", "/audit/actors/user/acme-agent"),
        ("find=ticket.close", "/audit/timeline?action=ticket.close"),
        ("find=table:tickets%20op:update", "/audit/timeline?q=table%3Atickets%20op%3Aupdate"),
        ("table=public.tickets&key=11", "/audit/rows/public.tickets/11"),
        ("table=tickets&key=", "/audit/rows/public.tickets"),
        (
            "table=order_lines&key=order_id%3D10%3Bline_no%3D1",
            "/audit/rows/public.order_lines/line_no%3D1%3Border_id%3D10",
        ),
    ];
    for (query, to) in ways {
        let got = fixture.get("acme", &format!("/audit?{query}")).await;
        assert_eq!((got.status, got.header("location")), (StatusCode::SEE_OTHER, to), "{query}");
    }
    let list = fixture.get("acme", "/audit").await.attributes("table.data a.id", "href");
    let number = list[0].rsplit('/').next().unwrap_or_default().to_owned();
    let got = fixture.get("acme", &format!("/audit?find={number}")).await;
    assert_eq!(got.header("location"), list[0]);
}

#[tokio::test]
async fn what_cannot_be_found_is_said_and_what_cannot_be_asked_is_refused() {
    let fixture = Fixture::tenants().await;
    let globex = fixture.get("globex", "/audit").await.attributes("table.data a.id", "href");
    let number = globex[2].rsplit('/').next().unwrap_or_default().to_owned();
    for text in ["nothing-like-it", number.as_str(), "9223372036854775807"] {
        let got = fixture.get("acme", &format!("/audit?find={text}")).await;
        assert_eq!(got.status, StatusCode::OK, "{text}");
        assert!(got.texts("#find-missed").concat().contains("Nothing that you may see"), "{text}");
    }
    for query in
        ["finde=1", "find=a&find=b", "table=unwatched&key=1", "table=tickets&key=a%3D1%3Ba%3D2"]
    {
        let got = fixture.get("acme", &format!("/audit?{query}")).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert!(got.texts("main a.id").is_empty(), "{query}: transactions are shown");
    }
}
