//! A table of another schema, which its entity names; dense.

use sea_orm::entity::prelude::*;
use threadline::Audited;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub(crate) enum State {
    Draft,
    Sent,
    Paid,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(schema_name = "billing", table_name = "invoices")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub person_id: Option<i32>,
    pub amount: Decimal,
    pub state: State,
    pub paid_at: Option<DateTimeUtc>,
    #[audited(mask = "***")]
    pub card: Option<String>,
    #[sea_orm(belongs_to, from = "person_id", to = "id")]
    pub person: BelongsTo<Option<super::person::Entity>>,
}

impl ActiveModelBehavior for ActiveModel {}
