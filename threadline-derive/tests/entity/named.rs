use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "named", rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[sea_orm(column_name = "Full Name")]
    #[audited(exclude)]
    pub name: String,
    #[sea_orm(column_name = "type")]
    #[audited(mask)]
    pub r#type: String,
    #[sea_orm(enum_name = "Sort", column_name = "aKind")]
    #[audited(mask)]
    pub kind: String,
    #[sea_orm(column_name = "selfValue")]
    #[audited(exclude)]
    pub self_: String,
    #[audited(quiet)]
    pub last_seen: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
