-- threadline: function=may_hold_rows contract=1 revision=1
-- why: of a table that was empty when it was attached, every row is in the trail
-- calls: may_read_rows
-- Runs with the rights of whoever calls it, and says true where that cannot be told.
CREATE OR REPLACE FUNCTION threadline.may_hold_rows(relation regclass) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
<<may_hold_rows>>
DECLARE
    found_one boolean;
BEGIN
    IF NOT threadline.may_read_rows(relation) THEN
        RETURN true;
    END IF;
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO found_one;
    RETURN found_one;
END
$function$;
