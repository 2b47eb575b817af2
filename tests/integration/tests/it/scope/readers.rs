//! Every reader of the crate, by its name, asked everything that a stranger might ask.

use std::fmt::Debug;

use futures_util::TryStreamExt;
use sea_orm::DatabaseConnection;
use serde::Serialize;
use serde_json::{Value, json};
use threadline::prelude::*;
use threadline::{
    Error, Filter, Page, Position, Reader, RowHistory, RowKey, TableName, actor_history,
    actor_summary, actor_window, audit_actions_for_transaction, audit_change,
    audit_changes_for_transaction, audit_transaction, audited_tables, change_pair, correlation,
    count, facets, histogram, incident_bundle, nearest, neighbours, newer, request, row_as_of,
    row_blame, row_blame_until, row_rail, row_rail_around, timeline, timeline_page,
    transaction_context, transactions,
};

use super::entity;

/// What is asked for by number and name: of every tenant, and what never was.
pub(super) struct Asked {
    pub(super) transactions: Vec<i64>,
    pub(super) changes: Vec<i64>,
    pub(super) names: Vec<&'static str>,
}

/// The answers, and the errors as they are told and as they are logged.
#[derive(Default)]
pub(super) struct Answers(Vec<(String, Value)>);

impl Answers {
    fn add<T: Serialize>(&mut self, what: impl Debug, answer: Result<T, Error>) {
        let told = match answer {
            Ok(answer) => serde_json::to_value(answer).expect("serializes"),
            Err(error) => json!({"error": error.to_string(), "debug": format!("{error:?}")}),
        };
        self.0.push((format!("{what:?}"), told));
    }

    /// The first answer in which the two differ.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        match self.0.iter().zip(&other.0).find(|(a, b)| a != b) {
            Some(differing) => Some(format!("{differing:#?}")),
            None => (self.0.len() != other.0.len()).then(|| "one has more pages".to_owned()),
        }
    }

    /// The first answer that contains `text`.
    pub(super) fn telling(&self, text: &str) -> Option<&(String, Value)> {
        self.0.iter().find(|(_, answer)| answer.to_string().contains(text))
    }

    /// How many answers are no errors and not empty.
    pub(super) fn substantial(&self) -> usize {
        let says = |answer: &Value| answer.get("error").is_none() && answer.to_string().len() > 100;
        self.0.iter().filter(|(_, answer)| says(answer)).count()
    }
}

/// The filters that are asked: each key by itself, and what others have.
fn filters(asked: &Asked) -> Vec<Filter> {
    let mut texts: Vec<String> =
        ["", "sort=old", "table=t", "table=u", "op=update&from=-1h"].map(str::to_owned).to_vec();
    texts.extend(["op=truncate&from=-1h", "actor=none", "kind=user&from=-1h"].map(str::to_owned));
    for name in &asked.names {
        texts.extend([
            format!("actor=user:{name}"),
            format!("action=act.{name}"),
            format!("corr={name}"),
            format!("corr={name}&capture_only=true"),
            format!("request={name}"),
            format!("table=t&was=v:{name}"),
            format!("table=t&now=org:{name}"),
            format!("from=-1h&actor=-user:{name}&action=-act.{name}&corr=-{name}"),
        ]);
    }
    texts.extend((1..4).map(|row| format!("table=t&row={row}")));
    texts.iter().map(|text| text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))).collect()
}

/// Asks everything. Each reader is named here as it is in the crate: a test of the tree holds this file
/// against the crate's sources.
pub(super) async fn ask(reader: &Reader<'_, DatabaseConnection>, asked: &Asked) -> Answers {
    let mut answers = Answers::default();
    for filter in filters(asked) {
        let name = filter.to_string();
        answers.add(("timeline", &name), timeline(reader, &filter).await);
        let page = timeline_page(reader, &filter.clone().limit(3), Position::Start).await;
        if let Ok(Page { cursor: Some(cursor), first: Some(first), .. }) = page {
            let three = filter.clone().limit(3);
            let after = timeline_page(reader, &three, Position::After(cursor)).await;
            answers.add(("timeline_page after", &name), after);
            let before = timeline_page(reader, &three, Position::Before(cursor)).await;
            answers.add(("timeline_page before", &name), before);
            answers.add(("newer", &name), newer(reader, &filter, first, 100).await);
        }
        answers.add(("timeline_page", &name), page);
        answers.add(("count", &name), count(reader, &filter, 1_000).await);
        answers.add(("count capped", &name), count(reader, &filter, 2).await);
        answers.add(("facets", &name), facets(reader, &filter).await);
        panels(reader, &filter, &mut answers).await;
    }
    let window = Filter::new();
    for name in &asked.names {
        let actor = ActorRef::user(*name);
        for size in [2, 200] {
            let window = window.clone().limit(size);
            let history = actor_history(reader, &actor, &window, Position::Start).await;
            answers.add(("actor_history", name), history);
            let window = actor_window(reader, &actor, &window, Position::Start).await;
            answers.add(("actor_window", name), window);
        }
        let hour: Filter = "from=-1h".parse().expect("a filter");
        answers.add(("actor_summary", name), actor_summary(reader, &actor, &hour).await);
        answers.add(("correlation", name), correlation(reader, name, &window).await);
        let wide = window.clone().include_capture_only();
        answers.add(("correlation wide", name), correlation(reader, name, &wide).await);
        answers.add(("request", name), request(reader, name, &window).await);
    }
    answers.add("transactions", transactions(reader, 1_000).await);
    for id in &asked.transactions {
        let transaction = audit_transaction(reader, *id).await;
        if let Ok(transaction) = &transaction {
            answers.add(("neighbours", id), neighbours(reader, transaction).await);
        }
        answers.add(("audit_transaction", id), transaction);
        answers.add(("transaction_context", id), transaction_context(reader, *id).await);
        let changes = audit_changes_for_transaction(reader, *id).await;
        answers.add(("audit_changes_for_transaction", id), changes);
        let actions = audit_actions_for_transaction(reader, *id).await;
        answers.add(("audit_actions_for_transaction", id), actions);
        answers.add(("incident_bundle", id), incident_bundle(reader, *id).await);
    }
    for id in &asked.changes {
        answers.add(("audit_change", id), audit_change(reader, *id).await);
    }
    for two in asked.changes.windows(2) {
        answers.add(("change_pair", two), change_pair(reader, two[0], two[1]).await);
    }
    answers.add("audited_tables", audited_tables(reader).await);
    for id in 1..8 {
        versions(reader, id, &mut answers).await;
    }
    answers
}

/// What stands beside a list. Where bars begin depends on when it is asked, so only what they hold is told.
async fn panels(reader: &Reader<'_, DatabaseConnection>, filter: &Filter, answers: &mut Answers) {
    let name = filter.to_string();
    let bars = histogram(reader, filter, 60).await;
    let bars = bars.map(|told| {
        let held = told.bars.iter().filter(|bar| bar.changes > 0);
        let held: Vec<_> = held.map(|b| (b.changes, b.inserts, b.updates, b.deletes)).collect();
        (held, told.counted, told.is_capped)
    });
    answers.add(("histogram", &name), bars);
    let ahead = filter.clone().only(Filter::new().from(chrono::Utc::now()));
    answers.add(("nearest", &name), nearest(reader, &ahead).await);
    let behind = filter.clone().only("to=2026-01-01".parse().expect("a filter"));
    answers.add(("nearest after", &name), nearest(reader, &behind).await);
}

/// The versions of one row of `t`, by every reader of versions.
async fn versions(reader: &Reader<'_, DatabaseConnection>, id: i32, answers: &mut Answers) {
    let table = || TableName::parse("t").expect("a name");
    let history = || RowHistory::new(table(), RowKey::scalar(id));
    let all = history().all(reader).await;
    answers.add(("RowHistory all", id), all.map(|all| format!("{all:?}")));
    answers.add(("row_rail", id), row_rail(reader, &table(), &RowKey::scalar(id)).await);
    let page = history().page(reader, 2, Position::Start).await;
    answers.add(("RowHistory page", id), page.map(|page| format!("{page:?}")));
    let all = entity::Entity::history(id).all(reader).await;
    answers.add(("History all", id), all.map(|all| format!("{all:?}")));
    let page = entity::Entity::history(id).page(reader, 2, Position::Start).await;
    answers.add(("History page", id), page.map(|page| format!("{page:?}")));
    let stream = async {
        let all: Vec<_> = entity::Entity::history(id).stream(reader).await?.try_collect().await?;
        Ok(format!("{all:?}"))
    };
    answers.add(("History stream", id), stream.await);
}

/// What depends on the newest change of a row, whoever may see it: it must not fall back to an older one.
/// So the answers for a row that another tenant has now are those for one that never was, and not those
/// of a trail without the other.
pub(super) async fn ask_of_row(reader: &Reader<'_, DatabaseConnection>, id: i32) -> Answers {
    let mut answers = Answers::default();
    let table = TableName::parse("t").expect("a name");
    let key = RowKey::scalar(id);
    let now = chrono::Utc::now();
    versions(reader, id, &mut answers).await;
    let standing = row_as_of(reader, &table, &key, now).await;
    answers.add("row_as_of", standing.map(|standing| format!("{standing:?}")));
    answers.add("row_blame", row_blame(reader, &table, &key).await);
    rails(reader, id, &mut answers).await;
    let past = entity::Entity::as_of(id, now, reader).await;
    answers.add("as_of", past.map(|past| format!("{past:?}")));
    answers.add("blame", entity::Entity::blame(id, reader).await);
    let proposal = entity::Entity::restore(id, now, reader).await;
    answers.add("restore", proposal.map(|proposal| format!("{proposal:?}")));
    let proposal = entity::Entity::restore_lossy(id, now, reader).await;
    answers.add("restore_lossy", proposal.map(|proposal| format!("{proposal:?}")));
    // Each question names the row it is about, and nothing else may differ.
    for (what, answer) in &mut answers.0 {
        let told = |text: &str| text.replace(&id.to_string(), "ID");
        *what = told(what);
        *answer = Value::String(told(&answer.to_string()));
    }
    answers
}

/// Proposals to undo a change that was read without a scope.
pub(super) async fn undo(
    reader: &Reader<'_, DatabaseConnection>,
    change: &threadline::Change,
) -> Result<String, Error> {
    entity::Entity::undo(change, reader).await.map(|proposal| format!("{proposal:?}"))
}

/// The versions of one row of `t` without their values, and who had written what by each of them.
async fn rails(reader: &Reader<'_, DatabaseConnection>, id: i32, answers: &mut Answers) {
    let table = TableName::parse("t").expect("a name");
    let key = RowKey::scalar(id);
    let rail = row_rail(reader, &table, &key).await;
    for version in rail.iter().flat_map(|rail| &rail.versions) {
        let at = version.captured_at;
        let around = row_rail_around(reader, &table, &key, at).await;
        answers.add(("row_rail_around", id), around);
        answers.add(("row_blame_until", id), row_blame_until(reader, &table, &key, at).await);
    }
    answers.add(("row_rail", id), rail);
}
