-- threadline: function=read_context contract=1 revision=1
-- why: whatever a client puts into the context, reading it must never fail the business write
-- calls: context_fields
CREATE OR REPLACE FUNCTION threadline.read_context(document text)
RETURNS threadline.audit_context
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
<<read_context>>
DECLARE
    parsed jsonb;
    result threadline.audit_context;
BEGIN
    IF document IS NULL OR document = '' THEN
        RETURN result;
    END IF;
    -- Nothing is written inside this block, so it costs no transaction id.
    BEGIN
        parsed := document::jsonb;
        IF jsonb_typeof(parsed) <> 'object' THEN
            RAISE EXCEPTION 'not an object';
        END IF;
        result := threadline.context_fields(parsed);
        BEGIN
            result.remote_ip := (parsed ->> 'remote_ip')::inet;
        EXCEPTION WHEN OTHERS THEN
            result.meta := jsonb_build_object(
                'unfit_context', jsonb_build_object('remote_ip', parsed -> 'remote_ip'),
                'meta', result.meta);
        END;
    EXCEPTION WHEN OTHERS THEN
        result := NULL;
        result.meta := jsonb_build_object(
            'malformed_context', left(replace(document, chr(92) || 'u0000', ''), 8192));
    END;
    RETURN result;
END
$function$;
