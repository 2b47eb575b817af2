use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
#[audited(mask(scret), placeholder = "")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(exlude, mask = 3, quite)]
    pub secret: String,
    #[audited(mask)]
    pub amount: i64,
    #[audited(exclude, mask)]
    pub both: String,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
