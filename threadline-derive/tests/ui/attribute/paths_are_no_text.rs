use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(mask_json)]
    pub a: Json,
    #[audited(mask_json = x.y)]
    pub b: Json,
    #[audited(mask_json(x))]
    pub c: Json,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
