//! Pages made by hand, to look at. With `THREADLINE_GALLERY=<folder>` they are written there, with the
//! stylesheet and the script, in each theme; serve the folder and open them.

use std::fs;
use std::path::Path;

use maud::{Markup, html};
use serde_json::json;
use threadline::{ActorRef, Operation};

use super::samples::{chrome, moment_of, samples};
use crate::view::*;

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn order() -> Vec<FieldDiff> {
    let was = json!({"address": {"city": "Bern", "zip": "3011"}, "tags": ["new", "gift"], "lines": [{"id": 7, "n": 1, "sku": "A-113-long-enough-to-fold-the-document-into-a-tree"}]});
    let now = json!({"address": {"city": "Zürich", "zip": "3011"}, "tags": ["new"], "lines": [{"id": 7, "n": 3, "sku": "A-113-long-enough-to-fold-the-document-into-a-tree"}, {"id": 9, "n": 1}]});
    let note = "The customer rang twice about the parcel that was left with a neighbour, and would like it to be collected again on Monday.";
    let later = "The customer rang three times about the parcel that was left with a neighbour, and would like the money back before Monday.";
    vec![
        FieldDiff::unchanged("id", Cell::Number("1001".to_owned())),
        FieldDiff::changed("status", text("paid"), text("refunded")).linked("#status"),
        FieldDiff::changed("refunded_at", Cell::Null, Cell::Moment(moment_of(0))),
        FieldDiff::changed(
            "total",
            Cell::Number("49.9".to_owned()),
            Cell::Number("59.85".to_owned()),
        ),
        FieldDiff::changed("is_open", Cell::Bool(true), Cell::Bool(false)),
        FieldDiff::changed("card_last4", Cell::Masked, Cell::Masked),
        FieldDiff::changed("legacy_ref", Cell::Unknown, text(" A-17 ")),
        FieldDiff::changed("note", text(note), text(later)),
        FieldDiff::changed("details", Cell::Json(was), Cell::Json(now)),
        FieldDiff::unchanged("edit_token", Cell::Excluded),
        FieldDiff::unchanged("email_hash", Cell::Hashed("hmac:3f9c2a77e01b9d".to_owned())),
        FieldDiff::unchanged(
            "invoice",
            Cell::Truncated { bytes: 70_000, sha256: "5f2c9a11d0e47b".to_owned() },
        ),
        FieldDiff::unchanged("comment", Cell::Empty),
    ]
}

fn amy() -> Markup {
    actor(&ActorRef::user(42), Some("Amy Jones"), Some("/audit/actors/user/42"))
}

fn deed(op: Operation, table: &'static str, key: &'static str) -> Deed<'static> {
    Deed { op, table, key: Some(key), href: Some("/audit/rows/x/1"), rows: 1 }
}

fn group(minutes: i64, who: Markup, action: &str, deeds: &[(Deed<'_>, Vec<FieldDiff>)]) -> Markup {
    let head = Head {
        id: 39_120 - minutes,
        href: "/audit/transactions/1",
        at: moment_of(-minutes),
        now: moment_of(0),
        who,
        action: Some((action, "/audit/timeline?action=x")),
        correlation: Some(("req-7b1c09", "/audit/timeline?corr=x")),
        changes: deeds.len() as u64,
    };
    let items = html! {
        @for (deed, fields) in deeds {
            (change_item(&Item { deed: deed.clone(), fields, href: "/audit/changes/1", filter: Some("?q=x") }))
        }
    };
    transaction_group(&head, items, None)
}

fn bars() -> Vec<Bar> {
    let counts =
        [3, 9, 2, 0, 0, 41, 120, 87, 260, 301, 244, 90, 12, 5, 0, 1, 8, 66, 140, 91, 30, 22, 7, 2];
    let bar = |(hour, count): (usize, &u64)| {
        let from = moment_of(hour as i64 * 60 - 1_440);
        Bar {
            from,
            until: from + chrono::TimeDelta::hours(1),
            count: *count,
            href: "?from=x".to_owned(),
        }
    };
    counts.iter().enumerate().map(bar).collect()
}

fn facets() -> Markup {
    let values = |values: &[(&str, u64)]| -> Vec<FacetValue> {
        let value = |(label, count): &(&str, u64)| FacetValue {
            label: (*label).to_owned(),
            count: *count,
            href: "?q=x".to_owned(),
            exclude: Some("?q=-x".to_owned()),
            is_chosen: *label == "update",
        };
        values.iter().map(value).collect()
    };
    html! {
        (facet("Table", &values(&[("public.orders", 812), ("public.payments", 301), ("public.refunds", 21)])))
        (facet("Operation", &values(&[("update", 900), ("insert", 384), ("delete", 3)])))
        (facet("Actor", &values(&[("job:nightly-sync", 514), ("user:42 Amy Jones", 88), ("nobody", 9)])))
    }
}

fn timeline() -> Markup {
    let bar = FilterBar {
        action: "/audit/timeline".to_owned(),
        query: "table:orders op:update actor:user:42".to_owned(),
        window: "last 24 h".to_owned(),
        windows: vec![
            Choice::new("last hour", "?"),
            Choice::current("last 24 h", "?"),
            Choice::new("last 7 d", "?"),
        ],
        range: ("2026-11-20T05:30".to_owned(), "2026-11-21T05:30".to_owned()),
        ..FilterBar::default()
    };
    let chip = |key: &str, value: &str, is_not| Chip {
        key: key.to_owned(),
        value: value.to_owned(),
        is_not,
        without: "?".to_owned(),
    };
    let job = actor(
        &ActorRef::new(threadline::ActorType::Job, "nightly-sync").expect("an id"),
        None,
        Some("/audit/actors/job/x"),
    );
    let refund = vec![
        FieldDiff::changed("amount", Cell::Absent, Cell::Number("49.90".to_owned())),
        FieldDiff::changed("reason", Cell::Absent, text("duplicate")),
    ];
    let gone = vec![
        FieldDiff::changed("email", Cell::Masked, Cell::Absent),
        FieldDiff::changed("plan", text("gold"), Cell::Absent),
    ];
    let list = html! {
        p { strong { "1,284 changes" } " in 312 transactions, 24 h to 05:30 UTC" }
        (group(2, amy(), "order.refund", &[(deed(Operation::Update, "public.orders", "1001"), order()), (deed(Operation::Insert, "public.refunds", "88"), refund)]))
        (group(9, job, "orders.sync", &[(Deed { rows: 514, ..deed(Operation::Update, "public.orders", "") }, vec![])]))
        (group(31, nobody(Some("app_rw")), "account.close", &[(deed(Operation::Delete, "public.accounts", "tenant=acme;id=12"), gone), (deed(Operation::Truncate, "public.sessions", ""), vec![]), (deed(Operation::Baseline, "public.plans", "3"), vec![])]))
        (pager(Some("?after=x"), Some("?before=x")))
    };
    html! {
        (page_head(&[], html! { "Timeline" }, html! { (copy_menu(&[("Link", "https://acme.example/audit/timeline?table=orders&from=-24h".to_owned()), ("SQL", "TABLE threadline.changes".to_owned())])) (button_link("Export CSV", "/audit/exports/changes.csv")) }))
        (filter_bar(&bar))
        (chips(&[chip("table", "orders", false), chip("op", "update", false), chip("actor", "system:*", true)], Some("?"), html! {}))
        (histogram(&bars(), "1 hour"))
        (split(list, facets()))
        (newer_notice("?since=x"))
    }
}

fn transaction() -> Markup {
    let trail = [Choice::new("Timeline", "/audit/timeline")];
    let options = DiffOptions {
        caption: "update of public.orders 1001".to_owned(),
        ..DiffOptions::default()
    };
    let insert =
        DiffOptions { caption: "insert".to_owned(), sides: Sides::After, ..DiffOptions::default() };
    let new = [
        FieldDiff::changed("id", Cell::Absent, Cell::Number("88".to_owned())),
        FieldDiff::changed("reason", Cell::Absent, text("duplicate")),
        FieldDiff::changed("paid_out", Cell::Absent, Cell::Null),
    ];
    let quiet = DiffOptions { quiet: vec!["updated_at".to_owned()], ..DiffOptions::default() };
    let touched = [
        FieldDiff::changed("updated_at", Cell::Moment(moment_of(-9)), Cell::Moment(moment_of(0))),
        FieldDiff::unchanged("id", Cell::Number("7".to_owned())),
    ];
    html! {
        (page_head(&trail, html! { "Transaction 39118 " (copy_button("39118", "the id")) }, html! { (button_link("Copy incident", "/x")) (button_link("Export", "/x")) }))
        (panel("Who, why and where", html! {}, kv(&[
            ("Who", amy()),
            ("When", time(moment_of(-2), moment_of(0))),
            ("Why", html! { (link("order.refund", "/audit/timeline?action=x")) " “Refund requested by phone”" }),
            ("Correlation", reference("req-7b1c09", "req-7b1c09", Some("/audit/timeline?corr=x"))),
            ("Request", html! { code { "POST /orders/1001/refund" } }),
            ("Address", html! { code { "203.0.113.7" } }),
        ])))
        (notice("Written outside of an audited block: nobody said who, or why."))
        (panel("public.orders 1001", html! { (op_badge(Operation::Update)) (button_link("Row history", "/x")) (button_link("Just before", "/x")) }, diff_table(&order(), &options)))
        (panel("public.refunds 88", op_badge(Operation::Insert), diff_table(&new, &insert)))
        (panel("public.carts 7", op_badge(Operation::Update), diff_table(&touched, &quiet)))
    }
}

fn row() -> Markup {
    let stop = |number: u64| Stop {
        number: Some(number),
        op: match number {
            1 => Operation::Baseline,
            9 => Operation::Delete,
            2 => Operation::Insert,
            _ => Operation::Update,
        },
        at: moment_of(number as i64 * 60 - 600),
        summary: "status, total".to_owned(),
        href: format!("?v={number}"),
        is_current: number == 6,
    };
    let stops: Vec<Stop> = (1..=9).map(stop).collect();
    let slide = Slider {
        action: "?".to_owned(),
        hidden: vec![],
        position: 5,
        values: (11..=19).collect(),
        stops: stops.clone(),
    };
    let trail = [
        Choice::new("Rows", "/audit/rows"),
        Choice::new("public.orders", "/audit/rows/public.orders"),
    ];
    let state: Vec<Vec<Markup>> = order().iter().map(|field| vec![
        html! { span.col { (field.name) } },
        html! { (cell(&field.after)) },
        html! { @if field.is_changed { (badge(Level::Info, "changed")) } @else { span.meta { "since v2" } } },
    ]).collect();
    let options = DiffOptions { caption: "v5 to v6".to_owned(), ..DiffOptions::default() };
    html! {
        (page_head(&trail, html! { "public.orders " span.id { "order_id=7;line_no=3" } }, button_link("Open in ACME", "/orders/7")))
        (panel("9 versions", as_of_form("?", Some("2026-11-21T05:28:11.482Z"), Some(moment_of(0))), html! { (version_rail(&stops)) (slider(&slide)) }))
        (notice("The history begins on 2026-10-02. What was before is not kept any more."))
        (halves(
            panel("As of v6", html! {}, data_table("The row as of v6", &[Column::new("Column"), Column::new("Value"), Column::new("Set")], &state)),
            panel("v5 to v6", tabs("Compare with", &[Choice::current("previous", "?"), Choice::new("now", "?")]), diff_table(&order(), &options)),
        ))
    }
}

fn states() -> Markup {
    let columns = [
        Column::new("Table"),
        Column::new("State"),
        Column::new("Why"),
        Column::number("Rows a day"),
    ];
    let rows = [
        vec![
            html! { "public.invoices" },
            badge(Level::Bad, "Needs capture"),
            html! { "no trigger" },
            html! { "—" },
        ],
        vec![
            html! { "public.orders" },
            badge(Level::Warning, "Out of date"),
            html! { "trigger v3, library v4" },
            html! { "1,204" },
        ],
        vec![
            html! { "public.users" },
            badge(Level::Good, "Covered"),
            html! { "" },
            html! { "310" },
        ],
    ];
    let mut week = [[0; 24]; 7];
    for (day, hours) in week.iter_mut().enumerate() {
        for (hour, count) in hours.iter_mut().enumerate() {
            *count = if (8..18).contains(&hour) && day < 5 {
                (hour * 13 + day * 7) as u64 % 60
            } else {
                (hour * day) as u64 % 4
            };
        }
    }
    let find = html! {
        form method="get" action="/audit/rows" {
            (field("Table", &Field { name: "table", example: Some("public.orders"), ..Field::default() }))
            (field("Key", &Field { name: "key", example: Some("1001"), value: "x;y", problem: Some(&Problem { text: "Each part must be column=value.".to_owned(), example: Some("order_id=7;line_no=3".to_owned()) }), ..Field::default() }))
            button.primary type="submit" { "Find the row" }
        }
    };
    html! {
        (page_head(&[], html! { "Follow what happened" }, html! {}))
        div.verdicts {
            (verdict(Level::Good, "Every table is covered.", None))
            (verdict(Level::Warning, "The trigger of public.orders is of an older version.", Some("threadline migrate")))
            (verdict(Level::Bad, "The trigger of public.users is disabled.", Some("ALTER TABLE public.users ENABLE ALWAYS TRIGGER threadline_capture")))
            (verdict(Level::Unknown, "Retention could not be looked at.", None))
        }
        (cards(&[("Find a row", find.clone()), ("Find a correlation", find), ("Activity", heat_map(&week))]))
        (panel("Coverage", html! {}, data_table("Coverage", &columns, &rows)))
        (error_panel("The breakdown timed out", "It took more than 1.5 s. Narrow the window.", Some("01939e7c"), Some("?")))
        (empty("No changes in this window", "The last change was 3 d ago.", &[Way { label: "Go there".to_owned(), href: "?".to_owned(), count: Some(17) }]))
        (unsupported(Missing::Right, "It takes the capability “coverage”.", Some("Ask #platform on chat."), Some("threadline health coverage"), "/audit/"))
    }
}

fn everything(text: &str) -> Markup {
    html! { @for (name, markup) in samples(text) { (panel(name, html! {}, markup)) } }
}

#[test]
fn the_pages_of_the_gallery_are_drawn() {
    let hostile = "<script>alert(1)</script> \" user\u{202e}nimda\u{0} zero\u{200b}width ";
    let pages = [
        ("timeline", timeline()),
        ("transaction", transaction()),
        ("row", row()),
        ("states", states()),
        ("hostile", everything(hostile)),
        ("long", everything(&"A long text, with many words in it and no end. ".repeat(60))),
        ("unbroken", everything(&"x".repeat(300))),
    ];
    for (name, body) in pages {
        for theme in Theme::ALL {
            let mut chrome = chrome("ACME Prod", theme);
            chrome.title = "Timeline · orders · last 24 h".to_owned();
            chrome.viewer = "amy@acme.example".to_owned();
            chrome.scope = Some("org_123".to_owned());
            chrome.banner = (theme == Theme::Dark).then(|| "Staging".to_owned());
            chrome.command = Some("threadline timeline --table orders --from -24h".to_owned());
            let page = shell(&chrome, body.clone()).into_string();
            assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\""), "{name}");
            if let Some(folder) = std::env::var_os("THREADLINE_GALLERY") {
                written(Path::new(&folder), &format!("{name}-{}.html", theme.word()), &page);
            }
        }
    }
}

fn written(folder: &Path, name: &str, page: &str) {
    let assets = folder.join("audit/assets");
    fs::create_dir_all(&assets).expect("the folder can be made");
    for asset in ["surface.css", "surface.js", "icons.svg"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(asset);
        fs::copy(from, assets.join(asset)).expect("the file can be copied");
    }
    fs::write(folder.join(name), page).expect("the page can be written");
}
