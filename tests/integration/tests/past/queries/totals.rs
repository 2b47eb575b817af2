//! Counts, groups and columns.

use sea_orm::prelude::{DateTimeUtc, Decimal};
use sea_orm::sea_query::{Expr, ExprTrait as _, Func};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DerivePartialModel, EntityTrait, FromQueryResult, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use crate::answer::{Answer, told, unordered};
use crate::entities::person::Mood;
use crate::entities::{comment, invoice, line, person, post};
use crate::parameters::Parameters;

#[derive(Debug, DerivePartialModel)]
#[sea_orm(entity = "person::Entity")]
#[allow(dead_code)]
struct Card {
    id: i32,
    #[sea_orm(from_col = "name")]
    called: String,
    mood: Mood,
    #[sea_orm(
        from_expr = "Expr::from(Func::upper(Expr::col((person::Entity, person::Column::Email))))"
    )]
    mail: String,
}

#[derive(Debug, FromQueryResult)]
#[allow(dead_code)]
struct OfMood {
    mood: Mood,
    people: i64,
    score: Option<Decimal>,
    last: Option<DateTimeUtc>,
}

pub(crate) async fn count<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let people = person::Entity::find().count(db).await?;
    let posts = post::Entity::find().filter(post::Column::IsOpen.eq(p.flag)).count(db).await?;
    let invoices = invoice::Entity::find().count(db).await?;
    let comments = comment::Entity::find().filter(comment::Column::PostId.eq(p.post)).count(db);
    told([people, posts, invoices, comments.await?])
}

pub(crate) async fn columns<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found: Vec<(i32, Option<Decimal>, Vec<String>)> = person::Entity::find()
        .select_only()
        .columns([person::Column::Id, person::Column::Score, person::Column::Tags])
        .filter(person::Column::Id.ne(p.person))
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}

pub(crate) async fn partial_models<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(person::Entity::find().into_partial_model::<Card>().all(db).await?)
}

pub(crate) async fn groups<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = person::Entity::find()
        .select_only()
        .column(person::Column::Mood)
        .column_as(person::Column::Id.count(), "people")
        .column_as(person::Column::Score.sum(), "score")
        .column_as(person::Column::Joined.max(), "last")
        .group_by(person::Column::Mood)
        .having(person::Column::Id.count().gte(i64::try_from(p.limit % 4).unwrap_or_default()));
    unordered(found.into_model::<OfMood>().all(db).await?)
}

pub(crate) async fn groups_of_hashes<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    let found: Vec<(String, i64)> = person::Entity::find()
        .select_only()
        .column(person::Column::Email)
        .column_as(Expr::cust("count(*)"), "n")
        .group_by(person::Column::Email)
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}

pub(crate) async fn aggregates<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    type Sums = (Option<Decimal>, Option<Decimal>, Option<Decimal>, i64);
    let found: Option<Sums> = line::Entity::find()
        .select_only()
        .column_as(line::Column::Amount.min(), "least")
        .column_as(line::Column::Amount.sum(), "all")
        .column_as(Expr::cust("round(avg(amount), 3)"), "mean")
        .column_as(Expr::cust("count(DISTINCT text)"), "texts")
        .filter(line::Column::Amount.gt(p.low))
        .into_tuple()
        .one(db)
        .await?;
    told([found])
}

pub(crate) async fn totals_of_another_schema<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found: Vec<(Option<String>, Option<Decimal>)> = invoice::Entity::find()
        .select_only()
        .left_join(person::Entity)
        .column(person::Column::Name)
        .column_as(invoice::Column::Amount.sum(), "sum")
        .filter(invoice::Column::State.ne(p.state))
        .group_by(person::Column::Name)
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}

pub(crate) async fn distinct<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    let found = person::Entity::find().select_only().column(person::Column::BossId).distinct();
    let all: Vec<Option<i32>> = found.into_tuple().all(db).await?;
    let newest = post::Entity::find()
        .distinct_on([post::Column::AuthorId])
        .order_by_asc(post::Column::AuthorId)
        .order_by_desc(post::Column::Id);
    told([unordered(all)?, told(newest.all(db).await?)?])
}

pub(crate) async fn json<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let one = person::Entity::find_by_id(p.person).into_json().one(db).await?;
    let all = comment::Entity::find().into_json().all(db).await?;
    let bills = invoice::Entity::find().into_json().all(db).await?;
    told([told([one])?, unordered(all)?, unordered(bills)?])
}
