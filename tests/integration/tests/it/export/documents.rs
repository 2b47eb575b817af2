//! A trail to export, what must come out of it, and what comes out.

use std::num::NonZeroU32;

use sea_orm::{DatabaseConnection, StreamTrait, TransactionTrait};
use serde_json::Value;
use threadline::export::{ColumnSet, Exported};
use threadline::prelude::*;
use threadline::{Export, Filter, JsonPath, Placeholder, TrailSource};

use super::formats::{Read, Tried};
use crate::fixture::{Fixture, column, plain, run, values};

/// What an export of a filter gives, read back.
pub(super) async fn exported<S>(tried: &Tried, source: &S, export: &Export<'_>) -> (Read, Exported)
where
    S: TrailSource<Connection: TransactionTrait<Transaction: StreamTrait + 'static>>,
{
    let mut document = Vec::new();
    let exported = export.write(source, (tried.make)(), &mut document).await.expect("exports");
    let read = tried.read(&document);
    assert_eq!(read.rows.len() as u64, exported.returned_count, "{}", tried.name);
    let end = read.end.as_ref().map(|end| (end.0, end.1, end.2));
    let told = (exported.returned_count, exported.truncated, exported.max_rows);
    assert_eq!(end, tried.has_end.then_some(told), "{}", tried.name);
    (read, exported)
}

/// Every column of every change, newest first, told by other means than those of an export.
pub(super) async fn trail(db: &DatabaseConnection) -> Vec<Vec<Option<String>>> {
    let micros = |column: &str| format!("(extract(epoch FROM {column}) * 1000000)::bigint::text");
    let sql = format!(
        "SELECT jsonb_build_array(c.id::text, c.transaction_id::text, c.action_id::text, c.table_schema,
            c.table_name, c.op, {}, c.row_pk::text, c.data_after::text, to_json(c.changed_fields)::text,
            c.changed_from::text, {}, {},
            coalesce(a.actor_type, t.actor_type),
            CASE WHEN a.actor_type IS NULL THEN t.actor_id ELSE a.actor_id END,
            a.name, a.reason, a.comment, coalesce(a.correlation_id, t.correlation_id),
            coalesce(a.request_id, t.request_id), coalesce(a.job_id, t.job_id), t.trace_id,
            host(t.remote_ip), t.session_user_name, t.application_name, host(t.client_addr),
            t.source::text, t.meta::text)
        FROM threadline.audit_changes c JOIN threadline.audit_transactions t ON t.id = c.transaction_id
        LEFT JOIN threadline.audit_actions a ON a.id = c.action_id
        ORDER BY c.captured_at DESC, c.id DESC",
        micros("c.captured_at"),
        micros("t.occurred_at"),
        micros("t.committed_at"),
    );
    let told = |cell: &Value| cell.as_str().map(str::to_owned);
    let rows = values(db, &sql).await;
    rows.iter().map(|row| row.as_array().expect("an array").iter().map(told).collect()).collect()
}

/// `rows` as a format that has no null tells them.
pub(super) fn with_null(
    rows: &[Vec<Option<String>>],
    null: Option<&str>,
) -> Vec<Vec<Option<String>>> {
    let told = |cell: &Option<String>| cell.clone().or_else(|| null.map(str::to_owned));
    rows.iter().map(|row| row.iter().map(told).collect()).collect()
}

/// Asserts that an export of everything is the trail.
pub(super) async fn assert_is_the_trail(f: &Fixture, tried: &Tried) -> Read {
    let filter = Filter::new();
    let (read, exported) = exported(tried, &f.db, &Export::new(&filter)).await;
    assert!(!exported.truncated, "{}", tried.name);
    let wanted = with_null(&trail(&f.db).await, tried.null);
    assert_eq!(read.rows.len(), wanted.len(), "{}", tried.name);
    for (row, wanted) in read.rows.iter().zip(&wanted) {
        assert_eq!(row, wanted, "{}", tried.name);
    }
    read
}

pub(super) fn names(columns: ColumnSet) -> Vec<&'static str> {
    columns.columns().iter().map(|column| column.name).collect()
}

pub(super) const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, v text, n numeric, j jsonb);
    CREATE TABLE p (id int PRIMARY KEY, tenant int, tax text, phone text, pin text, body text, doc jsonb)";

/// Two tables, one of which has every redaction, and nothing written.
pub(super) async fn empty() -> Fixture {
    let masked = Placeholder::default;
    let redacted = plain("p")
        .mask(column("tax"), masked())
        .hash(column("phone"), masked())
        .exclude(column("pin"))
        .max_bytes(column("body"), NonZeroU32::new(20).expect("not 0"))
        .mask_json(column("doc"), [JsonPath::parse("secret").expect("a path")], masked());
    Fixture::audited(DDL, [plain("t"), redacted]).await
}

/// One of each operation by somebody with a reason, and one by nobody.
pub(super) async fn written() -> Fixture {
    let f = empty().await;
    let ann = AuditContext::new(ActorRef::user(1)).correlation_id("c1").request_id("r1");
    let action = Action::new("ticket.edit").reason("asked for").comment("twice");
    let txn = f.db.audit_begin(&ann, action).await.expect("begins");
    run(&*txn, "INSERT INTO t VALUES (1, 'a', 1.50, '{\"k\": null}'), (2, NULL, NULL, NULL)").await;
    run(&*txn, "UPDATE t SET v = 'b', n = NULL WHERE id = 1").await;
    txn.commit().await.expect("commits");
    f.run("DELETE FROM t WHERE id = 1; TRUNCATE t").await;
    f
}
