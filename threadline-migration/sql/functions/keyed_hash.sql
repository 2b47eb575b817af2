-- threadline: function=keyed_hash contract=1 revision=1
-- why: equal values are seen to be equal, and only who has the key can try out which one it is
-- calls:
-- HMAC-SHA-256 over the column's name, a zero byte and the value's text. Without a key the placeholder.
CREATE OR REPLACE FUNCTION threadline.keyed_hash(
    value jsonb, column_name text, pads bytea[], placeholder text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<keyed_hash>>
DECLARE
    told text := value #>> '{}';
BEGIN
    IF told IS NULL THEN
        RETURN value;
    END IF;
    -- In the database's own encoding, so that nothing has to be converted, which may fail.
    RETURN to_jsonb(coalesce('hmac:' || encode(sha256(pads[2] || sha256(pads[1]
        || convert_to(column_name, getdatabaseencoding()) || decode('00', 'hex')
        || convert_to(told, getdatabaseencoding()))), 'hex'), placeholder));
END
$function$;
