//! The documented columns are those of the code.

use threadline::export::ColumnSet;

const DOCUMENT: &str = include_str!("../../../../../docs/exports.md");

#[test]
fn the_documented_columns_are_those_of_the_code() {
    let table = DOCUMENT.split("| column |").nth(1).expect("a table of columns");
    let documented: Vec<&str> = table.lines().skip(2).take_while(|line| !line.is_empty()).collect();
    let of_changes = ColumnSet::Changes.columns().len();
    let columns = ColumnSet::WithContext.columns().iter().enumerate();
    let wanted: Vec<String> = columns
        .map(|(i, column)| {
            let null = if column.nullable { " or null" } else { "" };
            let of = if i < of_changes { "change" } else { "context" };
            let (name, kind, about) = (column.name, column.kind.as_str(), column.about);
            format!("| `{name}` | {kind}{null} | {of} | {about} |")
        })
        .collect();
    assert_eq!(documented, wanted, "docs/exports.md is to say what threadline::export has");
}
