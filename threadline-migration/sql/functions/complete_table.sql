-- threadline: function=complete_table contract=1 revision=1
-- why: what a transaction has recorded is not to be seen at a moment before its commit
-- calls:
CREATE OR REPLACE FUNCTION threadline.complete_table() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    UPDATE threadline.audited_tables a SET complete_since = clock_timestamp()
    WHERE a.table_schema = NEW.table_schema AND a.table_name = NEW.table_name
      AND a.complete_since = NEW.complete_since;
    RETURN NULL;
END
$function$;
