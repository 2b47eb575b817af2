//! A key of two columns; classic.

use sea_orm::entity::prelude::*;
use threadline::Audited;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub doc: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub no: i32,
    pub text: String,
    pub amount: Decimal,
    pub clock: Option<Time>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
