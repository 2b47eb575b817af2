-- threadline: function=change_fits contract=1 revision=1
-- why: a row of the trail never contradicts its own op; one call is prepared faster than the condition
-- calls:
-- Called for every row, so it pins no search path: it runs with the rights of its caller, and every name
-- and operator in it is qualified, so that there is nothing for a path to find.
CREATE OR REPLACE FUNCTION threadline.change_fits(
    op threadline.change_op, row_hash bigint, row_pk jsonb, data_after jsonb,
    changed_fields text[], changed_from jsonb) RETURNS boolean
LANGUAGE plpgsql IMMUTABLE
AS $function$
BEGIN
    RETURN CASE
        WHEN op OPERATOR(pg_catalog.=) 'update'::threadline.change_op THEN
            pg_catalog.num_nulls(row_hash, row_pk, data_after, changed_fields, changed_from)
                OPERATOR(pg_catalog.=) 0
        WHEN op OPERATOR(pg_catalog.=) 'delete'::threadline.change_op THEN
            pg_catalog.num_nulls(row_hash, row_pk, changed_from) OPERATOR(pg_catalog.=) 0
            AND data_after IS NULL AND changed_fields IS NULL
        WHEN op OPERATOR(pg_catalog.=) 'truncate'::threadline.change_op THEN
            pg_catalog.num_nonnulls(row_hash, row_pk, data_after, changed_fields, changed_from)
                OPERATOR(pg_catalog.=) 0
        ELSE
            pg_catalog.num_nulls(row_hash, row_pk, data_after) OPERATOR(pg_catalog.=) 0
            AND changed_fields IS NULL AND changed_from IS NULL
        END;
END
$function$;
