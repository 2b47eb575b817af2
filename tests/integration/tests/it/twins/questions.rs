//! The six questions of `docs/support-questions.md`, answered by plain SQL and by the library. An answer
//! is the numbers of the changes in it, in its order; whoever adds another way to ask adds it to
//! [`every_way_to_ask_a_question_gives_the_same_answer`].

use serde_json::{Value, json};
use threadline::prelude::*;
use threadline::{Error, Filter, Position, actor_window, correlation, incident_bundle, timeline};

use super::documents::{questions, story};
use crate::fixture::Fixture;

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#[allow(unreachable_pub)]
mod order {
    use sea_orm::entity::prelude::*;
    use threadline::{Audited, sea_orm};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "orders")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub status: String,
        pub total: Decimal,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// What the story comes to: the changes by question, numbered in the order in which they were written.
const ANSWERS: [&[i64]; 6] =
    [&[6, 4, 3, 1], &[5, 4, 2, 1], &[3, 2, 1], &[7, 6, 4, 3, 1], &[5, 4], &[4, 5]];

async fn by_sql(f: &Fixture, sql: &str) -> Vec<i64> {
    let numbers =
        format!("SELECT coalesce(to_jsonb(q) -> 'change_id', to_jsonb(q) -> 'id') FROM ({sql}) q");
    f.values(&numbers).await.iter().filter_map(Value::as_i64).collect()
}

async fn by_library(f: &Fixture, number: usize) -> Result<Vec<i64>, Error> {
    let db = &f.db;
    Ok(match number {
        1 => {
            let versions = order::Entity::history(42).all(db).await?;
            versions.iter().rev().map(|version| version.change.id).collect()
        }
        2 => {
            let filter = "from=-24h".parse()?;
            let page = actor_window(db, &ActorRef::user(42), &filter, Position::Start).await?;
            page.entries.iter().map(|entry| entry.change.id).collect()
        }
        3 => {
            let bundle = correlation(db, "checkout-7", &Filter::new()).await?;
            bundle.changes.iter().map(|change| change.id).collect()
        }
        // `Export` writes what the timeline of its filter has.
        4 => {
            let entries = timeline(db, &"table=orders".parse()?).await?;
            entries.iter().map(|entry| entry.change.id).collect()
        }
        5 => {
            let entries = timeline(db, &"action=order.refund".parse()?).await?;
            entries.iter().map(|entry| entry.change.id).collect()
        }
        _ => {
            let bundle = incident_bundle(db, 3).await?;
            bundle.changes.iter().map(|change| change.change.id).collect()
        }
    })
}

#[tokio::test]
async fn every_way_to_ask_a_question_gives_the_same_answer() {
    let f = story().await;
    let asked = questions();
    assert_eq!(asked.len(), ANSWERS.len());
    for ([number, question, _, _, sql], answer) in asked.into_iter().zip(ANSWERS) {
        assert_eq!(by_sql(&f, sql).await, answer, "{question} by SQL");
        let number = number.parse().expect("a number");
        assert_eq!(
            by_library(&f, number).await.expect("reads"),
            answer,
            "{question} by the library"
        );
    }
}

#[tokio::test]
async fn the_document_shows_the_calls_and_filters_that_are_tested() {
    let source = include_str!("questions.rs");
    for [_, question, library, command, _] in questions() {
        let call = library.split(['(', ':']).next().expect("a name");
        assert!(source.contains(call), "{question}: {call}");
        assert!(command.starts_with("threadline "), "{question}: {command}");
        for filter in library.split('"').skip(1).step_by(2) {
            assert!(source.contains(&format!("\"{filter}\"")), "{question}: {filter}");
            let terms = filter.split('&').all(|term| !term.contains('=') || command.contains(term));
            assert!(terms, "{question}: {command} does not ask for {filter}");
        }
    }
}

#[tokio::test]
async fn a_file_of_plain_sql_has_what_the_library_has() {
    let f = story().await;
    let [.., sql] = questions()[3];
    let rows = f.values(&format!("SELECT to_jsonb(q) FROM ({sql}) q")).await;
    let entries = timeline(&f.db, &"table=orders".parse().expect("a filter")).await.expect("reads");
    assert_eq!(rows.len(), 5);
    for (row, entry) in rows.iter().zip(&entries) {
        let change = serde_json::to_value(&entry.change).expect("serializes");
        for name in ["id", "transaction_id", "action_id", "op", "row_pk", "data_after"] {
            assert_eq!(row[name], change[name], "{name}");
        }
        assert_eq!(row["table_name"], json!(entry.change.table.name()));
        assert_eq!(row["changed_from"], change["changed_from"]);
        let changed = row["changed_fields"].as_array().cloned().unwrap_or_default();
        assert_eq!(json!(changed), change["changed_fields"]);
    }
}
