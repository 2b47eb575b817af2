//! Everything that a viewer can reach by following links, sending forms and letting scripts ask.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};

use poem::Endpoint;
use poem::http::Method;
use poem::test::TestClient;
use scraper::{ElementRef, Html, Selector};

use crate::fixture::{Got, ask};

/// Of addresses that differ in nothing but values, no more than so many are asked.
const OF_ONE_SHAPE: usize = 2;
/// No walk is longer.
const MOST: usize = 120;

/// Asks what a viewer can reach from these addresses. What comes back has each address with its answer.
pub(crate) async fn crawl<E: Endpoint>(
    client: &TestClient<E>,
    viewer: &str,
    from: &[&str],
) -> Vec<(String, Got)> {
    let mut waiting: VecDeque<String> = from.iter().map(|path| (*path).to_owned()).collect();
    let (mut known, mut shapes) = (HashSet::new(), HashMap::<String, usize>::new());
    let mut answers = Vec::new();
    while let (Some(path), true) = (waiting.pop_front(), answers.len() < MOST) {
        let seen = shapes.entry(shape(&path)).or_default();
        if *seen >= OF_ONE_SHAPE || !known.insert(path.clone()) {
            continue;
        }
        *seen += 1;
        let got = ask(client, Method::GET, (viewer, &path), &[]).await;
        waiting.extend(addresses(&got).into_iter().filter(|next| !known.contains(next)));
        answers.push((path, got));
    }
    answers
}

/// An address without its values: the words of its path and the keys of its query.
fn shape(path: &str) -> String {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let words: Vec<&str> = path
        .split('/')
        .map(|word| if word.starts_with(|c: char| c.is_ascii_digit()) { "1" } else { word })
        .collect();
    let keys: BTreeSet<&str> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    format!("{}?{}", words.join("/"), keys.into_iter().collect::<Vec<_>>().join("&"))
}

/// Where an answer leads, below the mount.
fn addresses(got: &Got) -> Vec<String> {
    let mut found = vec![got.header("location").to_owned()];
    if got.header("content-type").starts_with("text/html") {
        let html = got.html();
        for (css, name) in
            [("a[href]", "href"), ("body[data-pulse]", "data-pulse"), ("[src]", "src")]
        {
            found.extend(all(&html, css).filter_map(|e| e.attr(name).map(str::to_owned)));
        }
        found.extend(all(&html, "form:not([method=post])").map(sent));
    }
    found.retain(|address| {
        address == "/audit" || address.starts_with("/audit/") || address.starts_with("/audit?")
    });
    found.into_iter().map(|a| a.split('#').next().unwrap_or_default().to_owned()).collect()
}

fn all<'h>(html: &'h Html, css: &str) -> impl Iterator<Item = ElementRef<'h>> {
    let selector = Selector::parse(css).expect("a selector");
    html.select(&selector).collect::<Vec<_>>().into_iter()
}

/// What a browser asks when the form is sent as it stands.
fn sent(form: ElementRef<'_>) -> String {
    let selector = Selector::parse("input[name], select[name]").expect("a selector");
    let option = Selector::parse("option[selected], option").expect("a selector");
    let mut query = form_urlencoded::Serializer::new(String::new());
    for field in form.select(&selector) {
        let chosen = field.select(&option).next().and_then(|option| option.attr("value"));
        let value = field.attr("value").or(chosen).unwrap_or_default();
        query.append_pair(field.attr("name").unwrap_or_default(), value);
    }
    format!("{}?{}", form.attr("action").unwrap_or_default(), query.finish())
}

/// The addresses with which a walk begins.
pub(crate) const FROM: [&str; 8] = [
    "/audit",
    "/audit/timeline?view=detailed",
    "/audit/timeline",
    "/audit/rows/public.tickets",
    "/audit/rows/public.tickets/11",
    "/audit/rows/public.order_lines",
    "/audit/actors",
    "/audit/actors/job/nightly",
];

/// What an answer says, element by element, without what the clock alone changes: moments, how long ago
/// they were, and the bars of a drawing. What the bars stand for is in the table below them.
pub(crate) fn steady(text: &str) -> Vec<String> {
    let is_clock = |line: &str| {
        let ages = ["<time", " ago", "just now", "checked_at"];
        ages.iter().any(|age| line.contains(age))
    };
    let text = timeless(text).replace('<', "\n<");
    let (mut lines, mut is_drawing) = (Vec::new(), false);
    for line in text.lines() {
        is_drawing |= line.starts_with("<svg class=\"bars\"");
        if !is_drawing && !is_clock(line) {
            lines.push(line.to_owned());
        }
        is_drawing &= !line.starts_with("</svg>");
    }
    lines
}

/// Fails with the first element in which two answers differ.
#[track_caller]
pub(crate) fn same(what: &str, one: &[String], other: &[String]) {
    let differing = one.iter().zip(other).find(|(one, other)| one != other);
    assert_eq!(differing, None, "{what}");
    assert_eq!(one.len(), other.len(), "{what}");
}

/// The text without its moments.
fn timeless(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut out, mut at) = (String::new(), 0);
    while at < chars.len() {
        let word: String = chars[at..(at + 10).min(chars.len())].iter().collect();
        if is_day(&word) {
            at += 10;
            while at < chars.len() && is_of_moment(chars[at]) {
                at += 1;
            }
            out.push_str("DAY");
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out
}

fn is_of_moment(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, 'T' | 'Z' | ':' | '.' | '+' | '%' | 'A' | ' ')
}

/// Whether it is a day as pages write it: `2026-01-31`, and no other ten characters.
fn is_day(word: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        word.get(range).is_some_and(|part| part.bytes().all(|b| b.is_ascii_digit()))
    };
    word.len() == 10
        && digits(0..4)
        && digits(5..7)
        && digits(8..10)
        && word.as_bytes()[4] == b'-'
        && word.as_bytes()[7] == b'-'
}
