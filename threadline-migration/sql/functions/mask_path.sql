-- threadline: function=mask_path contract=1 revision=1
-- why: one path of a document is masked; null says that the document has another form than the path
-- calls:
-- A step of the path is a key, or null for every element of an array.
CREATE OR REPLACE FUNCTION threadline.mask_path(document jsonb, path text[], placeholder text)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<mask_path>>
DECLARE
    place jsonb := document;
    masked jsonb;
BEGIN
    FOR step IN 1..cardinality(path) LOOP
        IF place IS NULL OR jsonb_typeof(place) = 'null' THEN
            -- Nothing is there.
            RETURN coalesce(document, 'null');
        ELSIF path[step] IS NULL AND jsonb_typeof(place) = 'array' THEN
            SELECT CASE WHEN bool_and(m.element IS NOT NULL)
                THEN jsonb_agg(m.element ORDER BY m.nth) END
            INTO masked
            FROM (
                SELECT e.nth,
                    threadline.mask_path(e.value, path[step + 1:], placeholder) AS element
                FROM jsonb_array_elements(place) WITH ORDINALITY AS e(value, nth)) m;
            IF place = '[]' THEN
                RETURN document;
            END IF;
            RETURN CASE WHEN step = 1 THEN masked
                WHEN masked IS NOT NULL THEN jsonb_set(document, path[:step - 1], masked) END;
        ELSIF path[step] IS NULL OR jsonb_typeof(place) <> 'object'
            -- What json_image puts there is a text that nobody has looked into.
            OR place ? 'unstorable_json'
        THEN
            RETURN NULL;
        END IF;
        IF NOT place ? path[step] THEN
            RETURN document;
        END IF;
        place := place -> path[step];
    END LOOP;
    IF cardinality(path) = 0 THEN
        RETURN to_jsonb(placeholder);
    END IF;
    RETURN jsonb_set(document, path, to_jsonb(placeholder));
END
$function$;
