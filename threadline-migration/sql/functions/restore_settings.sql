-- threadline: function=restore_settings contract=1 revision=1
-- why: the session gets back what pin_settings took
-- calls:
CREATE OR REPLACE FUNCTION threadline.restore_settings(settings text[]) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT set_config('TimeZone', settings[1], true), set_config('DateStyle', settings[2], true),
        set_config('IntervalStyle', settings[3], true),
        set_config('bytea_output', settings[4], true),
        set_config('extra_float_digits', settings[5], true), set_config('jit', settings[6], true);
$function$;
