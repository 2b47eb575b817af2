use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(mask, hash)]
    pub a: String,
    #[audited(exclude, mask_json = "k")]
    pub b: Json,
    #[audited(hash, mask_json = "k")]
    pub c: Json,
    #[audited(exclude, mask, hash)]
    pub d: String,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
