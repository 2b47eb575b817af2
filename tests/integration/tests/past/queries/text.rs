//! Statements that the host has written itself.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use serde_json::Value as Json;

use crate::answer::{Answer, told};
use crate::parameters::Parameters;

/// The rows as PostgreSQL tells them, in the order of that.
async fn ask<C: ConnectionTrait>(db: &C, sql: &str, values: Vec<Value>) -> Answer {
    let sql = format!("SELECT to_jsonb(answer) FROM ({sql}) answer ORDER BY 1");
    let rows =
        db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    let rows: Result<Vec<Json>, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    told(rows?)
}

macro_rules! texts {
    ($($name:ident($p:ident): $sql:expr, [$($value:expr),*];)*) => {$(
        pub(crate) async fn $name<C: ConnectionTrait>(db: &C, $p: &Parameters) -> Answer {
            let _ = $p;
            ask(db, $sql, vec![$($value.into()),*]).await
        }
    )*};
}

texts! {
    plain(p): "SELECT id, name, mood, score, weight, tags, profile, joined AT TIME ZONE 'UTC' AS j, pin, nick
        FROM people WHERE id <> $1", [p.person];
    qualified(p): "SELECT x.id, x.email FROM public.people x WHERE x.id >= $1", [p.person];
    qualified_both_ways(p): "SELECT i.id, p.name FROM \"billing\".\"invoices\" AS i
        JOIN public.people p ON p.id = i.person_id JOIN people q ON q.id = p.boss_id
        WHERE i.amount > $1", [p.low];
    columns_by_table(p): "SELECT billing.invoices.id, invoices.amount FROM billing.invoices
        WHERE billing.invoices.person_id <> $1", [p.person];
    quoted(p): "SELECT \"people\".\"id\" FROM \"people\" WHERE \"people\".\"name\" = $1", [p.name.as_str()];
    comma(p): "SELECT p.id, t.label FROM posts p, tags AS t, post_tags pt
        WHERE pt.post_id = p.id AND pt.tag_id = t.id AND t.id <> $1", [p.tag];
    using(p): "SELECT id, label, b.title FROM tags a FULL JOIN posts b USING (id) WHERE id <> $1", [p.post];
    natural(p): "SELECT * FROM (SELECT id AS tag_id, label FROM tags) t NATURAL LEFT JOIN post_tags
        WHERE tag_id <> $1", [p.tag];
    cross(p): "SELECT a.id AS x, b.id AS y FROM tags a CROSS JOIN tags b WHERE a.id < b.id AND b.id <> $1", [p.tag];
    whole_rows(p): "SELECT t AS tag, to_jsonb(pt) AS junction FROM tags t
        LEFT JOIN post_tags pt ON pt.tag_id = t.id WHERE t.id <> $1", [p.tag];
    stars(p): "SELECT t.*, pt.note FROM tags t JOIN post_tags pt ON t.id = pt.tag_id WHERE pt.post_id > $1", [p.post];
    table_command(p): "SELECT id, label FROM (TABLE tags) t UNION ALL (SELECT id, label FROM tags ORDER BY id LIMIT 1)", [];
    own_cte(p): "WITH bosses AS (SELECT DISTINCT boss_id AS id FROM people WHERE boss_id <> $1),
        known AS MATERIALIZED (SELECT p.* FROM people p JOIN bosses USING (id))
        SELECT id, name FROM known", [p.person];
    shadowed(p): "WITH people AS (SELECT id, label FROM tags WHERE id <> $1) SELECT * FROM people", [p.tag];
    shadowed_later(p): "SELECT a.id, (WITH tags AS (SELECT 1 AS one) SELECT one FROM tags) AS one,
        (SELECT count(*) FROM tags) AS many FROM tags a WHERE a.id <> $1", [p.tag];
    shadowing_itself(p): "WITH tags AS (SELECT * FROM tags WHERE id <> $1) SELECT * FROM tags", [p.tag];
    chained_ctes(p): "WITH a AS (SELECT id FROM posts WHERE id > $1), b AS (SELECT id FROM a UNION SELECT tag_id FROM post_tags)
        SELECT b.id, c.text FROM b LEFT JOIN comments c ON c.post_id = b.id", [p.post];
    recursive(p): "WITH RECURSIVE chain (id, boss_id, depth) AS (
            SELECT id, boss_id, 0 FROM people WHERE id = $1
            UNION ALL SELECT p.id, p.boss_id, depth + 1 FROM people p
                JOIN chain ON chain.boss_id = p.id WHERE depth < 6)
        SELECT * FROM chain", [p.person];
    lateral(p): "SELECT p.id, c.text FROM posts p
        CROSS JOIN LATERAL (SELECT c.text FROM comments c WHERE c.post_id = p.id ORDER BY c.id LIMIT 2) c
        WHERE p.id <> $1", [p.post];
    windows(p): "SELECT id, doc_sum::text, rank FROM (SELECT doc * 100 + no AS id,
            sum(amount) OVER w AS doc_sum, rank() OVER (PARTITION BY doc ORDER BY amount, no) AS rank
            FROM lines WINDOW w AS (PARTITION BY doc)) x WHERE rank <= $1",
        [i64::try_from(p.limit).unwrap_or_default()];
    cases(p): "SELECT count(*) FILTER (WHERE mood = 'calm') AS calm, bool_or(score > $1) AS any,
        array_agg(id ORDER BY id) AS ids, max(CASE WHEN boss_id IS NULL THEN name ELSE 'x' END) AS name
        FROM people", [p.low];
    grouping_sets(p): "SELECT doc, no, sum(amount) AS sum FROM lines WHERE amount > $1
        GROUP BY GROUPING SETS ((doc), (no), ())", [p.low];
    unnested(p): "SELECT p.id, m.mark, m.n FROM posts p, unnest(p.marks) WITH ORDINALITY AS m(mark, n)
        WHERE p.id <> $1", [p.post];
    json_functions(p): "SELECT c.id, e.key, e.value FROM comments c, jsonb_each(c.extra) e WHERE c.person_id <> $1", [p.person];
    series(p): "SELECT g.n, p.title FROM generate_series(0, $1) AS g(n) LEFT JOIN posts p ON p.id = g.n", [p.person];
    values(p): "SELECT v.id, p.name FROM (VALUES (1), (2), ($1)) AS v(id) JOIN people p ON p.id = v.id", [p.person];
    any_array(p): "SELECT id FROM people WHERE id = ANY ($1) OR boss_id = ALL ($1)", [p.people.clone()];
    any_subquery(p): "SELECT id FROM posts WHERE author_id = ANY (SELECT id FROM people WHERE name <> $1)", [p.name.as_str()];
    row_in_subquery(p): "SELECT doc, no FROM lines WHERE (doc, no) IN (SELECT tag_id, post_id FROM post_tags WHERE tag_id <> $1)", [p.tag];
    correlated_twice(p): "SELECT p.id FROM people p WHERE EXISTS (SELECT FROM posts WHERE author_id = p.id
        AND NOT EXISTS (SELECT 1 FROM comments c WHERE c.post_id = posts.id AND c.person_id <> $1))", [p.person];
    set_operations(p): "(SELECT id FROM people EXCEPT SELECT author_id FROM posts) INTERSECT
        SELECT person_id FROM billing.invoices WHERE amount > $1", [p.low];
    froms_that_are_none(p): "SELECT EXTRACT(month FROM joined AT TIME ZONE 'UTC') AS m, substring(name FROM 2) AS s,
        trim(both 'a' FROM name) AS t, boss_id IS DISTINCT FROM $1 AS d FROM people", [p.person];
    nothing(p): "SELECT $1::int + 1 AS next", [p.person];
    comments_and_strings(p): "SELECT id /* FROM posts */, 'FROM posts' AS a, $tag$ JOIN \"posts\" $tag$ AS b -- FROM comments
        FROM tags WHERE id <> $1", [p.tag];
    aliased_columns(p): "SELECT x.a, x.b FROM (SELECT id, label FROM tags) AS x(a, b) WHERE x.a <> $1", [p.tag];
    alias_of_another(p): "SELECT posts.id, posts.label FROM tags AS posts WHERE posts.id <> $1", [p.tag];
    parenthesized(p): "SELECT a.id, c.person_id FROM (posts a LEFT JOIN (comments c JOIN people p ON p.id = c.person_id)
        ON c.post_id = a.id) WHERE a.id <> $1", [p.post];
    key_in_a_join(p): "SELECT a.id, b.id AS other FROM people a LEFT JOIN people b ON b.id = $1 AND b.boss_id = a.id", [p.person];
    key_on_the_outer_side(p): "SELECT a.id, b.name FROM posts a LEFT JOIN people b ON b.id = a.author_id
        WHERE b.id = $1 OR b.id IS NULL", [p.person];
    key_of_a_full_join(p): "SELECT a.id, b.id AS other FROM people a FULL JOIN people b ON a.id = $1 AND a.id = b.id", [p.person];
    key_beside_a_count(p): "SELECT (SELECT count(*) FROM people) AS n, name FROM people WHERE id = $1", [p.person];
    key_as_text(p): "SELECT id, title FROM posts WHERE id::text = $1", [p.post.to_string()];
    key_negated(p): "SELECT id FROM people WHERE NOT (id = $1) AND NOT id IN (1, 2, 3)", [p.person];
    key_of_either(p): "SELECT id, title FROM posts WHERE id = $1 OR title = $2", [p.post, p.word];
    key_twice(p): "SELECT id FROM posts WHERE id = $1 AND id = $1 + 0", [p.post];
    key_contradicted(p): "SELECT id FROM posts WHERE id = $1 AND id IN (1, 2, 3, 5, 8)", [p.post];
    key_of_a_literal(p): "SELECT id, name FROM people WHERE people.id IN (3, 4, 5) AND name <> $1", [p.name.as_str()];
    key_reversed(p): "SELECT id, name FROM people WHERE $1 = id", [p.person];
    key_of_a_literal_text(p): "SELECT id FROM comments WHERE id = '00000000-0000-4000-8000-000000000003' OR person_id = $1", [p.person];
    key_in_a_having(p): "SELECT id, count(*) AS n FROM people GROUP BY id HAVING id = $1", [p.person];
    key_negated_twice(p): "SELECT id FROM people WHERE id = -(-$1) OR id IN (-3, - -4)", [p.person];
    key_of_another_type(p): "SELECT id FROM people WHERE id = 3.0 OR id = $1::bigint", [p.post];
}
