//! A row that was recorded as it stood is a version like any other.

use chrono::{DateTime, Utc};
use serde_json::json;
use threadline::{Absence, AuditedHistory, Operation, Reified, change_diff};

use super::{attached, baseline};
use crate::fixture::{Fixture, plain};

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#[allow(unreachable_pub)]
mod entry {
    use sea_orm::entity::prelude::*;
    use threadline::{Audited, sea_orm};

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "t")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i32,
        pub v: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

const DDL: &str = "CREATE TABLE t (id int PRIMARY KEY, v text NOT NULL)";

async fn now(f: &Fixture) -> DateTime<Utc> {
    let now = f.value("SELECT to_jsonb(clock_timestamp())").await;
    f.run("SELECT pg_sleep(0.002)").await;
    serde_json::from_value(now).expect("a time")
}

#[tokio::test]
async fn history_and_as_of_know_a_row_from_the_horizon_on() {
    let f =
        attached(&format!("{DDL}; INSERT INTO t VALUES (1, 'old'), (2, 'gone')"), plain("t")).await;
    let attached = now(&f).await;
    f.run("DELETE FROM t WHERE id = 2").await;
    baseline(&f).await;
    let recorded = now(&f).await;
    f.run("UPDATE t SET v = 'new'").await;
    let at = async |id: i32, moment| entry::Entity::as_of(id, moment, &f.db).await.expect("reads");
    let old = || Reified::Exact(entry::Model { id: 1, v: "old".to_owned() });
    assert_eq!(at(1, recorded).await, old());
    assert_eq!(at(1, attached).await, old(), "nothing has changed it in between");
    assert!(matches!(at(2, recorded).await, Reified::Absent(Absence::Deleted { .. })));
    assert_eq!(at(3, recorded).await, Reified::Absent(Absence::NeverExisted));
    let versions = entry::Entity::history(1).all(&f.db).await.expect("reads");
    let ops: Vec<Operation> = versions.iter().map(|version| version.change.op).collect();
    assert_eq!(ops, [Operation::Baseline, Operation::Update]);
    assert_eq!(versions[0].row, old());
    let diff = serde_json::to_value(change_diff(&versions[0].change)).expect("is JSON");
    assert_eq!(diff["op"], json!("BASELINE"), "{diff}");
}
