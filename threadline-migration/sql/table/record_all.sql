-- threadline: function=record_all contract=1 revision=1
-- why: the rows that are there already, stored just as the capture function of the table stores them
-- calls: named_relation, compare_columns, current_key, virtual_columns, trusted_columns, members_of, row_image, record_image, json_image, mask_path, keyed_hash, bounded
-- For threadline.baseline, which has locked the table. Recorded are rows whose newest change after the
-- given place in the trail is none, or a delete. Nested loops are off because nobody knows how many
-- changes there are, and one loop too many is quadratic.
CREATE OR REPLACE FUNCTION /*:function:*/threadline."record public.posts"/*:*/(
    relation pg_catalog.regclass, transaction_id pg_catalog.int8, action_id pg_catalog.int8,
    captured_at pg_catalog.timestamptz, known_at pg_catalog.timestamptz, known_id pg_catalog.int8)
RETURNS pg_catalog.int8
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC' SET datestyle = 'ISO, MDY' SET intervalstyle = 'postgres'
SET bytea_output = 'hex' SET extra_float_digits = 1 SET jit = off SET enable_nestloop = off
AS /*:tag:*/$record$/*:*/
<<capture>>
DECLARE
    relation regclass := $1;
    transaction_id bigint := $2;
    action_id bigint := $3;
    captured_at timestamptz := $4;
    known_at timestamptz := $5;
    known_id bigint := $6;
    recorded bigint := 0;
    key_columns text[] := /*:key_columns:*/ARRAY['id']/*:*/;
    -- The columns that are what their names say.
    trusted text[];
    -- Columns that a trigger does not see.
    unseen text[] := '{}';/*:variables:*//*:*/
BEGIN
    IF threadline.named_relation(/*:schema:*/'public'/*:*/, /*:table:*/'posts'/*:*/)
        IS DISTINCT FROM capture.relation
    THEN
        RAISE EXCEPTION '(threadline) % is captured as another table: was it renamed?', capture.relation
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
/*:record:*/    RETURN 0;
/*:*/END
/*:tag:*/$record$/*:*/;
