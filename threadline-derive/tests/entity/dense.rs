use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Level {
    Low,
    High,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub email: String,
    #[audited(exclude)]
    pub password_hash: String,
    #[audited(mask)]
    pub tax_number: Option<i64>,
    #[audited(mask = "***", quiet)]
    pub phone: String,
    #[audited(quiet)]
    pub last_seen_at: DateTimeUtc,
    #[audited(stand_in = Level::Low)]
    pub level: Level,
    #[sea_orm(has_many)]
    pub members: HasMany<super::composite::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Another entity of the same table, with another policy.
pub mod other {
    use threadline::Audited;
    use threadline::sea_orm::{self, entity::prelude::*};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "users")]
    #[audited(register = false)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub email: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
