//! The documents keep to what the tests hold.

use std::collections::BTreeSet;

use crate::source::{expect_none, files};

/// The names of all test functions.
fn tests() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in files("tests/integration/tests/it", &[".rs"]) {
        let mut is_test = false;
        for (_, line) in source.code_lines() {
            let line = line.trim_start();
            let function = line.strip_prefix("async fn ").or_else(|| line.strip_prefix("fn "));
            if let Some(name) = function.and_then(|rest| rest.split('(').next()) {
                if is_test {
                    names.insert(name.to_owned());
                }
                is_test = false;
            }
            is_test |= line.starts_with("#[tokio::test") || line == "#[test]";
        }
    }
    names
}

#[test]
fn every_test_named_in_what_is_captured_exists() {
    let documents = files("docs", &["what-is-captured.md"]);
    let text = &documents.first().expect("docs/what-is-captured.md").text;
    let known = tests();
    // Names of tests are sentences; nothing else between backticks has three underscores.
    let named: BTreeSet<&str> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|word| word.matches('_').count() > 2 && !word.contains(' '))
        .collect();
    assert!(named.len() > 60, "the tables name {} tests: has their form changed?", named.len());
    let missing = named.into_iter().filter(|name| !known.contains(*name));
    let complaints: Vec<String> = missing
        .map(|name| format!("docs/what-is-captured.md: no test is called `{name}`"))
        .collect();
    expect_none(&complaints, "Name the test that holds the line, or take the line out.");
}
