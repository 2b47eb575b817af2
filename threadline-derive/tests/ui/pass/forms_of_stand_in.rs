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
    #[audited(exclude, stand_in = Level::Low)]
    pub a: Level,
    #[audited(stand_in = vec![1, 2], quiet)]
    pub b: Vec<i32>,
    #[audited(stand_in = { let one = 1; one + 1 })]
    pub c: i32,
    #[audited(exclude, stand_in = if true { "yes".into() } else { String::new() })]
    pub d: String,
    #[audited(stand_in = std::convert::identity::<Option<i32>>(None))]
    pub e: Option<i32>,
    #[audited(hash, stand_in = Level::High)]
    pub f: Level,
    #[audited(mask_json = "a.b, c.*", mask_json = "\"x.y\".\"0\"", max_bytes = 1_000)]
    pub g: Json,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
