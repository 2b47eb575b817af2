//! The entities whose past is asked for, in the dense and in the classic format.

// SeaORM's macros write `pub`, which nothing outside of a test can reach.
#![allow(unreachable_pub)]

pub(crate) mod comment;
pub(crate) mod invoice;
pub(crate) mod line;
pub(crate) mod person;
pub(crate) mod post;
pub(crate) mod post_tag;
pub(crate) mod tag;

use threadline::Registry;

/// The tables as the host's migrations would make them. The types are in a schema of their own, so that
/// they stay where they are while a copy takes the tables' place.
pub(crate) const DDL: &str = "
    CREATE SCHEMA kinds;
    CREATE SCHEMA billing;
    CREATE TYPE kinds.mood AS ENUM ('calm', 'cross', 'happy');
    CREATE TABLE public.people (id int PRIMARY KEY, name text NOT NULL, email varchar(40) NOT NULL,
        legacy int, mood kinds.mood NOT NULL, score numeric(12, 3), weight double precision,
        boss_id int, tags text[] NOT NULL, profile jsonb, joined timestamptz NOT NULL,
        pin varchar(4) NOT NULL, secret text NOT NULL, wage int NOT NULL);
    CREATE TABLE public.posts (id bigint PRIMARY KEY, author_id int, title varchar(40) NOT NULL,
        body text NOT NULL, day date, is_open boolean NOT NULL, marks int[] NOT NULL);
    CREATE TABLE public.comments (id uuid PRIMARY KEY,
        post_id bigint REFERENCES public.posts (id) ON DELETE CASCADE ON UPDATE CASCADE,
        person_id int NOT NULL, text text NOT NULL, written timestamp, extra jsonb);
    CREATE TABLE public.tags (id int PRIMARY KEY, label text NOT NULL);
    CREATE TABLE public.post_tags (post_id bigint NOT NULL, tag_id int NOT NULL, note text,
        PRIMARY KEY (post_id, tag_id));
    CREATE TABLE public.lines (doc int, no int, text text NOT NULL, amount numeric(10, 2) NOT NULL,
        clock time, PRIMARY KEY (doc, no));
    CREATE TABLE billing.invoices (id int PRIMARY KEY, person_id int, amount numeric(12, 2) NOT NULL,
        state text NOT NULL, paid_at timestamptz, card text)";

/// The tables with a schema, in the order of [`DDL`].
pub(crate) const TABLES: [(&str, &str); 7] = [
    ("public", "people"),
    ("public", "posts"),
    ("public", "comments"),
    ("public", "tags"),
    ("public", "post_tags"),
    ("public", "lines"),
    ("billing", "invoices"),
];

pub(crate) fn registry() -> Registry {
    let builder = Registry::builder()
        .register::<person::Entity>()
        .register::<post::Entity>()
        .register::<comment::Entity>()
        .register::<tag::Entity>()
        .register::<post_tag::Entity>()
        .register::<line::Entity>()
        .register::<invoice::Entity>();
    builder.build().expect("the policies hold together")
}
