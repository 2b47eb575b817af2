//! Rows by their keys.

use sea_orm::sea_query::Expr;
use sea_orm::sea_query::ExprTrait as _;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, SelectExt as _};

use crate::answer::{Answer, told, unordered};
use crate::entities::{comment, invoice, line, person, post, post_tag};
use crate::parameters::Parameters;

pub(crate) async fn integer<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    told([person::Entity::find_by_id(p.person).one(db).await?])
}

pub(crate) async fn bigint<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    told([post::Entity::find_by_id(p.post).one(db).await?])
}

pub(crate) async fn uuid<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    told([comment::Entity::find_by_id(p.comment).one(db).await?])
}

pub(crate) async fn composite<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let line = line::Entity::find_by_id((p.person / 5, p.tag % 5)).one(db).await?;
    let note = post_tag::Entity::find_by_id((p.post, p.tag)).one(db).await?;
    told([format!("{line:?} {note:?}")])
}

pub(crate) async fn half_of_a_composite<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let lines = line::Entity::find().filter(line::Column::Doc.eq(p.tag % 5));
    told(lines.order_by_asc(line::Column::No).all(db).await?)
}

pub(crate) async fn of_another_schema<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    told([invoice::Entity::find_by_id(p.person).one(db).await?])
}

pub(crate) async fn list<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let people = person::Entity::find().filter(person::Column::Id.is_in(p.people.clone()));
    unordered(people.all(db).await?)
}

pub(crate) async fn list_of_uuids<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = comment::Entity::find().filter(comment::Column::Id.is_in(p.comments.clone()));
    unordered(found.all(db).await?)
}

pub(crate) async fn list_or_other<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let keys = post::Column::Id.is_in(p.posts.clone());
    unordered(post::Entity::find().filter(keys.or(post::Column::IsOpen.eq(p.flag))).all(db).await?)
}

pub(crate) async fn key_and_more<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = person::Entity::find_by_id(p.person).filter(person::Column::Mood.eq(p.mood));
    told([found.one(db).await?])
}

pub(crate) async fn two_keys_at_once<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let mut found = post::Entity::find_by_id(p.post);
    for key in &p.posts {
        found = found.filter(post::Column::Id.ne(*key));
    }
    told([found.filter(post::Column::Id.gte(1)).one(db).await?])
}

pub(crate) async fn pairs<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let pair = Expr::tuple([Expr::col(line::Column::Doc), Expr::col(line::Column::No)]);
    let pairs = p.people.iter().map(|n| Expr::tuple([Expr::val(n / 5), Expr::val(n % 5)]));
    let found = line::Entity::find().filter(pair.is_in(pairs));
    unordered(found.all(db).await?)
}

pub(crate) async fn exists<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    told([person::Entity::find_by_id(p.person).exists(db).await?])
}
