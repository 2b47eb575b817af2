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
GRANT EXECUTE ON FUNCTION threadline.past_since(text, text, timestamptz, text[]) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.without_surrogates(jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.image_shape(regclass, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.rows_at(text, text, timestamptz) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.refuse_drift(
    regclass, jsonb, timestamptz, jsonb, jsonb, jsonb, jsonb, jsonb) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.as_of(anyelement, timestamptz, boolean) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.past_drift(
    anyelement, text, text, text, jsonb, timestamptz) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.zero_row(anyelement, text[]) TO PUBLIC;
GRANT EXECUTE ON FUNCTION threadline.lossy_row(anyelement, jsonb, text[]) TO PUBLIC;
