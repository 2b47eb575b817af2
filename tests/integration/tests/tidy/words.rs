//! Words that have no place in the project.

use crate::source::{Source, expect_none, files};

fn all() -> Vec<Source> {
    files(".", &[".rs", ".sql", ".md", ".toml", ".sh", "run"])
        .into_iter()
        .filter(|source| !source.path.starts_with("tests/integration/tests/tidy"))
        .collect()
}

fn forbid(words: &[&str], remedy: &str) {
    let mut complaints = Vec::new();
    for source in all() {
        for (index, line) in source.text.lines().enumerate() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                complaints.push(format!("{}:{}: `{word}`", source.path, index + 1));
            }
        }
    }
    expect_none(&complaints, remedy);
}

#[test]
fn no_unfinished_work_hides_in_a_comment() {
    forbid(
        &["TODO", "FIXME", "XXX", "unimplemented!", "todo!("],
        "Finish it, or name the gap in the docs.",
    );
}

#[test]
fn no_path_of_a_machine_is_named() {
    forbid(&["/work/", "/root/", "/home/"], "Use a path that every machine has.");
}

#[test]
fn the_capture_path_never_cascades() {
    let mut complaints = Vec::new();
    for source in files("threadline-migration/sql", &[".sql"]) {
        for (index, line) in source.text.lines().enumerate() {
            let code = line.split("--").next().unwrap_or_default();
            if code.contains("CASCADE") {
                complaints.push(format!("{}:{}", source.path, index + 1));
            }
        }
    }
    expect_none(&complaints, "Name every object that is dropped; CASCADE takes what is not ours.");
}
