-- threadline: function=pin_settings contract=1 revision=1
-- why: a value is stored as the same text whatever the session's settings are
-- calls: restore_settings
CREATE OR REPLACE FUNCTION threadline.pin_settings() RETURNS text[]
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
<<pin_settings>>
DECLARE
    before text[] := ARRAY[
        current_setting('TimeZone'), current_setting('DateStyle'),
        current_setting('IntervalStyle'), current_setting('bytea_output'),
        current_setting('extra_float_digits'), current_setting('jit')];
BEGIN
    PERFORM threadline.restore_settings(ARRAY['UTC', 'ISO, MDY', 'postgres', 'hex', '1', 'off']);
    RETURN before;
END
$function$;
