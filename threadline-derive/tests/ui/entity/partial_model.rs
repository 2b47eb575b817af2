use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub secret: String,
}

impl ActiveModelBehavior for ActiveModel {}

#[derive(DerivePartialModel, Audited)]
#[sea_orm(entity = "Entity")]
pub struct UserId {
    pub id: i32,
}

fn main() {}
