//! A table that is fed by logical replication from another database of a server of its own.

use std::time::Duration;

use sea_orm::{Database, DatabaseConnection};
use serde_json::{Value, json};
use threadline::{CaptureMode, TableSpec};
use threadline_testkit::Server;

use crate::fixture::{plain, registry, run, value, values};

const SETTINGS: &str = "wal_level = logical\nmax_wal_senders = 10\nmax_replication_slots = 10";
const NOTE: &str = "CREATE TABLE note (id int PRIMARY KEY, text text)";
const CHANGES: &str =
    "SELECT jsonb_build_array(op, row_pk, data_after, changed_fields, changed_from)
    FROM threadline.audit_changes WHERE table_name = 'note' ORDER BY id";

/// Two databases: what is written into the one is applied to the other, where it is audited.
struct Replicated {
    /// Goes with the test, and takes the subscription along.
    server: Server,
    origin: DatabaseConnection,
    copy: DatabaseConnection,
}

impl Replicated {
    /// With this policy on the copy. Rows that are there already are copied first, if at all.
    async fn under(spec: TableSpec, copy_data: bool) -> Self {
        let server =
            Server::with_settings(SETTINGS).await.unwrap_or_else(|error| panic!("{error}"));
        let first = connect(&server, "postgres").await;
        for name in ["origin", "copy"] {
            run(&first, &format!("CREATE DATABASE {name}")).await;
        }
        let (origin, copy) = (connect(&server, "origin").await, connect(&server, "copy").await);
        threadline_migration::install(&copy).await.expect("the schema can be installed");
        run(&copy, NOTE).await;
        run(&origin, &format!("{NOTE}; INSERT INTO note VALUES (0, 'before')")).await;
        run(&origin, "CREATE PUBLICATION notes FOR TABLE note").await;
        // Within one server a subscription would wait for itself if it made its slot.
        run(&origin, "SELECT pg_create_logical_replication_slot('notes', 'pgoutput')").await;
        let replicated = Self { origin, copy, server };
        // The mode is chosen by what the catalog says, so the subscription comes first.
        replicated.subscribe(copy_data).await;
        let done = threadline_migration::sync(&replicated.copy, &registry([spec])).await;
        done.expect("the table can be audited");
        run(&replicated.copy, "ALTER SUBSCRIPTION notes ENABLE").await;
        replicated
    }

    async fn subscribe(&self, copy_data: bool) {
        let url = self.server.url("origin");
        run(
            &self.copy,
            &format!(
                "CREATE SUBSCRIPTION notes CONNECTION '{url}' PUBLICATION notes
                WITH (create_slot = false, slot_name = notes, enabled = false, copy_data = {copy_data})"
            ),
        )
        .await;
    }

    /// Runs a script where the rows come from, and waits until the copy has come to this state.
    async fn write(&self, sql: &str, notes: Value) {
        run(&self.origin, sql).await;
        let state =
            "SELECT coalesce(jsonb_agg(jsonb_build_array(id, text) ORDER BY id), '[]') FROM note";
        for _ in 0..600 {
            if value(&self.copy, state).await == notes {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let workers = "SELECT to_jsonb(s) FROM pg_stat_subscription s";
        panic!(
            "{sql} does not arrive: {} instead of {notes}; {:?}",
            value(&self.copy, state).await,
            values(&self.copy, workers).await
        );
    }

    /// Every kind of write; a truncate comes last.
    async fn write_everything(&self) {
        self.write("INSERT INTO note VALUES (1, 'a'), (2, 'b')", json!([[1, "a"], [2, "b"]])).await;
        self.write("UPDATE note SET text = 'A' WHERE id = 1", json!([[1, "A"], [2, "b"]])).await;
        self.write("UPDATE note SET id = 3 WHERE id = 2", json!([[1, "A"], [3, "b"]])).await;
        self.write("DELETE FROM note WHERE id = 3", json!([[1, "A"]])).await;
        self.write("TRUNCATE note", json!([])).await;
    }

    async fn changes(&self) -> Vec<Value> {
        values(&self.copy, CHANGES).await
    }
}

async fn connect(server: &Server, database: &str) -> DatabaseConnection {
    Database::connect(server.url(database)).await.expect("the server takes connections")
}

/// What [`Replicated::write_everything`] is in the trail.
fn everything() -> Vec<Value> {
    vec![
        json!(["insert", {"id": 1}, {"id": 1, "text": "a"}, null, null]),
        json!(["insert", {"id": 2}, {"id": 2, "text": "b"}, null, null]),
        json!(["update", {"id": 1}, {"id": 1, "text": "A"}, ["text"], {"text": "a"}]),
        json!(["delete", {"id": 2}, null, null, {"id": 2, "text": "b"}]),
        json!(["insert", {"id": 3}, {"id": 3, "text": "b"}, null, null]),
        json!(["delete", {"id": 3}, null, null, {"id": 3, "text": "b"}]),
        json!(["truncate", null, null, null, null]),
    ]
}

/// PostgreSQL fires no statement triggers for rows that it applies, so this mode is not enough.
#[tokio::test]
async fn by_statement_only_a_truncate_is_recorded() {
    let replicated = Replicated::under(plain("note").in_mode(CaptureMode::Statement), false).await;
    replicated.write_everything().await;
    assert_eq!(replicated.changes().await, [json!(["truncate", null, null, null, null])]);
}

mod by_row {
    use super::*;

    #[tokio::test]
    async fn everything_that_is_applied_is_recorded() {
        let replicated = Replicated::under(plain("note").in_mode(CaptureMode::Row), false).await;
        replicated.write_everything().await;
        assert_eq!(replicated.changes().await, everything());
        let transactions =
            "SELECT jsonb_build_array(count(*), count(actor_type), count(committed_at))
            FROM threadline.audit_transactions";
        let counts = value(&replicated.copy, transactions).await;
        assert_eq!(counts, json!([5, 0, 5]), "one for each transaction, by nobody known");
    }

    #[tokio::test]
    async fn what_is_copied_at_the_start_is_recorded() {
        let replicated = Replicated::under(plain("note").in_mode(CaptureMode::Row), true).await;
        replicated
            .write("INSERT INTO note VALUES (1, 'a')", json!([[0, "before"], [1, "a"]]))
            .await;
        let copied = json!(["insert", {"id": 0}, {"id": 0, "text": "before"}, null, null]);
        assert_eq!(replicated.changes().await[0], copied);
        assert_eq!(replicated.changes().await.len(), 2);
    }

    #[tokio::test]
    async fn it_is_chosen_for_a_table_of_a_subscription() {
        let replicated = Replicated::under(plain("note"), false).await;
        replicated.write_everything().await;
        assert_eq!(replicated.changes().await, everything());
    }
}
