//! Pages, cursors and streams.

use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, StreamTrait,
};

use crate::answer::{Answer, told, unordered};
use crate::entities::{comment, invoice, line, person, post};
use crate::parameters::Parameters;

pub(crate) async fn paginator<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let pages = person::Entity::find().order_by_asc(person::Column::Id).paginate(db, p.limit);
    let numbers = pages.num_items_and_pages().await?;
    let page = pages.fetch_page(p.offset % 4).await?;
    told([format!("{numbers:?} {page:?}")])
}

pub(crate) async fn page_of_a_join<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let pages = post::Entity::find()
        .find_also_related(person::Entity)
        .order_by_desc(post::Column::Id)
        .paginate(db, p.limit);
    told([format!("{:?} {:?}", pages.num_items().await?, pages.fetch_page(0).await?)])
}

pub(crate) async fn all_pages<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let order = post::Entity::find().order_by_asc(post::Column::Title);
    let mut pages = order.order_by_asc(post::Column::Id).paginate(db, p.limit + 4);
    let mut rows = Vec::new();
    while let Some(page) = pages.fetch_and_next().await? {
        rows.push(page);
    }
    told(rows)
}

pub(crate) async fn cursor<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let mut forth = person::Entity::find().cursor_by(person::Column::Id);
    let mut back = person::Entity::find().cursor_by(person::Column::Id);
    let after = forth.after(p.person).first(p.limit).all(db).await?;
    let before = back.before(p.person).last(p.limit).all(db).await?;
    told([after, before])
}

pub(crate) async fn composite_cursor<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let mut cursor = line::Entity::find().cursor_by((line::Column::Doc, line::Column::No));
    told(cursor.after((p.person / 5, p.tag % 5)).first(p.limit).desc().all(db).await?)
}

pub(crate) async fn cursor_by_a_time<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let columns = (person::Column::Joined, person::Column::Id);
    let mut cursor = person::Entity::find().cursor_by(columns);
    told(cursor.after((p.at, p.person)).first(p.limit).all(db).await?)
}

pub(crate) async fn stream<C: ConnectionTrait + StreamTrait>(db: &C, p: &Parameters) -> Answer {
    let people = person::Entity::find().filter(person::Column::Id.lte(p.person));
    unordered(people.stream(db).await?.try_collect::<Vec<_>>().await?)
}

pub(crate) async fn stream_of_a_join<C: ConnectionTrait + StreamTrait>(
    db: &C,
    p: &Parameters,
) -> Answer {
    let found = comment::Entity::find()
        .find_also_related(post::Entity)
        .filter(comment::Column::PersonId.ne(p.person));
    unordered(found.stream(db).await?.try_collect::<Vec<_>>().await?)
}

pub(crate) async fn stream_of_columns<C: ConnectionTrait + StreamTrait>(
    db: &C,
    _: &Parameters,
) -> Answer {
    let found = invoice::Entity::find()
        .select_only()
        .columns([invoice::Column::Id, invoice::Column::Amount])
        .order_by_asc(invoice::Column::Id)
        .into_tuple::<(i32, sea_orm::prelude::Decimal)>();
    told(found.stream(db).await?.try_collect::<Vec<_>>().await?)
}

pub(crate) async fn stream_of_text<C: ConnectionTrait + StreamTrait>(
    db: &C,
    p: &Parameters,
) -> Answer {
    let sql = "SELECT label FROM tags WHERE id <> $1 ORDER BY id";
    let statement =
        Statement::from_sql_and_values(sea_orm::DbBackend::Postgres, sql, [p.tag.into()]);
    let rows = db.stream_raw(statement).await?;
    let labels = rows.and_then(async |row| row.try_get::<String>("", "label"));
    told(labels.try_collect::<Vec<_>>().await?)
}
