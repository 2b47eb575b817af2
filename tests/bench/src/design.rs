//! The designs that are measured, each on a table of its own with the same columns and rows.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use threadline::{Registry, TableName, TableSpec};

/// A way to record changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Design {
    /// No trigger.
    None,
    /// The least that recording rows as JSON can cost: one insert a statement, without an index.
    Floor,
    /// Threadline, statement mode.
    Ours,
}

impl Design {
    pub(crate) const ALL: [Self; 3] = [Self::None, Self::Floor, Self::Ours];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Floor => "floor",
            Self::Ours => "threadline",
        }
    }

    pub(crate) fn table(self) -> String {
        format!("bench.{}", self.name())
    }
}

const FLOOR: &str = "
CREATE TABLE bench.floor_log (at timestamptz, row jsonb);
CREATE FUNCTION bench.floor_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench.floor_log SELECT clock_timestamp(), to_jsonb(n) FROM new_rows n;
    RETURN NULL; END $$;
CREATE FUNCTION bench.floor_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench.floor_log SELECT clock_timestamp(), to_jsonb(o) FROM old_rows o;
    RETURN NULL; END $$;
CREATE TRIGGER i AFTER INSERT ON bench.floor REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bench.floor_new();
CREATE TRIGGER u AFTER UPDATE ON bench.floor REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bench.floor_new();
CREATE TRIGGER d AFTER DELETE ON bench.floor REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bench.floor_old();";

/// Makes the tables, empty, with their triggers.
pub(crate) async fn create(db: &DatabaseConnection) -> Result<(), Box<dyn std::error::Error>> {
    db.execute_unprepared("DROP SCHEMA IF EXISTS bench CASCADE; CREATE SCHEMA bench").await?;
    for design in Design::ALL {
        let table = design.table();
        db.execute_unprepared(&format!(
            "CREATE TABLE {table} (id int PRIMARY KEY, title text NOT NULL, body text,
                status text NOT NULL, price numeric(10, 2), updated_at timestamptz NOT NULL)"
        ))
        .await?;
    }
    db.execute_unprepared(FLOOR).await?;
    let spec = TableSpec::new(TableName::parse(&Design::Ours.table())?);
    let registry = Registry::builder().table(spec).build()?;
    threadline_migration::sync(db, &registry).await?;
    Ok(())
}

/// Empties the tables and the logs, and fills the tables with `rows` rows that nobody records.
pub(crate) async fn refill(db: &DatabaseConnection, rows: u32) -> Result<(), DbErr> {
    db.execute_unprepared("TRUNCATE bench.floor_log, threadline.audit_changes").await?;
    for design in Design::ALL {
        let table = design.table();
        db.execute_unprepared(&format!(
            "ALTER TABLE {table} DISABLE TRIGGER USER; TRUNCATE {table};
            INSERT INTO {table} SELECT i, 'title ' || i, repeat('body ', 10), 'open', i, now()
            FROM generate_series(1, {rows}) i;"
        ))
        .await?;
        for trigger in triggers(db, &table).await? {
            db.execute_unprepared(&format!("ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}"))
                .await?;
        }
        db.execute_unprepared(&format!("VACUUM ANALYZE {table}")).await?;
    }
    Ok(())
}

async fn triggers(db: &DatabaseConnection, table: &str) -> Result<Vec<String>, DbErr> {
    let sql = "SELECT quote_ident(tgname) AS name FROM pg_trigger \
               WHERE tgrelid = $1::text::regclass AND NOT tgisinternal";
    let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, [table.into()]);
    db.query_all_raw(statement).await?.iter().map(|row| row.try_get("", "name")).collect()
}
