use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(mask_json = "x.y, x")]
    pub a: Json,
    #[audited(mask_json = "x.*.y", mask_json = "x.k")]
    pub b: Json,
    #[audited(mask_json = "x", mask_json = "x")]
    pub c: Json,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
