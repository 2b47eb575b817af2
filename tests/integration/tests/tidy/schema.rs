//! The trail's schema may have another name: no text that reaches PostgreSQL says `threadline.`
//! without being rewritten.

use threadline::SchemaName;

use crate::source::{expect_none, files};

/// What keeps the project's name in SQL, whatever the schema is called.
const STAYS: &[&str] = &[
    // The header of each file.
    "-- threadline: ",
    // How each error begins.
    "(threadline)",
    // The setting that applications write.
    "threadline.context",
    // Settings of one trail.
    "threadline.transaction_audit",
    "threadline.closed_audit",
    // Triggers.
    "00_threadline_",
];

#[test]
fn every_schema_in_an_sql_file_is_replaced_or_known_to_stay() {
    let audit = SchemaName::new("audit").expect("a name");
    let (mut complaints, mut replaced) = (Vec::new(), 0);
    for source in files("threadline-migration/sql", &[".sql"]) {
        let text = audit.rewrite(&source.text);
        replaced += text.matches("\"audit\".").count();
        for (index, line) in text.lines().enumerate() {
            let known = STAYS.iter().fold(line.to_owned(), |line, word| line.replace(word, ""));
            if known.contains("threadline") {
                complaints.push(format!("{}:{}: {line}", source.path, index + 1));
            }
        }
    }
    assert!(replaced > 100, "{replaced} places are not all there are: is the folder empty?");
    expect_none(
        &complaints,
        "See `SchemaName::rewrite`; write `threadline.` before a name of ours.",
    );
}

#[test]
fn sql_in_rust_names_the_schema_in_force() {
    let mut complaints = Vec::new();
    for folder in ["threadline/src", "threadline-migration/src"] {
        for source in files(folder, &[".rs"]) {
            if source.path == "threadline/src/spec/schema.rs" {
                continue;
            }
            // Since when the lines belong to one call.
            let mut call = String::new();
            for (line, code) in source.code_lines() {
                call.push_str(code);
                if names_the_schema(code)
                    && !call.contains("OwnSql(")
                    && !call.contains("postgres(")
                {
                    complaints.push(format!("{}:{line}: {}", source.path, code.trim()));
                }
                if code.ends_with([';', '{', '}']) {
                    call.clear();
                }
            }
        }
    }
    expect_none(
        &complaints,
        "Write `format!(\"… {TRAIL}.name …\")`, or `OwnSql(\"… threadline.name …\")` for a text in \
         which no name and no value of the host is; both are in threadline::trail.",
    );
}

/// Whether a line says `threadline.` or `'threadline'` and means the schema: names of events and
/// locks are others'.
fn names_the_schema(line: &str) -> bool {
    let others = ["name: \"threadline.", "'threadline.install'", "target: \"threadline\""];
    let line = others.iter().fold(line.to_owned(), |line, other| line.replace(other, ""));
    let member =
        |rest: &str| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '{' || c == '"');
    line.contains("'threadline'")
        || line.contains("SCHEMA threadline")
        || line.split("threadline.").skip(1).any(member)
}
