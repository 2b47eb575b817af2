//! The designs that are measured, each on a table of its own with the same columns and rows.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use threadline::{CaptureMode, Registry, TableName, TableSpec};

use crate::peers;

/// A way to record changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Design {
    /// No trigger.
    None,
    /// The least that recording rows as JSON can cost: one insert a statement, without an index.
    Floor,
    /// Threadline, statement mode.
    Statement,
    /// Threadline, row mode.
    Row,
    /// The Elixir Threadline, written anew from its description.
    Model,
    /// The package django-pghistory, with triggers that it has generated.
    Pghistory,
    /// The package PostgreSQL-Audit, with triggers that it has generated.
    PostgresqlAudit,
}

impl Design {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Floor => "floor",
            Self::Statement => "threadline",
            Self::Row => "threadline_row",
            Self::Model => "model",
            Self::Pghistory => "django_pghistory",
            Self::PostgresqlAudit => "postgresql_audit",
        }
    }

    pub(crate) fn table(self) -> String {
        format!("bench.{}", self.name())
    }

    /// The tables it records in.
    pub(crate) fn logs(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::Floor => &["bench.floor_log"],
            Self::Statement | Self::Row => {
                &["threadline.audit_changes", "threadline.audit_transactions"]
            }
            Self::Model => &["bench.model_changes", "bench.model_transactions"],
            Self::Pghistory => &["bench.django_pghistory_log", "public.pghistory_context"],
            Self::PostgresqlAudit => &["postgresql_audit.activity", "postgresql_audit.transaction"],
        }
    }

    /// What a program says once in a transaction about who acts; of one round trip each.
    pub(crate) fn context(self) -> Option<&'static str> {
        match self {
            Self::None | Self::Floor => None,
            Self::Statement | Self::Row => Some(
                r#"SELECT threadline.begin_action('{"actor": {"type": "user", "id": "7"}}', '{"name": "bench"}')"#,
            ),
            Self::Model => {
                Some(r#"SELECT set_config('bench.actor_ref', '{"type": "user", "id": "7"}', true)"#)
            }
            Self::Pghistory => Some(
                r#"SELECT set_config('pghistory.context_id', gen_random_uuid()::text, true),
                   set_config('pghistory.context_metadata', '{"user": 7}', true)"#,
            ),
            Self::PostgresqlAudit => Some(
                "INSERT INTO postgresql_audit.transaction \
                 (native_transaction_id, issued_at, client_addr, actor_id) \
                 VALUES (pg_current_xact_id(), now() AT TIME ZONE 'UTC', inet_client_addr(), '7')",
            ),
        }
    }
}

const COLUMNS: &str = "(id int PRIMARY KEY, title text NOT NULL, body text, status text NOT NULL,
    price numeric(10, 2), updated_at timestamptz NOT NULL)";

/// Makes the tables, empty, with their triggers, and says which designs there are to compare.
pub(crate) async fn create(
    db: &DatabaseConnection,
    url: &str,
) -> Result<Vec<Design>, Box<dyn std::error::Error>> {
    db.execute_unprepared("CREATE SCHEMA bench").await?;
    let mut designs =
        vec![Design::None, Design::Floor, Design::Statement, Design::Row, Design::Model];
    for design in &designs {
        db.execute_unprepared(&format!("CREATE TABLE {} {COLUMNS}", design.table())).await?;
    }
    db.execute_unprepared(include_str!("../sql/floor.sql")).await?;
    db.execute_unprepared(include_str!("../sql/model.sql")).await?;
    let spec = |design: Design| TableName::parse(&design.table()).map(TableSpec::new);
    let by_row = spec(Design::Row)?.in_mode(CaptureMode::Row);
    let both = Registry::builder().table(spec(Design::Statement)?).table(by_row).build()?;
    threadline_migration::sync(db, &both).await?;
    for peer in [Design::Pghistory, Design::PostgresqlAudit] {
        db.execute_unprepared(&format!("CREATE TABLE {} {COLUMNS}", peer.table())).await?;
        match peers::install(url, peer.name()) {
            Ok(()) => designs.push(peer),
            Err(reason) => eprintln!("{} is left out: {reason}", peer.name()),
        }
    }
    Ok(designs)
}

/// Empties the tables and the logs, and fills the tables with `rows` rows that nobody records.
pub(crate) async fn refill(
    db: &DatabaseConnection,
    designs: &[Design],
    rows: u32,
) -> Result<(), DbErr> {
    for design in designs {
        let table = design.table();
        if !design.logs().is_empty() {
            // A foreign key's table is emptied together with the one it points to.
            db.execute_unprepared(&format!("TRUNCATE {}", design.logs().join(", "))).await?;
        }
        db.execute_unprepared(&format!(
            "ALTER TABLE {table} DISABLE TRIGGER USER; TRUNCATE {table};
            INSERT INTO {table} SELECT i, 'title ' || i, repeat('body ', 10), 'open', i, now()
            FROM generate_series(1, {rows}) i;"
        ))
        .await?;
        for (trigger, always) in triggers(db, *design).await? {
            let always = if always { "ALWAYS" } else { "" };
            let sql = format!("ALTER TABLE {table} ENABLE {always} TRIGGER {trigger}");
            db.execute_unprepared(&sql).await?;
        }
        db.execute_unprepared(&format!("VACUUM ANALYZE {table}")).await?;
    }
    Ok(())
}

/// The triggers of a design's table, and whether they were enabled always.
async fn triggers(db: &DatabaseConnection, design: Design) -> Result<Vec<(String, bool)>, DbErr> {
    let sql = "SELECT quote_ident(tgname) AS name FROM pg_trigger \
               WHERE tgrelid = $1::text::regclass AND NOT tgisinternal";
    let table = design.table();
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into()]);
    let always = matches!(design, Design::Statement | Design::Row);
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok((row.try_get("", "name")?, always))).collect()
}

/// Bytes on disk of everything that a design has recorded, with its indexes.
pub(crate) async fn bytes(db: &DatabaseConnection, design: Design) -> Result<f64, DbErr> {
    let mut sum = 0.0;
    for log in design.logs() {
        // A table without partitions is in no tree.
        let sql = "SELECT coalesce(sum(pg_total_relation_size(relid)), \
                   pg_total_relation_size($1::text::regclass))::float8 AS bytes \
                   FROM pg_partition_tree($1::text::regclass)";
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [(*log).into()]);
        if let Some(row) = db.query_one_raw(statement).await? {
            sum += row.try_get::<f64>("", "bytes")?;
        }
    }
    Ok(sum)
}
