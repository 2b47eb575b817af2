//! The examples of the documents, and the story that they are about.

use serde_json::Value;

use crate::fixture::{Fixture, plain};

const QUESTIONS: &str = include_str!("../../../../../docs/support-questions.md");
const GUIDE: &str = include_str!("../../../../../docs/read-with-sql.md");

/// The database of the story: its document has the tables and what is written to them.
pub(super) async fn story() -> Fixture {
    let f = Fixture::audited(block("tables"), [plain("orders"), plain("payments")]).await;
    for transaction in block("story").lines() {
        f.run(transaction).await;
    }
    f
}

fn block(title: &str) -> &'static str {
    let start = format!("```sql\n-- {title}\n");
    let rest = QUESTIONS.split(&start).nth(1).unwrap_or_else(|| panic!("no block `{title}`"));
    rest.split("```").next().expect("an end")
}

/// The cells of each row of the table of questions: number, question, library, command line, SQL.
pub(super) fn questions() -> Vec<[&'static str; 5]> {
    let rows = QUESTIONS.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    rows.map(|row| {
        let cells: Vec<&str> =
            row.trim_matches('|').split(" | ").map(|cell| cell.trim().trim_matches('`')).collect();
        cells.try_into().unwrap_or_else(|_| panic!("five cells: {row}"))
    })
    .collect()
}

/// The examples of the guide, each with the table that it gives.
fn examples() -> Vec<(&'static str, &'static str)> {
    GUIDE
        .split("```sql\n")
        .skip(1)
        .map(|rest| {
            let (sql, rest) = rest.split_once("```").expect("an end");
            let told = rest.split_once("```text\n").expect("a table follows").1;
            (sql.trim().trim_end_matches(';'), told.split("```").next().expect("an end"))
        })
        .collect()
}

/// What a query gives, as the guide shows it: a line of names, and a line for each row.
async fn shown(f: &Fixture, sql: &str) -> Vec<Vec<String>> {
    let names = format!(
        "SELECT jsonb_agg(k) FROM (SELECT row_to_json(q) AS doc FROM ({sql}) q LIMIT 1) d,
            json_object_keys(d.doc) k"
    );
    let names: Vec<String> =
        serde_json::from_value(f.value(&names).await).expect("a row has names");
    let texts: Vec<String> = names.iter().map(|name| format!("q.\"{name}\"::text")).collect();
    let rows = format!("SELECT jsonb_build_array({}) FROM ({sql}) q", texts.join(", "));
    let rows = f.values(&rows).await.into_iter().map(|row| {
        let cells = row.as_array().expect("an array").iter();
        cells.map(|cell| cell.as_str().unwrap_or_default().to_owned()).collect()
    });
    [names].into_iter().chain(rows).collect()
}

#[tokio::test]
async fn every_example_of_the_guide_gives_what_stands_below_it() {
    let f = story().await;
    let examples = examples();
    assert!(examples.len() >= 5, "the guide has {} examples", examples.len());
    for (sql, told) in examples {
        let told: Vec<Vec<String>> = told
            .lines()
            .map(|line| line.split('|').map(|cell| cell.trim().to_owned()).collect())
            .collect();
        assert_eq!(shown(&f, sql).await, told, "{sql}");
    }
}

#[tokio::test]
async fn the_guide_names_every_column_of_the_view() {
    let f = Fixture::installed().await;
    let columns = f
        .values(
            "SELECT to_jsonb(attname) FROM pg_attribute
            WHERE attrelid = 'threadline.changes'::regclass AND attnum > 0 ORDER BY attnum",
        )
        .await;
    let table =
        GUIDE.split("| column | what it says | index |").nth(1).expect("the table of columns");
    let table = table.split("\n\n").next().expect("an end");
    let firsts = table.lines().filter_map(|row| row.split(" | ").next());
    let told: Vec<Value> =
        firsts.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(Value::from).collect();
    assert_eq!(told, columns);
}
