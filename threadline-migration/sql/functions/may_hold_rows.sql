-- threadline: function=may_hold_rows contract=1 revision=1
-- why: of a table that was empty when it was attached, every row is in the trail
-- calls:
-- Runs with the rights of whoever calls it, and says true where that cannot be told: a policy may hide
-- rows, and a snapshot that is older than the lock does not show what was waited for.
CREATE OR REPLACE FUNCTION threadline.may_hold_rows(relation regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
<<may_hold_rows>>
DECLARE
    found_one boolean;
BEGIN
    IF current_setting('transaction_isolation') IN ('repeatable read', 'serializable')
        OR row_security_active(relation)
        OR NOT has_table_privilege(relation, 'SELECT')
    THEN
        RETURN true;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO found_one;
    RETURN found_one;
END
$function$;
