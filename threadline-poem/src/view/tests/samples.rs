//! Every component, made of one text.

use chrono::{DateTime, Utc};
use maud::{Markup, html};
use serde_json::{Value, json};
use threadline::{ActorRef, Operation};

use crate::view::link::cli_hint;
use crate::view::text::cut;
use crate::view::text_diff::text_diff;
use crate::view::verdict::pill;
use crate::view::*;

/// A moment of no importance.
pub(super) fn moment_of(minutes: i64) -> DateTime<Utc> {
    let micros = 1_795_239_000_482_913 + minutes * 60_000_000;
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// A frame with this text wherever it has one.
pub(super) fn chrome(text: &str, theme: Theme) -> Chrome {
    Chrome {
        links: Links::new("/audit"),
        title: text.to_owned(),
        place: Some(Place::Timeline),
        places: vec![
            Place::Home,
            Place::Timeline,
            Place::Rows,
            Place::Actors,
            Place::Coverage,
            Place::Redaction,
        ],
        brand: text.to_owned(),
        banner: Some(text.to_owned()),
        viewer: text.to_owned(),
        scope: Some(text.to_owned()),
        pill: Some(Pill::Uncovered(3)),
        theme,
        is_theme_fixed: false,
        here: text.to_owned(),
        command: Some(text.to_owned()),
        poll_seconds: 30,
        pulse: Some("/audit/_/pulse.json?from=-24h".to_owned()),
        now: moment_of(0),
        assets: AssetNames { style: "surface.css", script: "surface.js", icons: "icons.svg" },
    }
}

/// Every component by its name, with `text` in each place that holds a text, addresses too.
pub(super) fn samples(text: &str) -> Vec<(&'static str, Markup)> {
    let mut all = values(text);
    all.extend(diffs(text));
    all.extend(lists(text));
    all.extend(search(text));
    all.extend(states(text));
    all.extend(frames(text));
    all
}

/// A document with the text as a key and as a value.
fn document(text: &str) -> Value {
    let item = cut(text, 1_000);
    json!({text: text, "list": [text, null, 1.5, {"id": text}], "much": vec![item; 40]})
}

fn values(text: &str) -> Vec<(&'static str, Markup)> {
    let cells = [
        Cell::Text(text.to_owned()),
        Cell::Number(text.to_owned()),
        Cell::Json(document(text)),
        Cell::Binary { bytes: 9, start: text.to_owned() },
        Cell::Hashed(text.to_owned()),
        Cell::Truncated { bytes: 70_000, sha256: text.to_owned() },
        Cell::Null,
        Cell::Empty,
        Cell::Bool(true),
        Cell::Masked,
        Cell::Excluded,
        Cell::Unknown,
        Cell::Absent,
        Cell::Hidden,
        Cell::Moment(moment_of(0)),
    ];
    vec![
        ("cell", html! { @for value in &cells { (cell(value)) } }),
        ("json_tree", json_tree(&document(text))),
        ("text_diff", text_diff(text, &format!("{text} {text}"))),
        ("copy_button", copy_button(text, text)),
        ("reference", reference(text, text, Some(text))),
        ("cli_hint", cli_hint("On a terminal", text)),
        ("copy_menu", copy_menu(&[("Link", text.to_owned())])),
        ("link", html! { (link(text, text)) (button_link(text, text)) }),
        ("tabs", tabs(text, &[Choice::new(text, text), Choice::current(text, text)])),
        ("time", html! { (time(moment_of(-2), moment_of(0))) (minute(moment_of(0))) }),
    ]
}

fn diffs(text: &str) -> Vec<(&'static str, Markup)> {
    let one = |text: &str| Cell::Text(text.to_owned());
    let fields = [
        FieldDiff::changed(text, one(text), one(&text.to_uppercase())).linked(text),
        FieldDiff::changed("document", Cell::Json(document(text)), Cell::Json(document("x"))),
        FieldDiff::changed("rest", Cell::Unknown, one(text)),
        FieldDiff::unchanged(text, one(text)),
    ];
    let of = |sides, quiet: &[&str]| DiffOptions {
        caption: text.to_owned(),
        sides,
        quiet: quiet.iter().map(ToString::to_string).collect(),
        is_open: false,
    };
    vec![
        ("diff_table", diff_table(&fields, &of(Sides::Both, &[]))),
        ("diff_table, quiet", diff_table(&fields[..1], &of(Sides::Both, &[text]))),
        ("diff_table of an insert", diff_table(&fields, &of(Sides::After, &[]))),
        ("inline_diff", inline_diff(&fields, Sides::Both, 2)),
    ]
}

fn lists(text: &str) -> Vec<(&'static str, Markup)> {
    // An id that is out of bounds is refused before it is shown.
    let who = ActorRef::user(text);
    let deed =
        Deed { op: Operation::Update, table: text, key: Some(text), href: Some(text), rows: 1 };
    let fields = [FieldDiff::changed(text, Cell::Null, Cell::Text(text.to_owned()))];
    let item = Item { deed: deed.clone(), fields: &fields, href: text, filter: Some(text) };
    let head = Head {
        id: 7,
        href: text,
        at: moment_of(-5),
        now: moment_of(0),
        who: actor(&who, Some(text), Some(text)),
        action: Some((text, text)),
        correlation: Some((text, text)),
        changes: 514,
    };
    let stop = |number, is_current| Stop {
        number: Some(number),
        op: Operation::Update,
        at: moment_of(0),
        summary: text.to_owned(),
        href: text.to_owned(),
        is_current,
    };
    let stops = vec![stop(1, false), stop(2, true), stop(3, false)];
    let slide = Slider {
        action: text.to_owned(),
        hidden: vec![(text.to_owned(), text.to_owned())],
        position: 1,
        stops: stops.clone(),
        values: vec![11, 12, 13],
    };
    vec![
        ("nobody", nobody(Some(text))),
        (
            "transaction_group",
            transaction_group(&head, change_item(&item), Some(html! { (visible(text)) })),
        ),
        ("version_rail", version_rail(&stops)),
        ("slider", slider(&slide)),
        ("as_of_form", as_of_form(text, Some(text), Some(moment_of(0)))),
        ("newer_notice", newer_notice(text)),
        (
            "data_table",
            data_table(
                text,
                &[Column::new("Name"), Column::number("Count")],
                &[vec![html! { (visible(text)) }, html! { (grouped(1_284)) }]],
            ),
        ),
    ]
}

fn search(text: &str) -> Vec<(&'static str, Markup)> {
    let bar = FilterBar {
        action: text.to_owned(),
        query: text.to_owned(),
        hidden: vec![(text.to_owned(), text.to_owned())],
        problem: Some(Problem { text: text.to_owned(), example: Some(text.to_owned()) }),
        window: text.to_owned(),
        windows: vec![Choice::current(text, text)],
        range: (text.to_owned(), text.to_owned()),
    };
    let chip = Chip {
        key: text.to_owned(),
        value: text.to_owned(),
        is_not: true,
        without: text.to_owned(),
    };
    let value = FacetValue {
        label: text.to_owned(),
        count: 812,
        href: text.to_owned(),
        exclude: Some(text.to_owned()),
        is_chosen: true,
    };
    let bar_of = Bar { from: moment_of(-60), until: moment_of(0), count: 3, href: text.to_owned() };
    let problem = Problem { text: text.to_owned(), example: None };
    let asked = Field { name: text, value: text, problem: Some(&problem), ..Field::default() };
    vec![
        ("filter_bar", filter_bar(&bar)),
        ("chips", chips(&[chip], Some(text), html! {})),
        ("facet", facet("Table", &[value])),
        ("histogram", histogram(&[bar_of], text)),
        ("heat_map", heat_map(&[[3; 24]; 7])),
        ("field", field(text, &asked)),
    ]
}

fn states(text: &str) -> Vec<(&'static str, Markup)> {
    let way = Way { label: text.to_owned(), href: text.to_owned(), count: Some(7) };
    vec![
        ("verdict", verdict(Level::Bad, text, Some(text))),
        ("badge", badge(Level::Warning, text)),
        ("pill", pill(Pill::Unknown, text)),
        ("banner", banner(Level::Info, text)),
        ("notice", notice(text)),
        ("error_panel", error_panel(text, text, Some(text), Some(text))),
        ("unsupported", unsupported(Missing::Right, text, Some(text), Some(text), text)),
        ("empty", empty(text, text, &[way])),
    ]
}

fn frames(text: &str) -> Vec<(&'static str, Markup)> {
    vec![
        ("page_head", page_head(&[Choice::new(text, text)], visible(text), html! {})),
        ("panel", panel(text, html! {}, visible(text))),
        ("kv", kv(&[("Who", visible(text))])),
        ("pager", pager(Some(text), Some(text))),
        ("cards", cards(&[("Find", visible(text))])),
        ("halves", halves(visible(text), split(visible(text), visible(text)))),
    ]
}
