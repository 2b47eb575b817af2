-- threadline: function=wanted_triggers contract=1 revision=1
-- why: which tables carry which triggers, for those who put them there and those who look for them
-- calls: members_of
-- `type` is pg_trigger.tgtype. The names sort before those of other triggers, because triggers fire in
-- the order of their names. A row trigger of a partitioned table is inherited, by partitions that are
-- attached later as well.
CREATE OR REPLACE FUNCTION threadline.wanted_triggers(root regclass, capture_mode text)
RETURNS TABLE (
    member regclass, name text, definition text, type int, old_table text, new_table text,
    is_inherited boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $function$
    WITH tree AS (
        SELECT count(*) > 1 OR bool_or(m.kind = 'p') AS is_tree, bool_or(m.kind = 'p') AS is_partitioned
        FROM threadline.members_of(root) m)
    SELECT m.member, '00_threadline_' || e.name, e.definition, e.type, e.old_table, e.new_table,
        e.mode = 'row' AND t.is_partitioned AND m.member <> root
    FROM tree t
    CROSS JOIN threadline.members_of(root) m
    CROSS JOIN (VALUES
        ('statement', 'insert', 4, NULL, 'new_rows',
            'AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT'),
        ('statement', 'update', 16, 'old_rows', 'new_rows',
            'AFTER UPDATE ON %s REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
            'FOR EACH STATEMENT'),
        ('statement', 'delete', 8, 'old_rows', NULL,
            'AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows FOR EACH STATEMENT'),
        ('row', 'row', 29, NULL, NULL, 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW'),
        ('whole', 'truncate', 32, NULL, NULL, 'AFTER TRUNCATE ON %s FOR EACH STATEMENT'),
        ('part', 'truncating', 34, NULL, NULL, 'BEFORE TRUNCATE ON %s FOR EACH STATEMENT')
    ) AS e (mode, name, type, old_table, new_table, definition)
    -- A whole that is emptied is one change; of a part, its rows are, before they are gone.
    WHERE e.mode = capture_mode
        OR (e.mode = 'whole' AND m.member = root AND (t.is_partitioned OR NOT t.is_tree))
        OR (e.mode = 'part' AND t.is_tree AND m.kind <> 'f');
$function$;
