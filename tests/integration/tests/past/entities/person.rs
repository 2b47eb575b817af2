//! Every kind of column, redacted in every way, with a relation to itself; dense.

use sea_orm::entity::prelude::*;
use threadline::Audited;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
pub(crate) enum Mood {
    #[sea_orm(string_value = "calm")]
    Calm,
    #[sea_orm(string_value = "cross")]
    Cross,
    #[sea_orm(string_value = "happy")]
    Happy,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
#[sea_orm(table_name = "people")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i32,
    pub name: String,
    #[audited(hash)]
    pub email: String,
    pub mood: Mood,
    pub score: Option<Decimal>,
    pub weight: Option<f64>,
    pub boss_id: Option<i32>,
    pub tags: Vec<String>,
    #[audited(mask_json = "address.street")]
    pub profile: Option<Json>,
    pub joined: DateTimeUtc,
    #[audited(mask)]
    pub pin: String,
    #[audited(exclude)]
    pub secret: String,
    #[audited(exclude, stand_in = 7)]
    pub wage: i32,
    // The column is added while others write.
    pub nick: Option<String>,
    #[sea_orm(
        self_ref,
        relation_enum = "Boss",
        relation_reverse = "Team",
        from = "boss_id",
        to = "id"
    )]
    pub boss: BelongsTo<Option<Entity>>,
    #[sea_orm(self_ref, relation_enum = "Team", relation_reverse = "Boss")]
    pub team: HasMany<Entity>,
    #[sea_orm(has_many, relation_enum = "Posts", via_rel = "Author")]
    pub posts: HasMany<super::post::Entity>,
    #[sea_orm(has_many)]
    pub invoices: HasMany<super::invoice::Entity>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Related<super::comment::Entity> for Entity {
    fn to() -> RelationDef {
        super::comment::Relation::Person.def().rev()
    }
}

/// From a person to whoever commented on one of the person's posts.
pub(crate) struct Commenters;

impl sea_orm::Linked for Commenters {
    type FromEntity = Entity;
    type ToEntity = Entity;

    fn link(&self) -> Vec<RelationDef> {
        vec![
            super::post::Relation::Author.def().rev(),
            super::comment::Relation::Post.def().rev(),
            super::comment::Relation::Person.def(),
        ]
    }
}
