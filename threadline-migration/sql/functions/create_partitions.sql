-- threadline: function=create_partitions contract=1 revision=1
-- why: months ahead are made before they are needed; rows that came earlier are moved
-- calls:
CREATE OR REPLACE FUNCTION threadline.create_partitions(months_ahead int) RETURNS int
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $function$
<<create_partitions>>
DECLARE
    root text;
    time_column text;
    leaf text;
    first_day timestamptz;
    next_month timestamptz;
    made int := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('threadline.create_partitions', 0));
    FOR root, time_column IN
        VALUES ('audit_transactions', 'occurred_at'), ('audit_changes', 'captured_at')
    LOOP
        FOR i IN 0..months_ahead LOOP
            first_day := date_trunc('month', now()) + make_interval(months => i);
            next_month := date_trunc('month', now()) + make_interval(months => i + 1);
            leaf := root || to_char(first_day, '_YYYY_MM');
            CONTINUE WHEN to_regclass(format('threadline.%I', leaf)) IS NOT NULL;
            EXECUTE format(
                'CREATE TABLE threadline.%I (LIKE threadline.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)',
                leaf, root);
            EXECUTE format(
                'WITH early AS (DELETE FROM threadline.%I WHERE %I >= %L AND %I < %L RETURNING *) '
                'INSERT INTO threadline.%I SELECT * FROM early',
                root || '_default', time_column, first_day, time_column, next_month, leaf);
            EXECUTE format(
                'ALTER TABLE threadline.%I ATTACH PARTITION threadline.%I '
                'FOR VALUES FROM (%L) TO (%L)', root, leaf, first_day, next_month);
            EXECUTE format('REVOKE ALL ON threadline.%I FROM PUBLIC', leaf);
            made := made + 1;
        END LOOP;
    END LOOP;
    RETURN made;
END
$function$;
