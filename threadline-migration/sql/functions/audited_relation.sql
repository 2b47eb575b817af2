-- threadline: function=audited_relation contract=1 revision=1
-- why: a plan that holds a relation's id is thrown away when the relation is altered
-- calls: named_relation
-- Declared immutable so that the planner puts the id into the plan. A row trigger has no transition
-- table that would tie its plans to the table.
CREATE OR REPLACE FUNCTION threadline.audited_relation(table_schema text, table_name text)
RETURNS regclass
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $function$
BEGIN
    RETURN threadline.named_relation(table_schema, table_name);
END
$function$;
