use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(max_bytes = 10, exclude)]
    pub a: String,
    #[audited(mask, max_bytes = 10)]
    pub b: String,
    #[audited(hash, max_bytes = 10)]
    pub c: String,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
