//! Every way in which SeaORM writes.

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait,
    ExprTrait, IntoActiveModel, ModelTrait, QueryFilter, Statement, TransactionTrait,
    sea_query::Expr,
};
use serde_json::json;
use threadline::Registry;

use crate::fixture::Fixture;

mod note {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "notes")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
        #[sea_orm(unique)]
        pub(super) title: String,
        pub(super) stars: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

async fn notes() -> Fixture {
    let f = Fixture::installed().await;
    f.run("CREATE TABLE notes (id serial PRIMARY KEY, title text NOT NULL UNIQUE, stars int NOT NULL)")
        .await;
    let registry = Registry::builder().register::<note::Entity>().build().expect("holds together");
    threadline_migration::sync(&f.db, &registry).await.expect("syncs");
    f
}

fn draft(title: &str) -> note::ActiveModel {
    note::ActiveModel { title: Set(title.to_owned()), stars: Set(0), ..Default::default() }
}

#[tokio::test]
async fn active_models_are_recorded() {
    let f = notes().await;
    let saved = draft("a").save(&f.db).await.expect("inserts");
    let saved = note::ActiveModel { stars: Set(1), ..saved }.save(&f.db).await.expect("updates");
    let model = draft("b").insert(&f.db).await.expect("inserts");
    let mut changed = model.clone().into_active_model();
    changed.title = Set("c".to_owned());
    changed.update(&f.db).await.expect("updates");
    saved.delete(&f.db).await.expect("deletes");
    model.delete(&f.db).await.expect("deletes");
    assert_eq!(
        f.operations().await,
        [
            "insert {\"id\": 1}",
            "update {\"id\": 1}",
            "insert {\"id\": 2}",
            "update {\"id\": 2}",
            "delete {\"id\": 1}",
            "delete {\"id\": 2}"
        ]
    );
    assert_eq!(f.changes().await[1][4], json!({"stars": 0}), "only what is different");
}

#[tokio::test]
async fn writes_of_many_rows_are_recorded() {
    let f = notes().await;
    note::Entity::insert_many([draft("a"), draft("b"), draft("c")])
        .exec(&f.db)
        .await
        .expect("inserts");
    let done = note::Entity::update_many()
        .col_expr(note::Column::Stars, Expr::col(note::Column::Stars).add(5))
        .filter(note::Column::Id.gt(1))
        .exec_with_returning(&f.db)
        .await
        .expect("updates");
    assert_eq!(done.len(), 2);
    note::Entity::delete_many()
        .filter(note::Column::Stars.eq(0))
        .exec(&f.db)
        .await
        .expect("deletes");
    note::Entity::delete_by_id(2).exec(&f.db).await.expect("deletes");
    assert_eq!(
        f.operations().await,
        [
            "insert {\"id\": 1}",
            "insert {\"id\": 2}",
            "insert {\"id\": 3}",
            "update {\"id\": 2}",
            "update {\"id\": 3}",
            "delete {\"id\": 1}",
            "delete {\"id\": 2}"
        ]
    );
}

#[tokio::test]
async fn inserts_that_conflict_are_recorded_as_what_they_did() {
    let f = notes().await;
    draft("a").insert(&f.db).await.expect("inserts");
    let upsert = OnConflict::column(note::Column::Title).value(note::Column::Stars, 9).to_owned();
    note::Entity::insert_many([draft("a"), draft("b")])
        .on_conflict(upsert)
        .exec_with_returning(&f.db)
        .await
        .expect("upserts");
    let ignore = OnConflict::column(note::Column::Title).do_nothing().to_owned();
    let ignored =
        note::Entity::insert(draft("a")).on_conflict(ignore).try_insert().exec(&f.db).await;
    assert!(ignored.is_ok());
    let mut operations = f.operations().await;
    operations.sort();
    assert_eq!(operations, ["insert {\"id\": 1}", "insert {\"id\": 3}", "update {\"id\": 1}"]);
}

#[tokio::test]
async fn raw_and_built_statements_within_a_transaction_are_recorded() {
    let f = notes().await;
    let txn = f.db.begin().await.expect("begins");
    let sql = "INSERT INTO notes (title, stars) VALUES ($1, $2), ('plain', 1)";
    let values = ["bound".into(), 3.into()];
    txn.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values))
        .await
        .expect("inserts");
    txn.execute_unprepared("UPDATE notes SET stars = 7 WHERE title = 'bound'")
        .await
        .expect("updates");
    let nested = txn.begin().await.expect("a savepoint");
    note::Entity::delete_many().exec(&nested).await.expect("deletes");
    nested.rollback().await.expect("rolls back");
    txn.commit().await.expect("commits");
    assert_eq!(
        f.operations().await,
        ["insert {\"id\": 1}", "insert {\"id\": 2}", "update {\"id\": 1}"]
    );
    let one = "SELECT to_jsonb(count(*)) FROM threadline.audit_transactions";
    assert_eq!(f.value(one).await, json!(1));
}
