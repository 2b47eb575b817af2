-- threadline: function=bounded contract=1 revision=1
-- why: of a value that is too large, size and digest are kept, so that it is known that it changed
-- calls:
CREATE OR REPLACE FUNCTION threadline.bounded(value jsonb, most_bytes bigint, is_binary boolean)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<bounded>>
DECLARE
    told text := value #>> '{}';
    raw bytea;
BEGIN
    -- The text of binary data is longer than the data.
    IF octet_length(told) > most_bytes THEN
        -- Two digits a byte, but for a column that has another type by now.
        raw := CASE
            WHEN is_binary AND starts_with(told, chr(92) || 'x') AND length(told) % 2 = 0
                AND substr(told, 3) !~ '[^0-9a-f]'
            THEN decode(substr(told, 3), 'hex')
            ELSE convert_to(told, getdatabaseencoding()) END;
    END IF;
    IF octet_length(raw) > most_bytes THEN
        RETURN jsonb_build_object('$truncated', jsonb_build_object(
            'bytes', octet_length(raw), 'sha256', encode(sha256(raw), 'hex')));
    END IF;
    RETURN value;
END
$function$;
