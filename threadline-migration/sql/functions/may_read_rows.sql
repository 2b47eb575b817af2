-- threadline: function=may_read_rows contract=1 revision=1
-- why: whoever does not see all rows of a table cannot tell what is in it
-- calls:
-- Hidden are rows by a policy, and by a snapshot that is older than the lock on the table.
CREATE OR REPLACE FUNCTION threadline.may_read_rows(relation regclass) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT current_setting('transaction_isolation') NOT IN ('repeatable read', 'serializable')
        AND NOT row_security_active(relation) AND has_table_privilege(relation, 'SELECT');
$function$;
