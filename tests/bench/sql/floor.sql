-- The least that recording rows as JSON can cost: one insert a statement, without an index.
CREATE TABLE bench.floor_log (at timestamptz, row jsonb);
CREATE FUNCTION bench.floor_new() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench.floor_log SELECT clock_timestamp(), to_jsonb(n) FROM new_rows n;
    RETURN NULL; END $$;
CREATE FUNCTION bench.floor_old() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO bench.floor_log SELECT clock_timestamp(), to_jsonb(o) FROM old_rows o;
    RETURN NULL; END $$;
CREATE TRIGGER i AFTER INSERT ON bench.floor REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bench.floor_new();
CREATE TRIGGER u AFTER UPDATE ON bench.floor REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bench.floor_new();
CREATE TRIGGER d AFTER DELETE ON bench.floor REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION bench.floor_old();
