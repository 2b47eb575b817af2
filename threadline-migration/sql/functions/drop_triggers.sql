-- threadline: function=drop_triggers contract=1 revision=1
-- why: a table that was renamed, or detached from its root, has them, too
-- calls:
-- Runs with the rights of whoever calls it.
CREATE OR REPLACE FUNCTION threadline.drop_triggers(capture_function text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    victim record;
BEGIN
    FOR victim IN
        SELECT t.tgname, t.tgrelid::regclass AS relation FROM pg_trigger t
        WHERE t.tgfoid = to_regproc(capture_function) AND t.tgparentid = 0
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', victim.tgname, victim.relation);
    END LOOP;
END
$function$;
