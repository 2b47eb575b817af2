-- threadline: function=row_image contract=1 revision=1
-- why: as to_jsonb of a row whose columns are not known; json that jsonb cannot hold fails no write
-- calls:
CREATE OR REPLACE FUNCTION threadline.row_image(document json) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    -- Nothing is written inside these blocks, so they cost no transaction id.
    BEGIN
        RETURN document::jsonb;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
        -- Escapes of characters that text cannot have; PostgreSQL takes no such json apart either.
        RETURN regexp_replace(
            document::text, repeat(chr(92), 2) || 'u(0000|[dD][89a-fA-F][0-9a-fA-F]{2})',
            repeat(chr(92), 2) || 'ufffd', 'g')::jsonb;
    END;
EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
    RETURN jsonb_build_object('unstorable_json', document::text);
END
$function$;
