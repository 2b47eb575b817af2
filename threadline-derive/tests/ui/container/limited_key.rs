use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
#[audited(key = [tenant])]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(max_bytes = 9)]
    pub tenant: String,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
