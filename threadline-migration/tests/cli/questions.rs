//! The commands of `docs/support-questions.md`, on its story. What they have to find is what its SQL finds.

use serde_json::Value;

use crate::fixture::Shop;

const QUESTIONS: &str = include_str!("../../../docs/support-questions.md");

fn block(title: &str) -> &'static str {
    let rest = QUESTIONS.split(&format!("```sql\n-- {title}\n")).nth(1).expect("a block");
    rest.split("```").next().expect("an end")
}

async fn story() -> Shop {
    let shop = Shop::installed().await;
    shop.run(block("tables")).await;
    shop.json(&["attach", "--tables", "orders,payments"]);
    for transaction in block("story").lines() {
        shop.run(transaction).await;
    }
    shop
}

/// The command and the SQL of each question.
fn questions() -> Vec<(Vec<&'static str>, &'static str)> {
    let rows = QUESTIONS.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| |"));
    rows.map(|row| {
        let cells: Vec<&str> =
            row.split(" | ").map(|cell| cell.trim_matches(['|', ' ', '`'])).collect();
        let [.., command, sql] = cells[..] else { panic!("a command and SQL: {row}") };
        (command.split(' ').skip(1).collect(), sql)
    })
    .collect()
}

/// The numbers of the changes in a document of the program.
fn numbers(document: &Value) -> Vec<i64> {
    let changes = ["entries", "changes"].iter().find_map(|key| document[key].as_array());
    let changes = changes.unwrap_or_else(|| panic!("changes: {document}"));
    let number = |entry: &Value| entry["change_diff"]["id"].as_i64();
    changes.iter().map(|entry| number(entry).unwrap_or_else(|| panic!("{entry}"))).collect()
}

/// The numbers of the changes in a file of CSV, whose first column they are.
fn numbers_of_csv(text: &str) -> Vec<i64> {
    let mut lines = text.lines();
    assert!(lines.next().is_some_and(|head| head.starts_with("id,")), "{text}");
    lines
        .map(|line| line.split(',').next().and_then(|id| id.parse().ok()).expect("an id"))
        .collect()
}

#[tokio::test]
async fn a_question_of_the_support_desk_is_answered_as_by_sql() {
    let shop = story().await;
    let mut asked = 0;
    for (command, sql) in questions() {
        let is_export = command[0] == "export";
        let id = if is_export { "id" } else { "change_id" };
        let by_sql = format!("SELECT jsonb_agg(q.{id}) FROM ({sql}) q");
        let by_sql: Vec<i64> =
            serde_json::from_value(shop.value(&by_sql).await).expect("numbers of changes");
        assert!(by_sql.len() >= 2, "{sql}");
        let answered = match is_export {
            true => numbers_of_csv(&shop.threadline(&command).stdout),
            false => numbers(&shop.json(&command)),
        };
        assert_eq!(answered, by_sql, "{command:?}");
        asked += 1;
    }
    assert_eq!(asked, 6);
}
