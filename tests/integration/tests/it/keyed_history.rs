//! The history of a row by `Entity::history`, whatever its key is made of.

use sea_orm::prelude::*;
use serde_json::json;
use threadline::prelude::*;
use threadline::{Operation, Registry, Reified};

use crate::fixture::Fixture;

mod event {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "events")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) at: ChronoDateTimeUtc,
        pub(super) v: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

mod stay {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    /// Its key's columns stand in another order than in the table's index.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "stays")]
    pub(super) struct Model {
        pub(super) v: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) price: Decimal,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) room: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) night: ChronoDate,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) tag: Vec<u8>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const WHOLE: [Operation; 3] = [Operation::Insert, Operation::Update, Operation::Delete];

async fn audited<E: Audited + Default>(ddl: &str) -> Fixture {
    let f = Fixture::installed().await;
    f.run(ddl).await;
    let registry = Registry::builder().register::<E>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f
}

#[tokio::test]
async fn a_time_is_the_same_key_in_every_time_zone() {
    let f = audited::<event::Entity>(
        "CREATE TABLE events (at timestamptz PRIMARY KEY, v int NOT NULL)",
    )
    .await;
    f.run("SET timezone = 'Asia/Kathmandu'; INSERT INTO events VALUES ('2026-01-02 05:45:00', 1)")
        .await;
    f.run("SET timezone = 'America/New_York'; UPDATE events SET v = 2").await;
    f.run("SET timezone = 'UTC'; DELETE FROM events").await;
    let at: ChronoDateTimeUtc = "2026-01-02T00:00:00Z".parse().expect("a time");
    for zone in ["UTC", "Asia/Kathmandu"] {
        f.run(&format!("SET timezone = '{zone}'")).await;
        let versions = event::Entity::history(at).all(&f.db).await.expect("reads");
        let ops: Vec<Operation> = versions.iter().map(|version| version.change.op).collect();
        assert_eq!(ops, WHOLE, "read in {zone}");
        assert_eq!(versions[1].row, Reified::Exact(event::Model { at, v: 2 }), "{zone}");
    }
}

#[tokio::test]
async fn a_key_of_many_types_is_found_by_its_values() {
    let f = audited::<stay::Entity>(
        "CREATE TABLE stays (v int NOT NULL, price numeric(8, 2), night date, tag bytea, room uuid,
            PRIMARY KEY (tag, room, night, price))",
    )
    .await;
    let room: Uuid = "00000000-0000-0000-0000-00000000000a".parse().expect("a uuid");
    let night: ChronoDate = "2026-01-02".parse().expect("a date");
    f.run("SET bytea_output = 'escape'; SET datestyle = 'German'").await;
    f.run(&format!("INSERT INTO stays VALUES (1, 5, '2026-01-02', '\\x00ff', '{room}')")).await;
    f.run("UPDATE stays SET v = 2; DELETE FROM stays").await;
    let key = (Decimal::new(5, 0), room, night, vec![0, 255]);
    let versions = stay::Entity::history(key).all(&f.db).await.expect("reads");
    let ops: Vec<Operation> = versions.iter().map(|version| version.change.op).collect();
    assert_eq!(ops, WHOLE);
    let key = f.values("SELECT DISTINCT row_pk FROM threadline.audit_changes").await;
    assert_eq!(key, [json!({"price": 5.0, "room": room, "night": "2026-01-02", "tag": "\\x00ff"})]);
}

#[tokio::test]
async fn json_that_rust_cannot_hold_spoils_neither_history_nor_timeline() {
    let f = audited::<event::Entity>(
        "CREATE TABLE events (at timestamptz PRIMARY KEY, v int NOT NULL, n numeric, doc jsonb,
            deep jsonb)",
    )
    .await;
    f.run(
        r#"INSERT INTO events VALUES ('2026-01-02 00:00:00+00', 1, '-1e400', '{"k": [1e400, "1e400"]}')"#,
    )
    .await;
    f.run("UPDATE events SET n = 1.5, deep = (repeat('[', 500) || repeat(']', 500))::jsonb").await;
    f.run(r#"SELECT set_config('threadline.context', '{"meta": {"k": 1e400}}', false)"#).await;
    f.run("UPDATE events SET deep = NULL").await;
    let at: ChronoDateTimeUtc = "2026-01-02T00:00:00Z".parse().expect("a time");
    let versions = event::Entity::history(at).all(&f.db).await.expect("reads");
    assert_eq!(versions.len(), 3);
    let entries = threadline::timeline(&f.db, &threadline::Filter::new()).await.expect("reads");
    assert_eq!(entries.len(), 3);
    let incident = entries[0].transaction.id;
    threadline::incident_bundle(&f.db, incident).await.expect("reads");
    let first = versions[0].change.data_after.as_ref().expect("an insert has a row");
    assert!(first["n"].as_str().is_some_and(|digits| digits.len() == 402), "as text: {first:?}");
    assert!(first["doc"].as_str().is_some_and(|doc| doc.contains("1e400")), "{first:?}");
}
