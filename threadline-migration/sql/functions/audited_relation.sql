-- threadline: function=audited_relation contract=1 revision=1
-- why: a plan that holds a relation's id is thrown away when the relation is altered
-- calls:
-- Declared immutable so that the planner puts the id into the plan. A row trigger has no transition
-- table that would tie its plans to the table.
CREATE OR REPLACE FUNCTION threadline.audited_relation(table_schema text, table_name text)
RETURNS regclass
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
    SELECT c.oid::regclass FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = audited_relation.table_schema AND c.relname = audited_relation.table_name;
$function$;
