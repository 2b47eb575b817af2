-- threadline: schema=1
-- Capture functions run with the rights of their owner, so that a role that may not touch the trail
-- is audited all the same. The application role needs nothing but to call the functions that say who
-- and why; nobody but the owner reads or writes a table here.
REVOKE ALL ON ALL TABLES IN SCHEMA threadline FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA threadline FROM PUBLIC;
GRANT USAGE ON SCHEMA threadline TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.begin_action(jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.end_action(bigint) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.record_action(jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.captured() TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.read_row(anyelement, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.told_row(anyelement) TO PUBLIC;
-- They read with the rights of who calls them, and so nothing without a grant on the trail.
GRANT EXECUTE ON FUNCTION threadline.root_of(oid) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.key_as_stored(regclass, text[], text[], jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.history(regclass, jsonb) TO PUBLIC;
