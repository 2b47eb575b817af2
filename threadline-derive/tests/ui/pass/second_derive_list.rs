use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Audited)]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(exclude)]
    pub password_hash: String,
    #[audited(mask)]
    pub tax_number: Option<i64>,
    #[audited(quiet)]
    pub seen: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

fn main() {}
