-- threadline: function=mask_path contract=1 revision=1
-- why: one path of a document is masked; null says that the document has another form than the path
-- calls:
CREATE OR REPLACE FUNCTION threadline.mask_path(document jsonb, path text[], placeholder text)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<mask_path>>
DECLARE
    masked jsonb;
BEGIN
    IF cardinality(path) = 0 THEN
        RETURN to_jsonb(placeholder);
    ELSIF jsonb_typeof(document) = 'null' THEN
        RETURN document;
    ELSIF path[1] IS NULL THEN
        -- Every element of an array.
        IF jsonb_typeof(document) <> 'array' THEN
            RETURN NULL;
        END IF;
        SELECT CASE WHEN bool_and(m.element IS NOT NULL)
            THEN jsonb_agg(m.element ORDER BY m.nth) END
        INTO masked
        FROM (
            SELECT e.nth, threadline.mask_path(e.value, path[2:], placeholder) AS element
            FROM jsonb_array_elements(document) WITH ORDINALITY AS e(value, nth)) m;
        RETURN CASE WHEN document = '[]' THEN document ELSE masked END;
    ELSIF jsonb_typeof(document) <> 'object' THEN
        RETURN NULL;
    ELSIF NOT document ? path[1] THEN
        RETURN document;
    END IF;
    masked := threadline.mask_path(document -> path[1], path[2:], placeholder);
    RETURN CASE WHEN masked IS NOT NULL
        THEN document || jsonb_build_object(path[1], masked) END;
END
$function$;
