//! The page made from views by hand: what no database gives at will.

use chrono::DateTime;
use threadline::{Nearest, TableName};

use super::load::View;
use super::nothing::{Nothing, told};
use super::params::{Asked, Params};
use super::{narrow, render, wrong};
use crate::pages::Refusal;
use crate::view::Links;

fn links() -> Links {
    Links::new("/audit")
}

fn params(query: &str) -> Params {
    let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    match Params::read(pairs, &links()) {
        Ok(Asked::This(params)) => *params,
        other => panic!("{query}: {other:?}"),
    }
}

/// A page that found nothing, and of which no panel could be read.
fn view(query: &str) -> View {
    View {
        params: params(query),
        now: DateTime::UNIX_EPOCH,
        groups: Vec::new(),
        names: Default::default(),
        tables: Vec::new(),
        newer: None,
        older: None,
        newest: None,
        count: Err(Refusal::Busy.into()),
        facets: Err(Refusal::Busy.into()),
        bars: Some(Err(Refusal::Busy.into())),
        nothing: None,
        may_export: false,
        may_see_coverage: false,
    }
}

#[test]
fn a_panel_that_fails_says_so_in_its_own_place() {
    let view = view("from=-24h");
    for (told, what) in [
        (render::summary(&view, &links()), "The number of changes could not be read"),
        (render::bars(&view, &links()), "When the changes were made could not be read"),
        (narrow::render(&view, &links()), "The breakdown could not be read"),
    ] {
        let told = told.into_string();
        assert!(told.contains(what) && told.contains("Try again in a few seconds."), "{told}");
    }
}

#[test]
fn each_emptiness_has_words_of_its_own() {
    let table = TableName::parse("a<b>.c").expect("a name");
    let reasons = [
        None,
        Some(Nothing::NoTables),
        Some(Nothing::Future),
        Some(Nothing::NotAudited(table)),
        Some(Nothing::TooNarrow(Vec::new())),
        Some(Nothing::Quiet(Nearest::default())),
        Some(Nothing::Blank),
        Some(Nothing::End),
    ];
    let mut view = view("from=-24h");
    let title = |view: &View, reason: &Option<Nothing>| {
        let told = told(reason.as_ref(), view, &links()).into_string();
        told.split("</h2>").next().unwrap_or_default().to_owned()
    };
    let mut titles: Vec<_> = reasons.iter().map(|reason| title(&view, reason)).collect();
    titles.sort();
    titles.dedup();
    assert_eq!(titles.len(), reasons.len(), "{titles:?}");
    let without = told(reasons[1].as_ref(), &view, &links()).into_string();
    view.may_see_coverage = true;
    let with = told(reasons[1].as_ref(), &view, &links()).into_string();
    assert!(!without.contains("/audit/coverage") && with.contains("/audit/coverage"));
}

#[test]
fn a_window_that_is_typed_replaces_that_of_the_form_and_a_bad_one_is_told() {
    let read = |query: &str| {
        let pairs = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Params::read(pairs, &links())
    };
    let moved = |query: &str| match read(query) {
        Ok(Asked::Elsewhere(to)) => to,
        other => panic!("{query}: {other:?}"),
    };
    assert_eq!(moved("q=from:-2h&from=-24h&to=-1h"), "/audit/timeline?from=-2h");
    assert_eq!(
        moved("q=&from=2026-01-31T05:30:10.5"),
        "/audit/timeline?from=2026-01-31T05:30:10.500Z"
    );
    for bad in ["q=op:update&from=nonsense", "q=from:-2h&from=nonsense", "q=from:-1h+from:-2h"] {
        let keys: Vec<_> = match read(bad) {
            Err(wrong) => wrong.problems.into_iter().map(|problem| problem.key).collect(),
            Ok(asked) => panic!("{bad}: {asked:?}"),
        };
        assert_eq!(keys, ["from"], "{bad}");
    }
}

#[test]
fn every_key_of_a_filter_has_an_example_that_can_be() {
    for key in [
        "table",
        "row",
        "op",
        "changed",
        "was",
        "now",
        "actor",
        "kind",
        "action",
        "corr",
        "request",
        "transaction",
        "ip",
        "from",
        "to",
        "sort",
        "limit",
        "anything",
    ] {
        let example = wrong::example(key).expect("an example");
        let read = crate::pages::filtered::filter_of([("q", example.as_str()), ("table", "a")]);
        let read = read.or_else(|_| crate::pages::filtered::filter_of([("q", example.as_str())]));
        assert!(read.is_ok(), "{key}: {example}");
    }
}
