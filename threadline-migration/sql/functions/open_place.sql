-- threadline: function=open_place contract=1 revision=1
-- why: a setting is text that anybody may set, so only what looks like a place is cast to one
-- calls:
CREATE OR REPLACE FUNCTION threadline.open_place() RETURNS tid
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    -- No backslash: what it means depends on the session (standard_conforming_strings).
    SELECT CASE
        WHEN current_setting('threadline.transaction', true) ~ '^[(][0-9]{1,9},[0-9]{1,4}[)]$'
        THEN current_setting('threadline.transaction', true)::tid END;
$function$;
