-- threadline: read=shape
-- why: one statement for all tables, because a host may have hundreds of them
-- calls:
-- It may be run before the schema is installed, so it does without `threadline.members_of`. Names of tables
-- are $1 (schemas) and $2 (names); a table that does not exist has no row.
WITH RECURSIVE
wanted AS (
    SELECT w.place, c.oid, c.relkind, c.relpersistence
    FROM unnest($1::text[], $2::text[]) WITH ORDINALITY w (schema, name, place)
    JOIN pg_namespace n ON n.nspname = w.schema
    JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name),
-- A type and what is in it: the base of a domain, the elements of an array, the fields of a row.
inside (type, part) AS (
    SELECT a.atttypid, a.atttypid FROM pg_attribute a
    WHERE a.attrelid IN (SELECT oid FROM wanted) AND a.attnum > 0 AND NOT a.attisdropped
    UNION
    SELECT i.type, part.oid
    FROM inside i JOIN pg_type t ON t.oid = i.part
    CROSS JOIN LATERAL (
        SELECT t.typbasetype UNION ALL SELECT t.typelem
        UNION ALL SELECT m.atttypid FROM pg_attribute m
            WHERE m.attrelid = t.typrelid AND m.attnum > 0 AND NOT m.attisdropped) part(oid)
    WHERE part.oid <> 0),
attribute AS (
    SELECT a.attrelid, jsonb_agg(jsonb_build_object(
        'name', a.attname, 'type_oid', a.atttypid::int8, 'is_virtual', a.attgenerated = 'v',
        'may_hold_json', a.atttypid IN (SELECT i.type FROM inside i WHERE i.part = 'json'::regtype))
        ORDER BY a.attnum) AS columns
    FROM pg_attribute a
    WHERE a.attrelid IN (SELECT oid FROM wanted) AND a.attnum > 0 AND NOT a.attisdropped
    GROUP BY a.attrelid),
-- Every unique index that could tell rows apart, the primary key first.
key AS (
    SELECT i.indrelid, jsonb_agg(jsonb_build_object(
        'is_primary', i.indisprimary,
        'columns', ARRAY(
            SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE k.position <= i.indnkeyatts ORDER BY k.position))
        ORDER BY i.indisprimary DESC, i.indexrelid) AS keys
    FROM pg_index i
    WHERE i.indrelid IN (SELECT oid FROM wanted) AND i.indisunique AND i.indisvalid AND i.indisready
      AND i.indpred IS NULL AND i.indexprs IS NULL
      AND (i.indisprimary OR (i.indimmediate AND NOT EXISTS (
          SELECT FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, position)
          JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE k.position <= i.indnkeyatts AND NOT a.attnotnull)))
    GROUP BY i.indrelid),
-- Partitions and child tables, at any distance.
member (root, oid) AS (
    SELECT oid, oid FROM wanted
    UNION
    SELECT m.root, i.inhrelid FROM member m JOIN pg_inherits i ON i.inhparent = m.oid),
-- What on the table, or on a table beneath it, writes in between a statement and its record.
other AS (
    SELECT m.root,
        min(quote_ident(t.tgname)) FILTER (WHERE t.tgtype & 1 = 1) AS row_trigger,
        min(quote_ident(t.tgname)) FILTER (
            WHERE t.tgtype & 1 = 0 AND quote_ident(t.tgname) COLLATE "C" < '00_threadline_')
            AS earlier_trigger
    FROM pg_trigger t JOIN member m ON m.oid = t.tgrelid
    WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND t.tgparentid = 0
      AND NOT starts_with(t.tgname::text, '00_threadline_')
      -- AFTER, and not only for TRUNCATE.
      AND t.tgtype & 66 = 0 AND t.tgtype & 28 <> 0
    GROUP BY m.root),
-- Asked of the catalog, which takes no right on the table. A table that was never analyzed says -1.
population AS (
    SELECT m.root, sum(pg_relation_size(c.oid)) = 0 AS is_empty,
        CASE WHEN bool_and(c.reltuples >= 0) THEN sum(c.reltuples)::int8 END AS estimate
    FROM member m JOIN pg_class c ON c.oid = m.oid WHERE c.relkind = 'r' GROUP BY m.root)
SELECT w.place, jsonb_build_object(
    'kind', w.relkind, 'persistence', w.relpersistence,
    'has_children', EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = w.oid),
    'parent', (
        SELECT i.inhparent::regclass::text FROM pg_inherits i WHERE i.inhrelid = w.oid
        ORDER BY i.inhseqno LIMIT 1),
    'columns', coalesce(a.columns, '[]'), 'keys', coalesce(k.keys, '[]'),
    'row_trigger', o.row_trigger, 'earlier_trigger', o.earlier_trigger,
    'is_subscribed', EXISTS (
        SELECT FROM pg_subscription_rel r JOIN member m ON m.oid = r.srrelid WHERE m.root = w.oid),
    'is_empty', coalesce(p.is_empty, true), 'estimate', p.estimate) AS facts
FROM wanted w
LEFT JOIN attribute a ON a.attrelid = w.oid
LEFT JOIN key k ON k.indrelid = w.oid
LEFT JOIN other o ON o.root = w.oid
LEFT JOIN population p ON p.root = w.oid
