use threadline::sea_orm::{self, entity::prelude::*};

/// As a host that has the derive from a crate of its own.
mod platform {
    pub(super) use threadline as audit;
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, platform::audit::Audited)]
#[sea_orm(table_name = "elsewhere")]
#[audited(crate = self::platform::audit)]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(mask)]
    pub secret: String,
}

impl ActiveModelBehavior for ActiveModel {}
