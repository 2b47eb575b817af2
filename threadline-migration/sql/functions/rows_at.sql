-- threadline: function=rows_at contract=1 revision=1
-- why: which change of each row counts at a moment is said once
-- calls: past_since
-- Gives a SELECT of the rows that stood then. Moment, names and bounds are literals in it, so that the
-- planner sees which partitions and how much of them it is about. Changes of a transaction that was not
-- committed by then do not count, and neither does what the newest truncate has taken.
CREATE OR REPLACE FUNCTION threadline.rows_at(
    table_schema text, table_name text, at timestamptz) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, MDY'
AS $function$
<<rows_at>>
DECLARE
    since timestamptz := threadline.past_since(rows_at.table_schema, rows_at.table_name, at);
    in_flight bigint[] := ARRAY(
        SELECT f.id FROM threadline.audit_transactions f
        WHERE f.occurred_at <= at AND f.committed_at > at);
    truncated record;
BEGIN
    SELECT c.captured_at, c.id INTO truncated FROM threadline.audit_changes c
    WHERE c.row_hash IS NULL AND c.op = 'truncate'
      AND c.table_schema = rows_at.table_schema AND c.table_name = rows_at.table_name
      AND c.captured_at BETWEEN since AND at AND c.transaction_id <> ALL (in_flight)
    ORDER BY c.captured_at DESC, c.id DESC LIMIT 1;
    -- The whole rows are read in a second pass: to sort or group them all takes longer than to read them
    -- twice. The id is the exact order of the changes of one row.
    RETURN format(
        'SELECT c.row_pk, c.captured_at, c.data_after FROM threadline.audit_changes c
        WHERE c.op <> ''delete'' AND c.table_schema = %1$L AND c.table_name = %2$L
          AND c.captured_at >= %3$L AND c.captured_at <= %4$L AND c.id IN (
            SELECT max(c.id) FROM threadline.audit_changes c
            WHERE c.table_schema = %1$L AND c.table_name = %2$L AND c.row_hash IS NOT NULL
              AND c.captured_at >= %3$L AND c.captured_at <= %4$L
              AND (c.captured_at, c.id) > (%5$L, %6$L) AND c.transaction_id <> ALL (%7$L::bigint[])
            GROUP BY c.row_hash, c.row_pk)',
        table_schema, table_name, since, at, coalesce(truncated.captured_at, '-infinity'),
        coalesce(truncated.id, 0), in_flight);
END
$function$;
