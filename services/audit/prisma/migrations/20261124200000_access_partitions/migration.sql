-- The access log by months (UTC), so that what is too old goes at once and costs nothing.
ALTER TABLE access_log RENAME TO access_log_whole;
ALTER INDEX access_log_pkey RENAME TO access_log_whole_pkey;
ALTER INDEX access_log_by_family RENAME TO access_log_whole_by_family;

CREATE TABLE access_log (
  at timestamptz(3) NOT NULL,
  id uuid NOT NULL,
  family_id uuid,
  method text NOT NULL,
  route text NOT NULL,
  status int NOT NULL,
  code text,
  duration_ms double precision NOT NULL,
  user_id uuid,
  ip text NOT NULL,
  client client_kind,
  request_id text NOT NULL,
  PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX access_log_by_family ON access_log (family_id, at DESC, id DESC);

-- Lines of a time that has no partition: of a wrong clock, or from a disk that was away for long.
CREATE TABLE access_log_outside PARTITION OF access_log DEFAULT;

GRANT SELECT, INSERT ON access_log TO purse_audit;
GRANT SELECT ON access_log_outside TO purse_audit;

-- Makes the partition of the month that begins then, and moves there what was outside.
CREATE FUNCTION make_access_partition(month timestamptz) RETURNS void LANGUAGE plpgsql
SET search_path = audit, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  name text := 'access_log_' || to_char(month, 'YYYYMM');
  month_end timestamptz := month + interval '1 month';
BEGIN
  IF to_regclass(name) IS NOT NULL THEN
    RETURN;
  END IF;
  -- Made apart and attached: CREATE TABLE … PARTITION OF would hold up every reader and writer.
  EXECUTE format('CREATE TABLE %I (LIKE access_log INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)', name);
  LOCK TABLE access_log_outside IN ACCESS EXCLUSIVE MODE;
  EXECUTE format(
    'WITH moved AS (DELETE FROM access_log_outside WHERE at >= $1 AND at < $2 RETURNING *)
     INSERT INTO %I SELECT * FROM moved', name) USING month, month_end;
  EXECUTE format('ALTER TABLE access_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, month, month_end);
END $$;

-- What the service may do, which owns no table: make the partitions of the last month to the third from now …
CREATE FUNCTION make_access_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = audit, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
BEGIN
  IF pg_try_advisory_xact_lock(hashtext('audit.access_log')) THEN
    PERFORM make_access_partition(date_trunc('month', now()) + make_interval(months => n))
    FROM generate_series(-1, 3) AS n;
  END IF;
END $$;

-- … and drop those that are wholly older than so many days, 30 at least. Days count back from the newest line, unless that
-- is of the future: a database whose clock leaps ahead drops nothing. This month and the last one stay in any case.
CREATE FUNCTION drop_access_partitions(keep_days int) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = audit, pg_temp SET timezone = 'UTC' SET lock_timeout = '2s' AS $$
DECLARE
  name text;
  oldest_kept timestamptz;
  dropped int := 0;
BEGIN
  IF keep_days IS NULL OR keep_days < 30 THEN
    RAISE EXCEPTION 'Access lines are kept for 30 days or longer' USING ERRCODE = 'invalid_parameter_value';
  END IF;
  IF NOT pg_try_advisory_xact_lock(hashtext('audit.access_log')) THEN
    RETURN 0;
  END IF;
  SELECT max(at) - make_interval(days => keep_days) INTO oldest_kept FROM access_log WHERE at <= now();
  FOR name IN
    SELECT c.relname
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid, LATERAL (SELECT CASE
        WHEN c.relname ~ '^access_log_[0-9]{6}$' THEN to_timestamp(right(c.relname, 6), 'YYYYMM') + interval '1 month'
      END AS month_end) AS m
    WHERE i.inhparent = 'access_log'::regclass AND month_end <= oldest_kept AND month_end < date_trunc('month', now())
  LOOP
    EXECUTE format('DROP TABLE %I', name);
    dropped := dropped + 1;
  END LOOP;
  DELETE FROM access_log_outside WHERE at < oldest_kept;
  RETURN dropped;
END $$;

REVOKE ALL ON FUNCTION make_access_partition(timestamptz), make_access_partitions(), drop_access_partitions(int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION make_access_partitions(), drop_access_partitions(int) TO purse_audit;

SELECT make_access_partition(month) FROM (
  SELECT DISTINCT date_trunc('month', at, 'UTC') AS month FROM access_log_whole WHERE at <= now()
) AS months;
SELECT make_access_partitions();
INSERT INTO access_log SELECT * FROM access_log_whole;
DROP TABLE access_log_whole;
