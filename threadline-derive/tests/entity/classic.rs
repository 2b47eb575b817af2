use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(schema_name = "crm", table_name = "people")]
#[audited(capture_noop)]
#[audited(placeholder = "-")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[audited(exclude)]
    pub secret: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    #[audited(mask)]
    pub note: Option<String>,
    #[sea_orm(ignore)]
    pub draft: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
