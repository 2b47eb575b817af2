-- threadline: function=make_hash_key contract=1 revision=1
-- why: makes the key of hashed columns, unless there is one; a new key breaks equality with old hashes
-- calls:
CREATE OR REPLACE FUNCTION threadline.make_hash_key() RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $function$
<<make_hash_key>>
DECLARE
    -- Three random UUIDs have 366 random bits, of which the digest takes 256.
    fresh bytea := sha256(
        uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())
        || uuid_send(gen_random_uuid()));
    -- As RFC 2104 wants it: filled up to the block of SHA-256 and combined with two constants.
    filled bytea := fresh || decode(repeat('00', 32), 'hex');
BEGIN
    INSERT INTO threadline.hash_keys (key, inner_pad, outer_pad)
    SELECT fresh,
        string_agg(set_byte(decode('00', 'hex'), 0, get_byte(filled, i) # 54), ''::bytea ORDER BY i),
        string_agg(set_byte(decode('00', 'hex'), 0, get_byte(filled, i) # 92), ''::bytea ORDER BY i)
    FROM generate_series(0, 63) AS i
    WHERE NOT EXISTS (SELECT FROM threadline.hash_keys)
    HAVING count(*) > 0;
    RETURN FOUND;
END
$function$;
