//! A text that may be too large to be stored, an array, and a junction; dense.

use sea_orm::entity::prelude::*;
use threadline::Audited;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "posts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub author_id: Option<i32>,
    pub title: String,
    #[audited(max_bytes = 40)]
    pub body: String,
    pub day: Option<Date>,
    pub is_open: bool,
    pub marks: Vec<i32>,
    #[sea_orm(belongs_to, relation_enum = "Author", from = "author_id", to = "id")]
    pub author: BelongsTo<Option<super::person::Entity>>,
    #[sea_orm(has_many, via = "post_tag")]
    pub tags: HasMany<super::tag::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Related<super::comment::Entity> for Entity {
    fn to() -> RelationDef {
        super::comment::Relation::Post.def().rev()
    }
}
