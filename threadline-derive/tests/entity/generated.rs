use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, threadline::Audited)]
#[sea_orm(table_name = "accounts")]
#[audited(exclude(password_hash), mask(iban, r#type), quiet(last_seen_at), placeholder = "***")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    pub password_hash: String,
    pub iban: Option<String>,
    pub r#type: String,
    pub last_seen_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
