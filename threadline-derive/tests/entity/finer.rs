use threadline::Audited;
use threadline::sea_orm::{self, entity::prelude::*};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "finer")]
#[audited(placeholder = "***", mode = "row", hash(tax_number))]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i32,
    #[audited(hash)]
    pub email: String,
    pub tax_number: Option<i64>,
    #[audited(hash, stand_in = 7)]
    pub points: i32,
    #[audited(mask_json = "address.street, contacts.*.phone")]
    #[audited(mask_json = "\"a.b\".c", max_bytes = 4096, quiet)]
    pub profile: Json,
    #[audited(max_bytes = 1_000)]
    pub body: String,
}

impl ActiveModelBehavior for ActiveModel {}
