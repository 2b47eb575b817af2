//! Queries within queries, as SeaORM builds them.

use sea_orm::sea_query::{
    Alias, CommonTableExpression, Expr, ExprTrait as _, Order, Query, UnionType, WithClause,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityName, EntityTrait, FromQueryResult, JoinType, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};

use crate::answer::{Answer, told, unordered};
use crate::entities::{comment, invoice, person, post, post_tag};
use crate::parameters::Parameters;

pub(crate) async fn in_subquery<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let authors = post::Entity::find()
        .select_only()
        .column(post::Column::AuthorId)
        .filter(post::Column::IsOpen.eq(p.flag))
        .filter(post::Column::AuthorId.is_not_null())
        .into_query();
    let column = person::Column::Id;
    let is = if p.limit.is_multiple_of(2) {
        column.in_subquery(authors)
    } else {
        column.not_in_subquery(authors)
    };
    unordered(person::Entity::find().filter(is).all(db).await?)
}

pub(crate) async fn exists<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let open = Query::select()
        .expr(Expr::val(1))
        .from(invoice::Entity.table_ref())
        .and_where(
            Expr::col((invoice::Entity, invoice::Column::PersonId))
                .equals((person::Entity, person::Column::Id)),
        )
        .and_where(invoice::Column::State.eq(p.state))
        .to_owned();
    let exists = Expr::exists(open);
    let is = if p.flag { exists } else { exists.not() };
    unordered(person::Entity::find().filter(is).all(db).await?)
}

pub(crate) async fn scalar<C: ConnectionTrait>(db: &C, _: &Parameters) -> Answer {
    let count = Query::select()
        .expr(Expr::col((post_tag::Entity, post_tag::Column::TagId)).count())
        .from(post_tag::Entity)
        .and_where(
            Expr::col((post_tag::Entity, post_tag::Column::PostId))
                .equals((post::Entity, post::Column::Id)),
        )
        .to_owned();
    let found: Vec<(i64, i64)> = post::Entity::find()
        .select_only()
        .column(post::Column::Id)
        .expr_as(Expr::from(count), "tags")
        .into_tuple()
        .all(db)
        .await?;
    unordered(found)
}

pub(crate) async fn union<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let kind = [UnionType::All, UnionType::Distinct, UnionType::Except, UnionType::Intersect]
        [usize::try_from(p.limit % 4).unwrap_or_default()];
    let mut people = person::Entity::find()
        .select_only()
        .column(person::Column::Id)
        .filter(person::Column::Id.gte(p.person))
        .into_query();
    let commenters =
        comment::Entity::find().select_only().column(comment::Column::PersonId).into_query();
    let both = people.union(kind, commenters);
    let rows = db.query_all(both).await?;
    let ids: Result<Vec<i32>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    unordered(ids?)
}

pub(crate) async fn from_subquery<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let newest = post::Entity::find().order_by_desc(post::Column::Id).limit(p.limit).into_query();
    let statement = Query::select()
        .expr(Expr::cust("sum(id)::text"))
        .from_subquery(newest, Alias::new("posts"))
        .to_owned();
    let row = db.query_one(&statement).await?;
    let sum = row.map(|row| row.try_get_by_index::<Option<String>>(0)).transpose()?;
    told([sum])
}

pub(crate) async fn join_subquery<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let sums = Query::select()
        .column(invoice::Column::PersonId)
        .expr_as(Expr::col(invoice::Column::Amount).sum(), "sum")
        .from((Alias::new("billing"), Alias::new("invoices")))
        .group_by_col(invoice::Column::PersonId)
        .to_owned();
    let statement = Query::select()
        .column((person::Entity, person::Column::Id))
        .expr(Expr::cust("s.sum::text"))
        .from(person::Entity)
        .join_subquery(
            JoinType::LeftJoin,
            sums,
            Alias::new("s"),
            Expr::col((Alias::new("s"), invoice::Column::PersonId))
                .equals((person::Entity, person::Column::Id)),
        )
        .and_where(Expr::col((person::Entity, person::Column::Id)).ne(p.person))
        .order_by((person::Entity, person::Column::Id), Order::Asc)
        .to_owned();
    let rows = db.query_all(&statement).await?;
    let found: Result<Vec<(i32, Option<String>)>, sea_orm::DbErr> =
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect();
    told(found?)
}

pub(crate) async fn own_cte<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let calm = person::Entity::find().filter(person::Column::Mood.eq(p.mood)).into_query();
    let cte = CommonTableExpression::new().query(calm).table_name(Alias::new("of_mood")).to_owned();
    let query = Query::select()
        .columns([(Alias::new("of_mood"), person::Column::Id)])
        .column((post::Entity, post::Column::Title))
        .from(Alias::new("of_mood"))
        .inner_join(
            post::Entity,
            Expr::col((Alias::new("of_mood"), person::Column::Id))
                .equals((post::Entity, post::Column::AuthorId)),
        )
        .to_owned();
    let statement = query.with(WithClause::new().cte(cte).to_owned());
    let rows = db.query_all(&statement).await?;
    let found: Result<Vec<(i32, String)>, sea_orm::DbErr> =
        rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect();
    unordered(found?)
}

pub(crate) async fn model_of_text<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let sql = "SELECT p.*, q.id AS other FROM posts AS p LEFT JOIN posts q ON q.id = p.id + 1 \
               WHERE p.author_id = ANY ($1) OR p.id < $2 ORDER BY p.id";
    let statement = sea_orm::Statement::from_sql_and_values(
        sea_orm::DbBackend::Postgres,
        sql,
        [p.people.clone().into(), p.post.into()],
    );
    told(post::Model::find_by_statement(statement).all(db).await?)
}
