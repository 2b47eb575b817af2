//! What should never have been in a database, through every component.

use std::collections::{BTreeMap, BTreeSet};

use maud::html;
use scraper::{Html, Node};
use serde_json::json;

use super::samples::{chrome, samples};
use crate::view::*;

const ELEMENTS: &str = "a aside bdi body button caption code datalist dd del details dialog div dl dt \
    fieldset figcaption figure footer form g h1 h2 h3 head header html input ins kbd label legend li link \
    main meta nav ol option output p rect script section select span strong summary svg symbol table tbody \
    td text th thead time title tr ul use path circle";
const ATTRIBUTES: &str = "action aria-current aria-describedby aria-hidden aria-invalid aria-label \
    aria-labelledby aria-valuetext autocapitalize autocomplete charset checked class content data-checked \
    data-copy data-filter data-go data-help data-item data-keys data-newer data-newer-text data-open \
    data-pill data-poll data-pulse data-range data-refresh data-search data-slider data-t data-theme \
    data-theme-form data-zone datetime dir fill focusable for height hidden href id lang list max maxlength \
    method min name open placeholder preserveAspectRatio rel required role rx scope selected spellcheck src \
    step stroke stroke-width stroke-linecap stroke-dasharray tabindex title type value viewBox width x y d \
    cx cy r xmlns";

/// Short texts that try to be something else.
const CORPUS: [&str; 22] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</script><svg/onload=alert(1)>",
    "</title></textarea></style></select></dialog>",
    "javascript:alert(1)",
    "//evil.example/",
    "data:text/html,<b>",
    "--><!--",
    "<![CDATA[x]]>",
    "&lt;b&gt; &amp; &#0; &nbsp",
    "user\u{202e}nimda",
    "a\u{2066}b\u{2069}",
    "a\0b",
    "zero\u{200b}width\u{feff}",
    "bell\u{7}\u{1b}[31m",
    "a\rb",
    "\u{e0041}\u{e0042}",
    "{{7*7}} ${7*7} %s %n",
    "\u{1f469}\u{200d}\u{1f467}",
    "שלום",
    "99999999999999999999999999999999999999999999e99999",
];

/// The kinds of elements: each with the names of its attributes, without the tokens that tell what cannot be
/// seen.
fn skeleton(page: &Html) -> BTreeSet<String> {
    let elements = page.tree.values().filter_map(Node::as_element);
    elements
        .filter(|element| !matches!(element.attr("class"), Some("ctl" | "ws")))
        .map(|element| {
            let names: BTreeSet<&str> = element.attrs().map(|(name, _)| name).collect();
            format!("{} {names:?}", element.name())
        })
        .collect()
}

/// The kinds that each component makes of harmless texts, of a word and of many.
fn usual() -> BTreeMap<&'static str, BTreeSet<String>> {
    let mut usual: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for text in ["harmless".to_owned(), "harmless words ".repeat(9)] {
        for (name, markup) in samples(&text) {
            let kinds = skeleton(&Html::parse_fragment(&markup.into_string()));
            usual.entry(name).or_default().extend(kinds);
        }
    }
    usual
}

fn check(name: &str, page: &Html) {
    let elements: BTreeSet<&str> = ELEMENTS.split_whitespace().collect();
    let attributes: BTreeSet<&str> = ATTRIBUTES.split_whitespace().collect();
    for node in page.tree.values() {
        assert!(!matches!(node, Node::Comment(_)), "{name}: a comment");
        let Node::Element(element) = node else { continue };
        assert!(elements.contains(element.name()), "{name}: <{}>", element.name());
        for (attribute, value) in element.attrs() {
            assert!(attributes.contains(attribute), "{name}: <{} {attribute}>", element.name());
            if matches!(attribute, "href" | "src" | "action") {
                assert_eq!(value, local(value), "{name}: {attribute}");
            }
        }
    }
}

fn texts(page: &Html) -> String {
    page.tree.values().filter_map(Node::as_text).map(|text| &**text).collect()
}

/// S-13 and S-14.
#[test]
fn every_component_shows_a_hostile_text_as_a_text() {
    let usual = usual();
    for text in CORPUS {
        for (name, markup) in samples(text) {
            let page = Html::parse_fragment(&markup.into_string());
            check(name, &page);
            let kinds = skeleton(&page);
            let more: Vec<&String> = kinds.difference(&usual[name]).collect();
            assert!(more.is_empty(), "{name} with {text:?}: {more:?}");
        }
    }
}

#[test]
fn the_frame_shows_a_hostile_text_as_a_text() {
    let frame = |text: &str| {
        Html::parse_document(&shell(&chrome(text, Theme::System), visible(text)).into_string())
    };
    let usual = skeleton(&frame("harmless"));
    for text in CORPUS {
        let page = frame(text);
        check("shell", &page);
        assert_eq!(skeleton(&page), usual, "{text:?}");
        assert_eq!(page.tree.values().filter(|node| is_script(node)).count(), 1);
    }
}

fn is_script(node: &Node) -> bool {
    node.as_element().is_some_and(|element| element.name() == "script")
}

/// What is shown is what there is: nothing is dropped, and what cannot be seen has its number.
#[test]
fn texts_and_attributes_come_back_as_they_were() {
    for text in CORPUS {
        let shown = [
            cell(&Cell::Text(text.to_owned())),
            visible(text),
            verdict(Level::Good, text, None),
            facet(
                "Table",
                &[FacetValue {
                    label: text.to_owned(),
                    count: 1,
                    href: String::new(),
                    exclude: None,
                    is_chosen: false,
                }],
            ),
        ];
        for markup in shown {
            let page = Html::parse_fragment(&markup.into_string());
            assert!(texts(&page).contains(&plain(text)), "{text:?}: {:?}", texts(&page));
        }
        let page = Html::parse_fragment(&copy_button(text, "it").into_string());
        let copied = page.tree.values().find_map(|node| node.as_element()?.attr("data-copy"));
        // HTML has no way to hold these two.
        let held = text.replace('\0', "\u{fffd}").replace('\r', "\n");
        assert_eq!(copied, Some(held.as_str()));
    }
}

#[test]
fn a_text_that_could_not_be_seen_is_never_sent_as_it_is() {
    for text in CORPUS.iter().filter(|text| plain(text) != **text) {
        let markup = samples(text)
            .into_iter()
            // These hold what the viewer wrote, or what is to be copied, exactly.
            .filter(|(name, _)| !matches!(*name, "filter_bar" | "as_of_form" | "slider" | "field"))
            .filter(|(name, _)| !name.contains("copy"));
        for (name, markup) in markup {
            let page = Html::parse_fragment(&markup.into_string());
            let unseen = texts(&page).chars().find(|c| plain(&c.to_string()) != c.to_string());
            assert_eq!(unseen, None, "{name} with {text:?}");
        }
    }
}

#[test]
fn a_megabyte_makes_no_page_of_many() {
    let text = "<b>é\u{202e}".repeat(1 << 17);
    for (name, markup) in samples(&text) {
        let html = markup.into_string();
        // Attributes that are copied or sent back hold the text whole, at most five characters each.
        assert!(html.len() < 32 << 20, "{name}: {} bytes", html.len());
    }
    for (name, markup) in samples(&"<b>\"é\u{202e}\0".repeat(1 << 10)) {
        check(name, &Html::parse_fragment(&markup.into_string()));
    }
    let long = "<i>".repeat(1 << 18);
    assert!(cell(&Cell::Text(long.clone())).into_string().len() < 1 << 20);
    assert!(
        inline_diff(
            &[FieldDiff::changed("a", Cell::Text(long.clone()), Cell::Text(long))],
            Sides::Both,
            9
        )
        .into_string()
        .len()
            < 2_000
    );
}

#[test]
fn documents_that_are_deep_or_wide_are_shown_in_part() {
    let deep = (0..120).fold(json!("<core>"), |inner, _| json!({"a": [inner, "x".repeat(90)]}));
    let wide =
        json!((0..100_000).map(|n| json!({"n": n, "long": "y".repeat(90)})).collect::<Vec<_>>());
    for document in [deep, wide] {
        let other = json!([document.clone()]);
        let pair = [FieldDiff::changed("d", Cell::Json(document.clone()), Cell::Json(other))];
        for markup in [json_tree(&document), diff_table(&pair, &DiffOptions::default())] {
            let html = markup.into_string();
            assert!(html.len() < 4 << 20, "{} bytes", html.len());
            check("document", &Html::parse_fragment(&html));
        }
    }
    let told = html! { (cell(&Cell::Number("1".repeat(400)))) }.into_string();
    assert!(told.contains("<details"), "a number of 400 digits is folded");
}
