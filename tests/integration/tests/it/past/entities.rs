//! The entities whose tables travel in time.

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#![allow(unreachable_pub)]

pub(crate) const DDL: &str = "CREATE SCHEMA billing;
    CREATE TYPE mood AS ENUM ('calm', 'cross');
    CREATE TABLE users (id serial PRIMARY KEY, name text NOT NULL, mood mood NOT NULL DEFAULT 'calm',
        pin varchar(4) NOT NULL DEFAULT '1234', secret text NOT NULL DEFAULT 's3cret',
        email text NOT NULL DEFAULT 'a@b.c', seen timestamptz, balance numeric(20, 6) NOT NULL DEFAULT 0);
    CREATE TABLE posts (id serial PRIMARY KEY, user_id int NOT NULL REFERENCES users ON DELETE CASCADE,
        title text NOT NULL, parent int);
    CREATE TABLE tags (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
    CREATE TABLE post_tags (post_id int, tag_id uuid, PRIMARY KEY (post_id, tag_id));
    CREATE TABLE billing.invoices (id bigserial PRIMARY KEY, user_id int NOT NULL, total numeric NOT NULL);
    CREATE TABLE countries (code text PRIMARY KEY);
    CREATE TABLE strangers (id int PRIMARY KEY)";

pub(crate) mod user {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[derive(Clone, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
    pub(crate) enum Mood {
        #[sea_orm(string_value = "calm")]
        Calm,
        #[sea_orm(string_value = "cross")]
        Cross,
    }

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
        pub mood: Mood,
        #[audited(mask)]
        pub pin: String,
        #[audited(exclude)]
        pub secret: String,
        #[audited(hash)]
        pub email: String,
        pub seen: Option<DateTimeUtc>,
        pub balance: Decimal,
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod post {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "posts")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub user_id: i32,
        pub title: String,
        pub parent: Option<i32>,
        #[sea_orm(belongs_to, from = "user_id", to = "id")]
        pub user: HasOne<super::user::Entity>,
        #[sea_orm(has_many, via = "post_tag")]
        pub tags: HasMany<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod tag {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        #[sea_orm(has_many, via = "post_tag")]
        pub posts: HasMany<super::post::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod post_tag {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, Audited)]
    #[sea_orm(table_name = "post_tags")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub post_id: i32,
        #[sea_orm(primary_key, auto_increment = false)]
        pub tag_id: Uuid,
        #[sea_orm(belongs_to, from = "post_id", to = "id")]
        pub post: HasOne<super::post::Entity>,
        #[sea_orm(belongs_to, from = "tag_id", to = "id")]
        pub tag: HasOne<super::tag::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod invoice {
    use sea_orm::entity::prelude::*;
    use threadline::Audited;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Audited)]
    #[sea_orm(schema_name = "billing", table_name = "invoices")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i32,
        pub total: Decimal,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
