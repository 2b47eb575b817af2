-- The trail as capture would have written it. Everything follows from the number of a change, from zero.
--
-- Fifteen changes are five transactions, of one to five changes. Of a hundred changes ten are of
-- `documents`, one is of the one row of `counters` that changes all the time, and the others are of 19
-- tables in turn; but for that one row, a row has ten versions.

-- The transaction of a change, from one.
CREATE FUNCTION bench.transaction_of(change bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
AS $function$
    SELECT change / 15 * 5 + CASE
        WHEN change % 15 < 1 THEN 1 WHEN change % 15 < 3 THEN 2 WHEN change % 15 < 6 THEN 3
        WHEN change % 15 < 10 THEN 4 ELSE 5 END
$function$;

-- When a transaction began. Three changes are a transaction, on average. At the full second, so that it is
-- over before the next month begins.
CREATE FUNCTION bench.begun_at(
    transaction bigint, changes bigint, first_at timestamptz, last_at timestamptz)
RETURNS timestamptz LANGUAGE sql STABLE AS $function$
    SELECT date_trunc('second',
        first_at + (last_at - first_at) * (transaction * 3.0::float8 / (changes + 3)::float8))
$function$;

-- Seven transactions of ten have an action, and then a correlation: of eight of them, or of an import
-- which goes on for three percent of the time.
CREATE FUNCTION bench.action_of(transaction bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
AS $function$
    SELECT CASE WHEN transaction % 10 < 7 THEN transaction END
$function$;

CREATE FUNCTION bench.is_import(transaction bigint, changes bigint) RETURNS boolean LANGUAGE sql
IMMUTABLE AS $function$
    SELECT transaction % 10 < 7 AND transaction BETWEEN changes / 6 AND changes / 6 + changes / 100
$function$;

CREATE FUNCTION bench.correlation_of(transaction bigint, changes bigint) RETURNS text LANGUAGE sql
IMMUTABLE AS $function$
    SELECT CASE
        WHEN bench.is_import(transaction, changes) THEN 'import-7'
        WHEN transaction % 10 < 3 THEN 'correlation-' || (transaction / 27)::text END
$function$;

CREATE FUNCTION bench.action_name(transaction bigint, changes bigint) RETURNS text LANGUAGE sql
IMMUTABLE AS $function$
    SELECT CASE
        WHEN bench.is_import(transaction, changes) THEN 'document.import'
        WHEN transaction % 1000 = 500 THEN 'document.archive'
        ELSE (ARRAY['document.edit', 'document.publish', 'counter.count', 'other.edit'])
            [transaction % 4 + 1] END
$function$;

-- A thousand actors, of which the first does a sixth of everything and the last a four thousandth.
CREATE FUNCTION bench.actor_of(transaction bigint) RETURNS text LANGUAGE sql IMMUTABLE
AS $function$
    SELECT (1 + floor(1000 * power(
        (hashint8(transaction) & 2147483647) / 2147483648.0::float8, 4)))::int::text
$function$;

CREATE FUNCTION bench.changes(
    first bigint, after_last bigint, changes bigint, first_at timestamptz, last_at timestamptz)
RETURNS SETOF threadline.audit_changes LANGUAGE sql STABLE AS $function$
    SELECT
        c.change + 1, t.transaction, bench.action_of(t.transaction), 'bench', r.table_name,
        jsonb_hash_extended(jsonb_build_object('id', r.id), hashtextextended('bench.' || r.table_name, 0)),
        jsonb_build_object('id', r.id), v.op,
        CASE WHEN v.op <> 'delete' THEN bench.image(r.id, r.version) END,
        CASE WHEN v.op = 'update' THEN ARRAY['status', 'price', 'updated_at'] END,
        CASE v.op WHEN 'update' THEN bench.replaced(r.id, r.version)
            WHEN 'delete' THEN bench.image(r.id, r.version - 1) END,
        bench.begun_at(t.transaction, changes, first_at, last_at)
            + interval '1 ms' * (1 + c.change % 15)
    FROM generate_series(first, after_last - 1) AS c(change)
    CROSS JOIN LATERAL (SELECT bench.transaction_of(c.change) OFFSET 0) AS t(transaction)
    CROSS JOIN LATERAL (
        SELECT c.change % 100 AS slot, c.change / 100 * 89 + c.change % 100 - 11 AS other,
            changes / 100 AS documents, greatest(changes * 89 / 19000, 1) AS others
        OFFSET 0) AS p
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN p.slot < 10 THEN 'documents'
                WHEN p.slot = 10 OR p.other % 19 = 0 THEN 'counters'
                ELSE 'other_' || lpad((p.other % 19 + 2)::text, 2, '0') END AS table_name,
            CASE WHEN p.slot < 10 THEN (c.change / 100 * 10 + p.slot) * 7919 % p.documents + 1
                WHEN p.slot = 10 THEN 1
                ELSE p.other / 19 * 7919 % p.others + 2 END AS id,
            CASE WHEN p.slot < 10 THEN (c.change / 100 * 10 + p.slot) / p.documents
                WHEN p.slot = 10 THEN c.change / 100
                ELSE p.other / 19 / p.others END AS version
        OFFSET 0) AS r
    CROSS JOIN LATERAL (
        SELECT (CASE
            WHEN r.version = 0 THEN 'insert'
            WHEN r.table_name = 'documents' OR r.id % 8 <> 0 THEN 'update'
            WHEN r.version = 9 THEN 'delete'
            WHEN r.version = 10 THEN 'insert'
            ELSE 'update' END)::threadline.change_op
        OFFSET 0) AS v(op)
$function$;

CREATE FUNCTION bench.transactions(
    first bigint, after_last bigint, changes bigint, first_at timestamptz, last_at timestamptz)
RETURNS SETOF threadline.audit_transactions LANGUAGE sql STABLE AS $function$
    SELECT
        t.transaction, (1000 + t.transaction)::text::xid8, b.begun_at,
        b.begun_at + interval '20 ms', CASE t.transaction % 10 WHEN 9 THEN 'job' ELSE 'user' END,
        bench.actor_of(t.transaction), bench.action_of(t.transaction), 'request-' || t.transaction,
        bench.correlation_of(t.transaction, changes), NULL, NULL,
        '10.1.2.3'::inet, NULL::jsonb, NULL::jsonb, 'application', 'threadline-bench', '10.0.0.5'::inet,
        (t.transaction % 30000)::int
    FROM generate_series(first, after_last - 1) AS t(transaction)
    CROSS JOIN LATERAL (
        SELECT bench.begun_at(t.transaction, changes, first_at, last_at) OFFSET 0) AS b(begun_at)
$function$;

-- One transaction of a hundredth of all changes, by one statement: hence all of one moment.
CREATE FUNCTION bench.bulk_changes(
    changes bigint, at timestamptz, transaction bigint)
RETURNS SETOF threadline.audit_changes LANGUAGE sql STABLE AS $function$
    SELECT
        changes + n, bulk_changes.transaction, bulk_changes.transaction, 'bench', 'other_03',
        jsonb_hash_extended(jsonb_build_object('id', n + 1), hashtextextended('bench.other_03', 0)),
        jsonb_build_object('id', n + 1), 'update'::threadline.change_op, bench.image(n + 1, 5),
        ARRAY['status', 'price', 'updated_at'], bench.replaced(n + 1, 5), at
    FROM generate_series(1, changes / 100) n
$function$;
