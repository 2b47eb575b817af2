//! The documents keep to what the tests hold.

use std::collections::BTreeSet;

use crate::source::{expect_none, files};

/// The names of all test functions below a folder.
fn tests(folder: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in files(folder, &[".rs"]) {
        let mut is_test = false;
        for line in source.text.lines() {
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
    let known = tests("tests/integration/tests/it");
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

/// The table of the security checks: each number once, and a test for each that applies.
#[test]
fn every_security_check_has_its_line_and_every_test_named_there_exists() {
    let documents = files("docs", &["security.md"]);
    let text = &documents.first().expect("docs/security.md").text;
    let known = tests("threadline-poem");
    let lines: Vec<&str> = text.lines().filter(|line| line.starts_with("| S-")).collect();
    let numbers: Vec<&str> = lines.iter().filter_map(|line| line.get(2..6)).collect();
    let wanted: Vec<String> = (1..=52).map(|number| format!("S-{number:02}")).collect();
    assert_eq!(numbers, wanted, "docs/security.md: each check has one line, in order");
    let mut complaints = Vec::new();
    for line in lines {
        let words = line.split('`').skip(1).step_by(2);
        let named: Vec<&str> = words.filter(|word| word.matches('_').count() > 2).collect();
        let is_told =
            ["does not apply", "**a gap**", "in words"].iter().any(|why| line.contains(why));
        if named.is_empty() != is_told {
            complaints.push(format!("docs/security.md: name a test or the reason: {line}"));
        }
        for name in named.into_iter().filter(|name| !known.contains(*name)) {
            complaints.push(format!("docs/security.md: no test is called `{name}`"));
        }
    }
    expect_none(&complaints, "Name the test that holds the check, or say why it does not apply.");
}
