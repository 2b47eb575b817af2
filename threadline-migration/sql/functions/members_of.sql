-- threadline: function=members_of contract=1 revision=1
-- why: partitions and child tables carry triggers, too; who reads the catalog for that is one place
-- calls:
-- The table itself, then everything below it, parents first.
CREATE OR REPLACE FUNCTION threadline.members_of(relation oid)
RETURNS TABLE (member regclass, kind "char", depth int)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH RECURSIVE tree (member, depth) AS (
        SELECT relation, 0
        UNION
        SELECT i.inhrelid, t.depth + 1 FROM tree t JOIN pg_inherits i ON i.inhparent = t.member)
    SELECT t.member::regclass, c.relkind, max(t.depth)
    FROM tree t JOIN pg_class c ON c.oid = t.member
    GROUP BY t.member, c.relkind ORDER BY max(t.depth), t.member;
$function$;
