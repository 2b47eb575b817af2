//! A scope is applied in one place, and every reader is asked whether it keeps to it.

use crate::source::{Source, expect_none, files};

/// Files that may name the tables of the trail beside the one place, and why.
const ALLOWED: &[(&str, &str)] = &[
    ("threadline/src/query/relation.rs", "the one place, which applies the scope"),
    (
        "threadline/src/past/",
        "the past is a connection; whoever has it may read every table live, too",
    ),
];

/// Readers that are asked elsewhere, and where.
const ASKED_ELSEWHERE: &[(&str, &str)] = &[
    ("write", "tests/integration/tests/it/export: what it writes is what `stream` gives"),
    ("stream", "tests/integration/tests/it/export, and History::stream in the list"),
];

#[test]
fn the_tables_of_the_trail_are_named_in_one_place() {
    let mut complaints = Vec::new();
    for source in files("threadline/src", &[".rs"]) {
        if ALLOWED.iter().any(|(path, _)| source.path.starts_with(path)) {
            continue;
        }
        for (line, code) in source.code_lines() {
            for table in ["audit_changes", "audit_transactions", "audit_actions"] {
                if code.contains(&format!("{{TRAIL}}.{table}")) {
                    complaints.push(format!("{}:{line}: {table}", source.path));
                }
            }
        }
    }
    expect_none(
        &complaints,
        "Take what threadline/src/query/relation.rs gives: whoever names a table forgets the scope.",
    );
}

#[test]
fn every_reader_is_asked_whether_it_keeps_to_the_scope() {
    let list = files("tests/integration/tests/it/scope", &["readers.rs"]);
    let list = &list.first().expect("the list of readers").text;
    let (mut complaints, mut readers) = (Vec::new(), 0);
    for source in files("threadline/src", &[".rs"]) {
        for name in readers_of(&source) {
            readers += 1;
            let is_elsewhere = ASKED_ELSEWHERE.iter().any(|(other, _)| *other == name);
            let calls = [format!(" {name}("), format!(".{name}("), format!("::{name}(")];
            if !is_elsewhere && !calls.iter().any(|call| list.contains(call)) {
                complaints.push(format!("{}: {name}", source.path));
            }
        }
    }
    assert!(readers >= 25, "only {readers} readers are found: has their form changed?");
    expect_none(&complaints, "Ask it in tests/integration/tests/it/scope/readers.rs.");
}

/// The functions for users that take a [`TrailSource`]: `pub` ones, and those of a trait, which have no
/// `pub`; without the private ones and those of the crate.
fn readers_of(source: &Source) -> Vec<String> {
    let code: Vec<&str> = source.code_lines().map(|(_, line)| line).collect();
    let mut found = Vec::new();
    let mut is_in_public_trait = false;
    for (place, line) in code.iter().enumerate() {
        if line.starts_with("pub trait ") {
            is_in_public_trait = true;
        } else if *line == "}" {
            is_in_public_trait = false;
        }
        let text = line.trim_start();
        let text = text.strip_prefix("pub ").or(is_in_public_trait.then_some(text));
        let text = text.map(|text| text.trim_start_matches("async "));
        let Some(rest) = text.and_then(|text| text.strip_prefix("fn ")) else { continue };
        // The signature ends where the body begins, or where the next function does.
        let signature: String = code[place..]
            .iter()
            .take_while(|line| !line.trim_end().ends_with(['{', ';']))
            .chain(code[place..].iter().find(|line| line.trim_end().ends_with(['{', ';'])))
            .copied()
            .collect();
        if signature.contains("TrailSource") {
            found.extend(rest.split(['(', '<']).next().map(str::to_owned));
        }
    }
    found
}
