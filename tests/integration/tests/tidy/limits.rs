//! How long a file may be before it is split by noun.

use crate::source::{expect_none, files};

const FOLDERS: [&str; 5] =
    ["threadline", "threadline-derive/src", "threadline-migration", "threadline-poem", "tests"];

#[test]
fn no_file_of_rust_is_longer_than_500_lines_of_code() {
    let mut complaints = Vec::new();
    for folder in FOLDERS {
        for source in files(folder, &[".rs"]) {
            let lines = source.code_lines().filter(|(_, line)| !line.trim().is_empty()).count();
            if lines > 500 {
                complaints.push(format!("{}: {lines} lines", source.path));
            }
        }
    }
    expect_none(&complaints, "Split the file by noun.");
}

#[test]
fn no_file_of_sql_is_longer_than_150_lines() {
    let mut complaints = Vec::new();
    for source in files("threadline-migration/sql", &[".sql"]) {
        let lines = source.text.lines().count();
        if lines > 150 {
            complaints.push(format!("{}: {lines} lines", source.path));
        }
    }
    expect_none(&complaints, "Split the file by object.");
}

#[test]
fn the_readme_stays_under_150_lines() {
    let readme = files(".", &["README.md"]);
    let readme = readme.iter().find(|source| source.path == "README.md");
    let lines = readme.map_or(0, |source| source.text.lines().count());
    assert!((20..150).contains(&lines), "README.md has {lines} lines");
}
