//! What psql and reports read: `threadline.history`, `threadline.as_of` and the view
//! `threadline.changes`.

mod as_of;
mod documents;
mod drift;
mod history;
mod questions;
mod view;

use crate::fixture::{Fixture, written};
use sea_orm::ConnectionTrait;
use threadline::sea_orm;

/// The text of the error that `sql` must end with.
async fn refused(f: &Fixture, sql: &str) -> String {
    f.db.execute_unprepared(&written(sql)).await.expect_err(sql).to_string()
}
