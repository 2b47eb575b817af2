-- threadline: function=mask_json contract=1 revision=1
-- why: what is at the paths is masked, and the whole document if it is not of the form they expect
-- calls: mask_path
CREATE OR REPLACE FUNCTION threadline.mask_json(document jsonb, paths jsonb, placeholder text)
RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<mask_json>>
DECLARE
    masked jsonb := document;
    path jsonb;
BEGIN
    IF document IS NULL OR jsonb_typeof(document) = 'null' THEN
        RETURN document;
    END IF;
    -- json_image puts the text of what jsonb cannot hold there: nobody has looked into it.
    IF document ? 'unstorable_json' THEN
        RETURN to_jsonb(placeholder);
    END IF;
    FOR path IN SELECT p.value FROM jsonb_array_elements(paths) p LOOP
        masked := threadline.mask_path(
            masked, ARRAY(SELECT s.step FROM jsonb_array_elements_text(path) AS s(step)),
            placeholder);
    END LOOP;
    RETURN coalesce(masked, to_jsonb(placeholder));
END
$function$;
