-- Gives an enum type exactly the labels wanted, its rows moved to the label that moves names ('{"old": "new"}').
-- Without wanted: the labels it has, but for those that move. Where no two labels become one, the labels are only
-- renamed. Otherwise a new type takes the old one's place, with every default, check and partial index that names it.
-- Stops at a label that has no place among those wanted. pg_temp: the function is gone when the session ends.
CREATE OR REPLACE FUNCTION pg_temp.remap_enum(type_name text, wanted text[], moves jsonb) RETURNS text
LANGUAGE plpgsql AS $remap$
DECLARE
    enum oid := to_regtype(type_name);
    shown text := format_type(to_regtype(type_name), NULL);
    labels text[];
    moved text[];
    homeless text;
    found record;
    restore text[] := '{}';
    statement text;
BEGIN
    IF enum IS NULL THEN
        RAISE EXCEPTION 'there is no type % in this database', type_name;
    END IF;
    labels := ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = enum ORDER BY enumsortorder);
    moved := ARRAY(SELECT coalesce(moves ->> label, label) FROM unnest(labels) WITH ORDINALITY AS l (label, n) ORDER BY n);
    wanted := coalesce(wanted, ARRAY(
        SELECT label FROM unnest(labels) WITH ORDINALITY AS l (label, n) WHERE NOT moves ? label ORDER BY n
    ));
    SELECT string_agg(quote_literal(labels[n]), ', ') INTO homeless
    FROM generate_subscripts(labels, 1) AS n WHERE moved[n] <> ALL (wanted);
    IF homeless IS NOT NULL THEN
        RAISE EXCEPTION '% has labels that are not expected: %. Nothing was changed.', type_name, homeless
            USING HINT = format('Expected are %s. Decide which of them those rows get.', array_to_string(wanted, ', '));
    END IF;
    IF labels = wanted THEN
        RETURN format('%s: nothing to do', type_name);
    END IF;

    IF moved = wanted THEN
        -- In two rounds, because a new label may be the old one of another.
        FOR n IN 1 .. cardinality(labels) LOOP
            CONTINUE WHEN labels[n] = moved[n];
            EXECUTE format('ALTER TYPE %s RENAME VALUE %L TO %L', shown, labels[n], 'label ' || n || ' on its way');
        END LOOP;
        FOR n IN 1 .. cardinality(labels) LOOP
            CONTINUE WHEN labels[n] = moved[n];
            EXECUTE format('ALTER TYPE %s RENAME VALUE %L TO %L', shown, 'label ' || n || ' on its way', moved[n]);
        END LOOP;
        RETURN format('%s: labels renamed', type_name);
    END IF;

    -- What compares a column with a label blocks the change of the column's type: it goes, and comes back afterwards.
    FOR found IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', c.conrelid::regclass, c.conname) AS remove,
               format('ALTER TABLE %s ADD CONSTRAINT %I %s', c.conrelid::regclass, c.conname, pg_get_constraintdef(c.oid)) AS make,
               obj_description(c.oid, 'pg_constraint') AS remark,
               format('CONSTRAINT %I ON %s', c.conname, c.conrelid::regclass) AS named
        FROM pg_constraint c
        WHERE c.contype IN ('c', 'x') AND c.conrelid <> 0 AND c.conislocal
          AND strpos(pg_get_constraintdef(c.oid), '::' || shown) > 0
        UNION ALL
        SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid),
               obj_description(i.indexrelid, 'pg_class'), format('INDEX %s', i.indexrelid::regclass)
        FROM pg_index i
        WHERE strpos(pg_get_indexdef(i.indexrelid), '::' || shown) > 0
          AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype = 'x')
          AND NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhrelid = i.indexrelid)
    LOOP
        restore := restore || found.make;
        IF found.remark IS NOT NULL THEN
            restore := restore || format('COMMENT ON %s IS %L', found.named, found.remark);
        END IF;
        EXECUTE found.remove;
    END LOOP;
    FOR found IN
        SELECT a.attrelid::regclass AS relation, a.attname AS name, pg_get_expr(d.adbin, d.adrelid) AS value
        FROM pg_attribute a JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
        WHERE a.atttypid = enum
    LOOP
        restore := restore || format('ALTER TABLE %s ALTER COLUMN %I SET DEFAULT %s', found.relation, found.name, found.value);
        EXECUTE format('ALTER TABLE %s ALTER COLUMN %I DROP DEFAULT', found.relation, found.name);
    END LOOP;

    EXECUTE format('ALTER TYPE %s RENAME TO %I', shown, 'enum on its way out');
    EXECUTE format('CREATE TYPE %s AS ENUM (%s)', shown, (SELECT string_agg(quote_literal(w), ', ' ORDER BY n) FROM unnest(wanted) WITH ORDINALITY AS u (w, n)));
    FOR found IN
        SELECT a.attrelid::regclass AS relation, string_agg(format(
            'ALTER COLUMN %1$I TYPE %2$s USING coalesce(%3$L::jsonb ->> %1$I::text, %1$I::text)::%2$s', a.attname, shown, moves
        ), ', ') AS changes
        FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid
        WHERE a.atttypid = enum AND r.relkind IN ('r', 'p') AND a.attinhcount = 0
        GROUP BY a.attrelid
    LOOP
        EXECUTE format('ALTER TABLE %s %s', found.relation, found.changes);
    END LOOP;
    EXECUTE format('DROP TYPE %s', enum::regtype);

    FOREACH statement IN ARRAY restore LOOP
        -- '~' keeps a label that has been moved from being moved again.
        FOR n IN 1 .. cardinality(labels) LOOP
            statement := replace(statement, quote_literal(labels[n]) || '::' || shown, quote_literal(moved[n]) || '~::' || shown);
        END LOOP;
        EXECUTE replace(statement, '~::' || shown, '::' || shown);
    END LOOP;
    RETURN format('%s: replaced by a type with the labels %s', type_name, array_to_string(wanted, ', '));
END
$remap$;
