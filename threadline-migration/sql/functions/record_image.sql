-- threadline: function=record_image contract=1 revision=1
-- why: json that jsonb cannot hold is kept as text, and spoils no other column of its row
-- calls: column_positions, json_image
-- As row_image, for a row whose type is known. Nothing is written inside of the block, so it costs no
-- transaction id. Column by column is slow, and is only taken for such rows.
CREATE OR REPLACE FUNCTION threadline.record_image(whole anyelement) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
DECLARE
    place text;
    name text;
    value jsonb;
    image jsonb := '{}';
BEGIN
    BEGIN
        RETURN to_jsonb(whole);
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        NULL;
    END;
    FOREACH place IN ARRAY threadline.column_positions(
        (SELECT t.typrelid FROM pg_type t WHERE t.oid = pg_typeof(whole)))
    LOOP
        name := substr(place, strpos(place, ':') + 1);
        EXECUTE format('SELECT threadline.json_image(to_json(($1).%I))', name)
            INTO value USING whole;
        image := image || jsonb_build_object(name, value);
    END LOOP;
    RETURN image;
END
$function$;
