-- The trail: one hash chain per family, the access log, and what could not be read.

CREATE TYPE event_action AS ENUM (
  'user.registered', 'user.updated', 'user.password_changed', 'user.totp_enabled', 'user.totp_disabled',
  'session.started', 'session.refreshed', 'session.reuse_detected', 'session.ended',
  'telegram.bind_started', 'telegram.bound', 'telegram.unbound',
  'family.created', 'family.updated',
  'member.invited', 'member.joined', 'member.role_changed', 'member.removed',
  'account.created', 'account.updated', 'account.closed',
  'transaction.submitted', 'transaction.posted', 'transaction.approved', 'transaction.rejected',
  'transaction.cancelled', 'transaction.expired', 'transaction.reversed',
  'policy.changed', 'category.created', 'category.updated',
  'audit.verified', 'audit.exported'
);

CREATE TYPE client_kind AS ENUM ('web', 'bot', 'api');

CREATE TABLE event_log (
  family_id uuid NOT NULL,
  seq bigint NOT NULL CHECK (seq > 0),
  event_id uuid NOT NULL UNIQUE,
  action event_action NOT NULL,
  actor_id uuid,
  entity_type text NOT NULL,
  entity_id text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  occurred_at timestamptz(3) NOT NULL,
  recorded_at timestamptz(3) NOT NULL,
  old_values jsonb,
  new_values jsonb,
  reason text,
  ip text,
  client client_kind,
  session_id uuid,
  request_id text,
  trace_id text,
  prev_hash text NOT NULL CHECK (prev_hash ~ '^[0-9a-f]{64}$'),
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  PRIMARY KEY (family_id, seq)
);
CREATE INDEX event_log_by_actor ON event_log (family_id, actor_id, seq);
CREATE INDEX event_log_by_entity ON event_log (family_id, entity_type, entity_id, seq);

-- Nobody changes the trail: not the service, not its owner, not by mistake.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Also where a session has switched ordinary triggers off (session_replication_role).
ALTER TABLE event_log ENABLE ALWAYS TRIGGER event_log_append_only;

-- Where each family's chain ends. `version` counts the chain's own events (audit.verified, audit.exported).
CREATE TABLE chain_heads (
  family_id uuid PRIMARY KEY,
  seq bigint NOT NULL CHECK (seq >= 0),
  hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
  version int NOT NULL DEFAULT 0
);

-- The key begins with what a partition by time would need, and makes a redelivered line the same line.
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
);
CREATE INDEX access_log_by_family ON access_log (family_id, at DESC, id DESC);

-- Messages that can never be processed, with the reason. The bus does not keep them for us.
CREATE TABLE unreadable_events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream text NOT NULL,
  stream_seq bigint NOT NULL,
  subject text NOT NULL,
  raw bytea NOT NULL,
  reason text NOT NULL,
  received_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (stream, stream_seq)
);

CREATE TABLE outbox (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL UNIQUE,
  family_id uuid NOT NULL,
  subject text NOT NULL,
  entity_type text NOT NULL,
  entity_id text NOT NULL,
  version int NOT NULL,
  payload jsonb NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  published_at timestamptz,
  UNIQUE (entity_type, entity_id, version)
);
CREATE INDEX outbox_unpublished ON outbox (seq) WHERE published_at IS NULL;

GRANT SELECT, INSERT ON event_log, access_log, unreadable_events, outbox TO purse_audit;
GRANT SELECT, INSERT, UPDATE ON chain_heads TO purse_audit;
GRANT UPDATE (published_at) ON outbox TO purse_audit;
