//! Rows by what they hold, and in which order.

use sea_orm::sea_query::extension::postgres::PgExpr as _;
use sea_orm::sea_query::{Expr, NullOrdering};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, Order, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::answer::{Answer, told, unordered};
use crate::entities::{comment, invoice, line, person, post};
use crate::parameters::Parameters;

pub(crate) async fn all_people<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(person::Entity::find().all(db).await?)
}

pub(crate) async fn all_posts<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(post::Entity::find().all(db).await?)
}

pub(crate) async fn all_comments<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(comment::Entity::find().all(db).await?)
}

pub(crate) async fn all_lines<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(line::Entity::find().all(db).await?)
}

pub(crate) async fn all_invoices<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    unordered(invoice::Entity::find().all(db).await?)
}

pub(crate) async fn enums<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let people = person::Entity::find().filter(person::Column::Mood.ne(p.mood));
    let states = invoice::Entity::find().filter(invoice::Column::State.is_in([p.state]));
    let (people, states) = (people.all(db).await?, states.all(db).await?);
    unordered([unordered(people)?, unordered(states)?].concat())
}

pub(crate) async fn patterns<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let name = Condition::any()
        .add(person::Column::Name.contains("a"))
        .add(person::Column::Name.starts_with("C"))
        .add(person::Column::Name.like("%\\_"))
        .add(Expr::col(person::Column::Name).ilike("D%"))
        .add(person::Column::Name.eq(p.name.as_str()));
    unordered(person::Entity::find().filter(name).all(db).await?)
}

pub(crate) async fn lists<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let bosses = person::Column::BossId.is_in(p.people.clone());
    let others = person::Column::BossId.is_not_in(p.people.clone());
    let some = person::Entity::find().filter(bosses).all(db).await?;
    let rest = person::Entity::find().filter(others).all(db).await?;
    told([unordered(some)?, unordered(rest)?])
}

pub(crate) async fn ranges<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = person::Entity::find()
        .filter(person::Column::Score.between(p.low, p.high))
        .filter(person::Column::Joined.lt(p.at));
    unordered(found.all(db).await?)
}

pub(crate) async fn nulls<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let column = [person::Column::Score, person::Column::BossId, person::Column::Profile]
        [usize::try_from(p.limit % 3).unwrap_or_default()];
    let is = if p.flag { column.is_null() } else { column.is_not_null() };
    unordered(person::Entity::find().filter(is).all(db).await?)
}

pub(crate) async fn json<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let city = Expr::cust_with_values("profile #>> '{address,city}' = $1", [p.city]);
    let street = Expr::cust("profile #> '{address,street}' = '\"[REDACTED]\"'");
    let found = person::Entity::find().filter(if p.flag { city } else { street });
    let contains = Expr::cust_with_values(
        "extra @> jsonb_build_object('k', $1::int)",
        [i32::try_from(p.limit % 4).unwrap_or_default()],
    );
    let extras = comment::Entity::find().filter(contains).all(db).await?;
    told([unordered(found.all(db).await?)?, unordered(extras)?])
}

pub(crate) async fn arrays<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let holds = Expr::cust_with_values("$1 = ANY (tags)", [p.word]);
    let overlaps = Expr::cust_with_values("tags && array_append(NULL, $1::text)", [p.word]);
    let some = person::Entity::find().filter(holds).all(db).await?;
    let more = person::Entity::find().filter(overlaps).all(db).await?;
    let marks = post::Entity::find().filter(Expr::cust("marks[1] > cardinality(marks)"));
    told([unordered(some)?, unordered(more)?, unordered(marks.all(db).await?)?])
}

pub(crate) async fn nested<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let either = Condition::any()
        .add(post::Column::IsOpen.eq(p.flag))
        .add(Condition::all().add(post::Column::Id.gt(p.post)).add(post::Column::Day.is_not_null()))
        .add(Condition::any().not().add(post::Column::AuthorId.eq(p.person)));
    unordered(post::Entity::find().filter(either).all(db).await?)
}

pub(crate) async fn page<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let order = if p.flag { Order::Asc } else { Order::Desc };
    let found = person::Entity::find()
        .order_by(person::Column::Mood, order.clone())
        .order_by_with_nulls(person::Column::Score, order, NullOrdering::Last)
        .order_by_desc(person::Column::Id)
        .limit(p.limit)
        .offset(p.offset);
    told(found.all(db).await?)
}

pub(crate) async fn page_by_key<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = post::Entity::find().order_by_asc(post::Column::Id).offset(p.offset).limit(p.limit);
    told(found.all(db).await?)
}

/// Who asks for a masked value finds the mask.
pub(crate) async fn redacted<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let pin = if p.flag { "[REDACTED]" } else { "1234" };
    let by_pin = person::Entity::find().filter(person::Column::Pin.eq(pin)).all(db).await?;
    let by_wage = person::Entity::find().filter(person::Column::Wage.eq(7)).all(db).await?;
    let by_card = invoice::Entity::find().filter(invoice::Column::Card.eq("***")).all(db).await?;
    let by_body = post::Entity::find().filter(post::Column::Body.eq("")).all(db).await?;
    told([unordered(by_pin)?, unordered(by_wage)?, unordered(by_card)?, unordered(by_body)?])
}

pub(crate) async fn newer_column<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let nick = person::Column::Nick;
    let found = person::Entity::find().filter(if p.flag { nick.is_null() } else { nick.eq("n") });
    unordered(found.all(db).await?)
}
