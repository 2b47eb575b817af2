-- The audited tables, and what their rows were in each of their versions: pure arithmetic, so that the
-- trail, the live tables and what a trigger records can be compared with each other.
CREATE SCHEMA bench;

CREATE FUNCTION bench.status(version bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $function$
    SELECT (ARRAY['new', 'open', 'waiting', 'closed'])[version % 4 + 1]
$function$;

CREATE FUNCTION bench.price(id bigint, version bigint) RETURNS numeric LANGUAGE sql IMMUTABLE
AS $function$
    SELECT (((id * 7 + version * 13) % 100000)::numeric / 100)::numeric(10, 2)
$function$;

CREATE FUNCTION bench.updated_at(id bigint, version bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
AS $function$
    SELECT to_timestamp(1700000000 + version * 86400 + id)
$function$;

CREATE FUNCTION bench.body(id bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $function$
    SELECT 'The body of ' || id::text || repeat(', which is long', 4)
$function$;

-- A row as the trail has it.
CREATE FUNCTION bench.image(id bigint, version bigint) RETURNS jsonb LANGUAGE sql STABLE AS $function$
    SELECT jsonb_build_object(
        'id', id, 'title', 'title ' || id::text, 'body', bench.body(id), 'status', bench.status(version),
        'price', bench.price(id, version), 'updated_at', bench.updated_at(id, version))
$function$;

-- What an update of the version before has replaced.
CREATE FUNCTION bench.replaced(id bigint, version bigint) RETURNS jsonb LANGUAGE sql STABLE
AS $function$
    SELECT jsonb_build_object(
        'status', bench.status(version - 1), 'price', bench.price(id, version - 1),
        'updated_at', bench.updated_at(id, version - 1))
$function$;

CREATE TABLE bench.documents (
    id bigint PRIMARY KEY, title text NOT NULL, body text, status text NOT NULL,
    price numeric(10, 2) NOT NULL, updated_at timestamptz NOT NULL);
CREATE TABLE bench.counters (LIKE bench.documents INCLUDING ALL);

DO $others$
BEGIN
    FOR number IN 3..20 LOOP
        EXECUTE format(
            'CREATE TABLE bench.%I (LIKE bench.documents INCLUDING ALL)',
            'other_' || lpad(number::text, 2, '0'));
    END LOOP;
END
$others$;

-- What was generated: the number of changes, and the time they are spread over. The row is written when
-- everything is there.
CREATE TABLE bench.trail (
    changes bigint NOT NULL, first_at timestamptz NOT NULL, last_at timestamptz NOT NULL,
    seconds float8 NOT NULL);
