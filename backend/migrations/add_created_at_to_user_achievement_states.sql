-- Repairs a database that the older application made: gives user_achievement_states the created_at that it lacks.
--
--     psql -v ON_ERROR_STOP=1 -f add_created_at_to_user_achievement_states.sql "$DATABASE_URL"
--
-- A row gets its updated_at, the earliest instant that is known of it. So does a row whose created_at an earlier attempt
-- left empty, or later than updated_at because it wrote the time of the repair. Inside a transaction or outside: all is
-- repaired or nothing is changed. A second run changes nothing.

DO $repair$
DECLARE
    patience text := current_setting('lock_timeout');
    states regclass := to_regclass('user_achievement_states');
    instant text;
    repaired bigint;
BEGIN
    IF states IS NULL THEN
        RAISE EXCEPTION 'there is no table user_achievement_states in this database'
            USING HINT = 'This script is for a database that the older application made.';
    END IF;
    SELECT format_type(atttypid, atttypmod) INTO instant
    FROM pg_attribute WHERE attrelid = states AND attname = 'updated_at' AND NOT attisdropped;
    IF instant IS NULL THEN
        RAISE EXCEPTION 'user_achievement_states has no updated_at to take created_at from. Nothing was changed.';
    END IF;

    -- Whoever waits for this script's lock would make everyone behind it wait: better to give up and be run again.
    PERFORM set_config('lock_timeout', '5s', true);
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = states AND attname = 'created_at' AND NOT attisdropped) THEN
        EXECUTE format('ALTER TABLE %s ADD COLUMN created_at %s', states, instant);
    END IF;
    EXECUTE format(
        'UPDATE %s SET created_at = coalesce(updated_at, now()) WHERE created_at IS NULL OR created_at > updated_at', states
    );
    GET DIAGNOSTICS repaired = ROW_COUNT;
    IF EXISTS (SELECT FROM pg_attribute WHERE attrelid = states AND attname = 'created_at' AND NOT attnotnull) THEN
        EXECUTE format('ALTER TABLE %s ALTER COLUMN created_at SET NOT NULL', states);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = states AND attname = 'created_at' AND atthasdef) THEN
        EXECUTE format('ALTER TABLE %s ALTER COLUMN created_at SET DEFAULT now()', states);
    END IF;
    RAISE NOTICE 'user_achievement_states: % rows given a created_at', repaired;
    PERFORM set_config('lock_timeout', patience, true);
END
$repair$;
