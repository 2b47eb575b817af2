-- threadline: function=put_triggers contract=1 revision=1
-- why: CREATE OR REPLACE, never drop and create: there is no moment without capture
-- calls: members_of, wanted_triggers
-- Runs with the rights of whoever calls it.
CREATE OR REPLACE FUNCTION threadline.put_triggers(
    root regclass, capture_function text, capture_mode text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    wanted record;
    found record;
BEGIN
    FOR wanted IN
        SELECT w.* FROM threadline.wanted_triggers(root, capture_mode) w WHERE NOT w.is_inherited
    LOOP
        EXECUTE format(
            'CREATE OR REPLACE TRIGGER %I %s EXECUTE FUNCTION %s()', wanted.name,
            format(wanted.definition, wanted.member), capture_function);
    END LOOP;
    FOR found IN
        SELECT m.member, t.tgname FROM threadline.members_of(root) m
        JOIN pg_trigger t ON t.tgrelid = m.member
        WHERE t.tgfoid = to_regproc(capture_function) AND t.tgparentid = 0
          AND (m.member, t.tgname::text) NOT IN (
              SELECT w.member, w.name FROM threadline.wanted_triggers(root, capture_mode) w)
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %s', found.tgname, found.member);
    END LOOP;
    -- Always: a session in replica mode is recorded like any other.
    FOR found IN
        SELECT m.member, t.tgname FROM threadline.members_of(root) m
        JOIN pg_trigger t ON t.tgrelid = m.member
        WHERE t.tgfoid = to_regproc(capture_function) AND t.tgenabled <> 'A'
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', found.member, found.tgname);
    END LOOP;
END
$function$;
