//! A database with audited tables, and the trail as JSON.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use threadline::{CaptureMode, ColumnName, Registry, TableName, TableSpec};
use threadline_migration::Sync;
use threadline_testkit::{Template, TestDb};

/// A database in which Threadline's schema is installed and nothing else.
static INSTALLED: Template = Template::new("installed", |db| {
    Box::pin(async move { Ok(threadline_migration::install(&db).await?) })
});

/// A database of its own, and a pool of one connection to it, so that whatever a test leaves behind
/// on a connection is seen by what comes after.
pub(crate) struct Fixture {
    pub(crate) test_db: TestDb,
    pub(crate) db: DatabaseConnection,
}

impl Fixture {
    /// With Threadline's schema and no table. With `THREADLINE_TEST_OWNER=plain` a role that is no
    /// superuser installs the schema and makes the tables, as it should be in production.
    pub(crate) async fn installed() -> Self {
        if plain_owner() {
            return Self::owned_by_a_plain_role().await;
        }
        let test_db = TestDb::from(&INSTALLED).await;
        let db = test_db.pool_of(1).await;
        Self { test_db, db }
    }

    async fn owned_by_a_plain_role() -> Self {
        let test_db = TestDb::empty().await;
        let db = test_db.pool_of_as(1, "owner").await;
        let (name, owner) = (test_db.name(), test_db.role("owner"));
        let rights = format!(
            "GRANT CREATE ON DATABASE {name} TO {owner}; GRANT CREATE ON SCHEMA public TO {owner}"
        );
        run(&test_db.pool_of(1).await, &rights).await;
        threadline_migration::install(&db).await.expect("a plain role can install");
        Self { test_db, db }
    }

    /// With the tables of `ddl`, and those of `specs` under audit.
    pub(crate) async fn audited(ddl: &str, specs: impl IntoIterator<Item = TableSpec>) -> Self {
        let fixture = Self::installed().await;
        fixture.run(ddl).await;
        fixture.sync(specs).await;
        fixture
    }

    /// Puts tables under audit, and records none of the rows that they have already.
    pub(crate) async fn sync(&self, specs: impl IntoIterator<Item = TableSpec>) {
        let registry = registry(specs);
        let sync = Sync::new(&registry).without_baseline();
        sync.run(&self.db).await.expect("the tables can be audited");
    }

    /// Runs a script, as psql would.
    pub(crate) async fn run(&self, sql: &str) {
        run(&self.db, sql).await;
    }

    /// Every change so far, in order, as `[op, key, data_after, changed_fields, changed_from]`.
    pub(crate) async fn changes(&self) -> Vec<Value> {
        let sql = "SELECT jsonb_build_array(op, row_pk, data_after, changed_fields, changed_from) \
                   FROM threadline.audit_changes ORDER BY id";
        self.values(sql).await
    }

    /// The operations and keys so far, in order, as `"insert {\"id\": 1}"`.
    pub(crate) async fn operations(&self) -> Vec<String> {
        let sql = "SELECT to_jsonb(concat_ws(' ', op, row_pk)) \
                   FROM threadline.audit_changes ORDER BY id";
        let values = self.values(sql).await;
        values.iter().map(|value| value.as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The first column of each row, which must be `jsonb`.
    pub(crate) async fn values(&self, sql: &str) -> Vec<Value> {
        values(&self.db, sql).await
    }

    /// The first column of the only row.
    pub(crate) async fn value(&self, sql: &str) -> Value {
        let mut values = self.values(sql).await;
        assert_eq!(values.len(), 1, "{sql}");
        values.remove(0)
    }
}

/// Whether the owner of these tests' trail is no superuser.
fn plain_owner() -> bool {
    std::env::var("THREADLINE_TEST_OWNER").is_ok_and(|owner| owner == "plain")
}

pub(crate) fn registry(specs: impl IntoIterator<Item = TableSpec>) -> Registry {
    let specs = specs.into_iter().map(in_mode_of_the_run);
    let builder = specs.fold(Registry::builder(), |builder, spec| builder.table(spec));
    builder.build().expect("the specs hold together")
}

/// `THREADLINE_TEST_MODE=row` runs every test that leaves the mode to the catalog in row mode.
fn in_mode_of_the_run(spec: TableSpec) -> TableSpec {
    match std::env::var("THREADLINE_TEST_MODE").as_deref() {
        Ok("row") if spec.mode().is_auto() => spec.in_mode(CaptureMode::Row),
        Ok("row") | Err(_) => spec,
        Ok(other) => panic!("THREADLINE_TEST_MODE is `row` or not set, not `{other}`"),
    }
}

/// `sql`, which is written for the schema `threadline`, for the one that these tests run with.
pub(crate) fn written(sql: &str) -> String {
    threadline::schema().expect("a schema's name").rewrite(sql).into_owned()
}

pub(crate) async fn run(db: &impl ConnectionTrait, sql: &str) {
    let sql = &written(sql);
    db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
}

pub(crate) async fn values(db: &impl ConnectionTrait, sql: &str) -> Vec<Value> {
    let sql = &written(sql);
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = db.query_all_raw(statement).await.unwrap_or_else(|error| panic!("{error}\n{sql}"));
    rows.iter()
        .map(|row| row.try_get_by_index::<Option<Value>>(0).expect("jsonb").unwrap_or(Value::Null))
        .collect()
}

/// A policy that redacts nothing.
pub(crate) fn plain(table: &str) -> TableSpec {
    TableSpec::new(TableName::parse(table).expect("a table's name"))
}

pub(crate) fn column(name: &str) -> ColumnName {
    ColumnName::new(name).expect("a column's name")
}

/// `changed_fields` and `changed_from` of one of [`Fixture::changes`].
pub(crate) fn difference(change: &Value) -> [Value; 2] {
    [change[3].clone(), change[4].clone()]
}

/// The first column of the only row, which must be `jsonb`.
pub(crate) async fn value(db: &impl ConnectionTrait, sql: &str) -> Value {
    let mut values = values(db, sql).await;
    assert_eq!(values.len(), 1, "{sql}");
    values.remove(0)
}
