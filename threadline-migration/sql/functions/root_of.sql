-- threadline: function=root_of contract=1 revision=1
-- why: a partition or child table is recorded under its root, whose columns the policy is about
-- calls:
CREATE OR REPLACE FUNCTION threadline.root_of(relation oid) RETURNS oid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<root_of>>
DECLARE
    -- Of a partition this is asked without the catalog's rows, which a transaction that keeps its
    -- snapshot sees as they were: there a partition that came later has no parent.
    root oid := coalesce(pg_partition_root(relation), relation);
    parent oid;
BEGIN
    LOOP
        SELECT i.inhparent INTO parent FROM pg_inherits i
        WHERE i.inhrelid = root ORDER BY i.inhseqno LIMIT 1;
        EXIT WHEN parent IS NULL;
        root := parent;
    END LOOP;
    RETURN root;
END
$function$;
