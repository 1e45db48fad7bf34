-- Messages that are kept aside can be processed again: what is wrong with them may change, what arrived may not.

-- A bus that lost its disk numbers its messages from 1 again, so the number alone does not say which message it was.
ALTER TABLE ledger.unreadable_events
  ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY,
  ADD COLUMN digest bytea NOT NULL GENERATED ALWAYS AS (sha256(raw)) STORED,
  ADD COLUMN kind text NOT NULL DEFAULT 'unreadable',
  ADD COLUMN replayed_at timestamptz,
  ADD COLUMN resolved_at timestamptz,
  DROP CONSTRAINT unreadable_events_pkey,
  ADD PRIMARY KEY (id),
  ADD UNIQUE (stream, stream_seq, digest);
ALTER TABLE ledger.unreadable_events ALTER COLUMN kind DROP DEFAULT;
CREATE INDEX unreadable_events_open ON ledger.unreadable_events (id) WHERE resolved_at IS NULL;

GRANT UPDATE (kind, reason, replayed_at, resolved_at) ON ledger.unreadable_events TO purse_ledger;
