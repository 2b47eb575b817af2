use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(max_bytes)]
    pub a: String,
    #[audited(max_bytes = 0)]
    pub b: String,
    #[audited(max_bytes = "1 MB")]
    pub c: String,
    #[audited(max_bytes = 5000000000)]
    pub d: String,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
