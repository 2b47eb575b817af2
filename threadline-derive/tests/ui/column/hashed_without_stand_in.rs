use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Level {
    Low,
    High,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(hash)]
    pub hashed: Level,
    #[audited(max_bytes = 9)]
    pub limited: Level,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
