//! What is loaded in further queries.

use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityLoaderTrait, EntityTrait, LoaderTrait, QueryFilter,
    QueryOrder,
};

use crate::answer::{Answer, told};
use crate::entities::{comment, invoice, person, post, post_tag, tag};
use crate::parameters::Parameters;

async fn posts<C: ConnectionTrait>(
    db: &C,
    p: &Parameters,
) -> Result<Vec<post::Model>, sea_orm::DbErr> {
    let found = post::Entity::find().filter(post::Column::Id.gte(p.post / 2));
    found.order_by_asc(post::Column::Id).all(db).await
}

pub(crate) async fn load_one<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let posts = posts(db, p).await?;
    told(posts.load_one(person::Entity, db).await?)
}

pub(crate) async fn load_many<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let posts = posts(db, p).await?;
    let comments = comment::Entity::find().order_by_asc(comment::Column::Id);
    told(posts.load_many(comments, db).await?)
}

pub(crate) async fn load_many_to_many<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let posts = posts(db, p).await?;
    let tags = tag::Entity::find().order_by_asc(tag::Column::Id);
    let mut loaded = posts.load_many_to_many(tags, post_tag::Entity, db).await?;
    // They come in the order of the junction, which nobody can ask for.
    loaded.iter_mut().for_each(|tags| tags.sort_by_key(|tag| tag.id));
    told(loaded)
}

pub(crate) async fn load_self<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let found = person::Entity::find().filter(person::Column::Id.gte(p.person));
    let people = found.order_by_asc(person::Column::Id).all(db).await?;
    let all = person::Entity::find().order_by_asc(person::Column::Id);
    let bosses = people.load_self(person::Entity, person::Relation::Boss, db).await?;
    let teams = people.load_self_many(all, person::Relation::Boss, db).await?;
    told(bosses.iter().zip(teams))
}

pub(crate) async fn entity_loader<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let loaded = person::Entity::load()
        .filter(person::Column::Id.gte(p.person))
        .with(post::Entity)
        .with(invoice::Entity)
        .order_by_asc(person::Column::Id)
        .all(db)
        .await?;
    let sorted = loaded.into_iter().map(|loaded| {
        let mut posts: Vec<String> = loaded.posts.iter().map(|p| format!("{p:?}")).collect();
        let mut bills: Vec<String> = loaded.invoices.iter().map(|i| format!("{i:?}")).collect();
        posts.sort();
        bills.sort();
        (loaded.id, loaded.name, posts, bills)
    });
    told(sorted)
}

pub(crate) async fn nested_entity_loader<C: ConnectionTrait>(db: &C, p: &Parameters) -> Answer {
    let loaded = post::Entity::load()
        .filter_by_id(p.post)
        .with(tag::Entity)
        .with((person::Entity, invoice::Entity))
        .one(db)
        .await?;
    let told_of = loaded.map(|loaded| {
        let mut tags: Vec<String> = loaded.tags.iter().map(|tag| format!("{tag:?}")).collect();
        tags.sort();
        let author = loaded.author.as_ref().map(|author| {
            let mut bills: Vec<String> = author.invoices.iter().map(|i| format!("{i:?}")).collect();
            bills.sort();
            (author.id, author.email.clone(), bills)
        });
        (loaded.id, loaded.title.clone(), tags, author)
    });
    told([told_of])
}
