-- threadline: function=members_of contract=1 revision=1
-- why: partitions and child tables carry triggers, too; who reads the catalog for that is one place
-- calls:
-- The table itself, and everything below it.
CREATE OR REPLACE FUNCTION threadline.members_of(relation oid)
RETURNS TABLE (member regclass, kind "char")
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE tree (member) AS (
        SELECT relation
        UNION
        SELECT i.inhrelid FROM tree t JOIN pg_inherits i ON i.inhparent = t.member)
    SELECT t.member::regclass, c.relkind FROM tree t JOIN pg_class c ON c.oid = t.member;
$function$;
