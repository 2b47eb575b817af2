-- threadline: function=json_image contract=1 revision=1
-- why: json holds what jsonb cannot (an escaped zero byte, lone surrogates, huge numbers); no write fails for it
-- calls:
CREATE OR REPLACE FUNCTION threadline.json_image(document json) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- Nothing is written inside this block, so it costs no transaction id.
    RETURN document::jsonb;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN jsonb_build_object('unstorable_json', document::text);
END
$function$;
