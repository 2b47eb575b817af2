//! Rows with their relations.

use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, IntoIden as _};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect, RelationTrait,
};

use crate::answer::{Answer, told, unordered};
use crate::entities::{comment, invoice, person, post, post_tag, tag};
use crate::parameters::Parameters;

pub(crate) async fn also_related<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(post::Entity::find().find_also_related(person::Entity).all(db).await?)
}

pub(crate) async fn also_related_of_one<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    told([post::Entity::find_by_id(p.post).find_also_related(person::Entity).one(db).await?])
}

pub(crate) async fn also_of_another_schema<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = invoice::Entity::find()
        .find_also_related(person::Entity)
        .filter(invoice::Column::State.eq(p.state));
    unordered(found.all(db).await?)
}

pub(crate) async fn both_related<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = post::Entity::find()
        .find_both_related(person::Entity)
        .filter(person::Column::Mood.eq(p.mood));
    unordered(found.all(db).await?)
}

pub(crate) async fn with_related<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    let found = person::Entity::find()
        .find_with_related(post::Entity)
        .order_by_asc(person::Column::Id)
        .order_by_asc(post::Column::Id);
    told(found.all(db).await?)
}

pub(crate) async fn with_many<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = post::Entity::find()
        .filter(post::Column::Id.is_in(p.posts.clone()))
        .find_with_related(tag::Entity)
        .order_by_asc(post::Column::Id)
        .order_by_asc(tag::Column::Id);
    told(found.all(db).await?)
}

pub(crate) async fn of_a_model<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let Some(post) = post::Entity::find_by_id(p.post).one(db).await? else { return told(["none"]) };
    let tags = post.find_related(tag::Entity).all(db).await?;
    let comments = post.find_related(comment::Entity).all(db).await?;
    told([unordered(tags)?, unordered(comments)?])
}

pub(crate) async fn linked<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let also = person::Entity::find()
        .filter(person::Column::Id.lte(p.person))
        .find_also_linked(person::Commenters)
        .all(db)
        .await?;
    let found = person::Entity::find_by_id(p.person).one(db).await?;
    let of_one = match found {
        Some(found) => found.find_linked(person::Commenters).all(db).await?,
        None => Vec::new(),
    };
    told([unordered(also)?, unordered(of_one)?])
}

pub(crate) async fn three_tables<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = comment::Entity::find()
        .find_also_related(post::Entity)
        .find_also(comment::Entity, person::Entity)
        .filter(comment::Column::PersonId.gte(p.person));
    unordered(found.all(db).await?)
}

pub(crate) async fn inner_join<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = post::Entity::find()
        .join(JoinType::InnerJoin, post::Relation::Author.def())
        .filter(person::Column::Name.eq(p.name.as_str()))
        .order_by_asc(post::Column::Id);
    told(found.all(db).await?)
}

pub(crate) async fn left_join_without<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    let found = person::Entity::find()
        .left_join(comment::Entity)
        .filter(comment::Column::Id.is_null())
        .order_by_asc(person::Column::Id);
    told(found.all(db).await?)
}

pub(crate) async fn right_join<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    let found: Vec<(Option<i64>, Option<String>)> = post::Entity::find()
        .select_only()
        .column(post::Column::Id)
        .column(person::Column::Name)
        .join(JoinType::RightJoin, post::Relation::Author.def())
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}

pub(crate) async fn junction<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found: Vec<(i64, Option<String>)> = post::Entity::find()
        .select_only()
        .column(post::Column::Id)
        .column(post_tag::Column::Note)
        .join_rev(JoinType::InnerJoin, post_tag::Relation::Post.def())
        .join(JoinType::InnerJoin, post_tag::Relation::Tag.def())
        .filter(tag::Column::Id.eq(p.tag))
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}

pub(crate) async fn self_join<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let boss = Alias::new("boss");
    let found: Vec<(i32, String, Option<String>)> = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .column(person::Column::Name)
        .expr_as(Expr::col((boss.clone(), person::Column::Name)), "boss_name")
        .join_as(JoinType::LeftJoin, person::Relation::Boss.def(), boss.clone())
        .filter(Expr::col((boss.into_iden(), person::Column::Mood)).cast_as("text").ne(if p.flag {
            "calm"
        } else {
            "cross"
        }))
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}
