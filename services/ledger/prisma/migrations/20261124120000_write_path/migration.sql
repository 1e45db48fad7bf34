-- The common case of writing a transaction, for many callers in one round trip and one commit.

-- Minor units as people read them: 1250 with two places is 12.50.
CREATE FUNCTION ledger.to_decimal(minor bigint, places int) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT round(minor * power(10::numeric, -places), places)::text
$$;

-- One transaction as it is to be posted, and what has to hold for that. The service fills it in; nothing here is trusted
-- to be allowed.
CREATE TYPE ledger.posting_request AS (
  n                 int,         -- place in the batch, from 1
  family_id         uuid,
  key               text,        -- Idempotency-Key
  fingerprint       text,        -- hash of the request
  created_by        uuid,
  reads_all         boolean,     -- the caller's role may read every account that is not private
  id                uuid,
  type              text,
  account_id        uuid,
  to_account_id     uuid,
  amount            bigint,
  currency          char(3),
  places            int,         -- decimal places of the currency
  category_id       uuid,
  description       text,
  occurred_at       timestamptz,
  created_at        timestamptz,
  policy_version    int,         -- the policy that the next three come from; null when nobody has to be asked
  threshold         bigint,      -- null: without limit
  since             timestamptz, -- what was spent after this counts with it; null: each spending by itself
  summed_account_id uuid,        -- null: what was spent from any account counts
  event             jsonb,       -- the envelope of transaction.posted
  body              text         -- the answer, up to where balances_after is filled in
);

/*
 * Posts each request that is plainly allowed, in order, and answers for each one its outcome: `posted` with
 * balances_after, or the reason why it is left to the service, which then decides by itself what the answer is. Of what is
 * not posted nothing is written. A request that is refused does not disturb the others; an exception undoes the batch.
 *
 * Locks, in this order for everybody: the idempotency keys (never waited for), the spenders, the accounts by family and
 * id. Every statement after them sees what was committed before the locks were given.
 */
CREATE FUNCTION ledger.post_transactions(items jsonb) RETURNS TABLE (n int, outcome text, balances_after text)
LANGUAGE plpgsql
-- A plan is kept for the connection's life: it must not be made for the few rows of a new installation.
SET enable_seqscan = off
-- Whoever holds an account for long delays a batch no longer than this.
SET lock_timeout = '1s'
AS $$
DECLARE
  asked    ledger.posting_request[];
  one      ledger.posting_request;
  outcomes text[];
  answers  text[];
  -- The accounts of the batch in the order of their locks, with running balances.
  families uuid[];
  ids      uuid[];
  sums     bigint[];
  holds    bigint[];
  limits   bigint[];
  -- For each request, the place of its two accounts in those lists.
  own      int[];
  other    int[];
  giver    int;
  taker    int;
  givers       int[];
  takers       int[];
  givers_after bigint[];
  takers_after bigint[];
  spent    numeric;
  -- Far above any family's money and far below what a BIGINT holds.
  balance_max CONSTANT bigint := 100000000000000000;
BEGIN
  SELECT array_agg(r ORDER BY r.n) INTO asked FROM jsonb_populate_recordset(NULL::ledger.posting_request, items) r;

  SELECT array_agg(CASE WHEN NOT pg_try_advisory_xact_lock(hashtextextended(r.family_id::text || r.key, 42)) THEN 'key' END
                   ORDER BY r.n)
    INTO outcomes FROM unnest(asked) r;

  -- One spending of a person at a time: two at once would both find room below the threshold.
  PERFORM pg_advisory_xact_lock(spender.lock)
  FROM (SELECT DISTINCT hashtextextended(r.family_id::text || r.created_by::text, 7) AS lock
        FROM unnest(asked) r WHERE r.threshold IS NOT NULL AND r.since IS NOT NULL ORDER BY 1) spender;

  WITH wanted AS MATERIALIZED (
    SELECT r.family_id, r.account_id AS id FROM unnest(asked) r
    UNION SELECT r.family_id, r.to_account_id FROM unnest(asked) r WHERE r.to_account_id IS NOT NULL
    UNION SELECT a.family_id, a.id
      FROM (SELECT DISTINCT r.family_id, r.currency FROM unnest(asked) r
            WHERE r.to_account_id IS NULL AND r.category_id IS NULL) r
      JOIN ledger.accounts a ON a.family_id = r.family_id AND a.kind = 'outside' AND a.currency = r.currency
    UNION SELECT a.family_id, a.id
      FROM (SELECT DISTINCT r.family_id, r.currency, r.category_id FROM unnest(asked) r
            WHERE r.category_id IS NOT NULL) r
      JOIN ledger.accounts a ON a.family_id = r.family_id AND a.category_id = r.category_id AND a.currency = r.currency
  ), locked AS MATERIALIZED (
    SELECT a.family_id, a.id, a.posted, a.held, a.overdraft_limit
    FROM wanted w JOIN ledger.accounts a ON a.family_id = w.family_id AND a.id = w.id
    ORDER BY a.family_id, a.id FOR UPDATE OF a
  )
  SELECT array_agg(l.family_id), array_agg(l.id), array_agg(l.posted), array_agg(l.held), array_agg(l.overdraft_limit)
    INTO families, ids, sums, holds, limits
    FROM (SELECT * FROM locked ORDER BY family_id, id) l;

  -- What does not depend on the others of the batch.
  SELECT array_agg(CASE
      WHEN outcomes[r.n] IS NOT NULL THEN outcomes[r.n]
      WHEN (SELECT 1 FROM ledger.idempotency_keys k WHERE k.family_id = r.family_id AND k.key = r.key) IS NOT NULL
        THEN 'key'
      WHEN r.policy_version <>
           coalesce((SELECT p.version FROM ledger.approval_policies p WHERE p.family_id = r.family_id), 0)
        THEN 'policy'
      WHEN r.category_id IS NOT NULL
           AND (SELECT c.archived FROM ledger.categories c WHERE c.family_id = r.family_id AND c.id = r.category_id)
               IS NOT FALSE
        THEN 'category'
      WHEN own_account.id IS NULL OR other_account.id IS NULL THEN 'account'
      WHEN r.amount > r.threshold THEN 'approval'
    END ORDER BY r.n),
    array_agg(array_position(ids, own_account.id) ORDER BY r.n),
    array_agg(array_position(ids, other_account.id) ORDER BY r.n)
    INTO outcomes, own, other
  FROM unnest(asked) r
  LEFT JOIN ledger.accounts own_account
    ON own_account.family_id = r.family_id AND own_account.id = r.account_id
    AND own_account.status = 'open' AND own_account.currency = r.currency AND own_account.owner_id IS NOT NULL
    AND (own_account.visibility = 'family' OR own_account.owner_id = r.created_by
         OR own_account.visibility = 'shared' AND (r.reads_all OR r.created_by = ANY (own_account.shared_with)))
  LEFT JOIN LATERAL (
    SELECT a.id FROM ledger.accounts a
    WHERE r.to_account_id IS NOT NULL AND a.family_id = r.family_id AND a.id = r.to_account_id
      AND a.status = 'open' AND a.currency = r.currency AND a.owner_id IS NOT NULL
      AND (a.visibility = 'family' OR a.owner_id = r.created_by
           OR a.visibility = 'shared' AND (r.reads_all OR r.created_by = ANY (a.shared_with)))
    UNION ALL
    SELECT a.id FROM ledger.accounts a
    WHERE r.to_account_id IS NULL AND r.category_id IS NULL
      AND a.family_id = r.family_id AND a.kind = 'outside' AND a.currency = r.currency
    UNION ALL
    SELECT a.id FROM ledger.accounts a
    WHERE r.to_account_id IS NULL AND r.category_id IS NOT NULL
      AND a.family_id = r.family_id AND a.category_id = r.category_id AND a.currency = r.currency
  ) other_account ON true;

  -- What does: each one sees the balances that those before it left.
  FOREACH one IN ARRAY asked LOOP
    CONTINUE WHEN outcomes[one.n] IS NOT NULL;
    giver := CASE WHEN one.type = 'income' THEN other[one.n] ELSE own[one.n] END;
    taker := CASE WHEN one.type = 'income' THEN own[one.n] ELSE other[one.n] END;
    IF one.type <> 'income' AND one.amount > sums[giver] - holds[giver] + limits[giver] THEN
      outcomes[one.n] := 'funds';
      CONTINUE;
    END IF;
    IF greatest(sums[giver], sums[taker]) + one.amount > balance_max
       OR least(sums[giver], sums[taker]) - one.amount < -balance_max THEN
      outcomes[one.n] := 'range';
      CONTINUE;
    END IF;
    IF one.threshold IS NOT NULL AND one.since IS NOT NULL THEN
      spent := (
        SELECT coalesce(sum(t.amount), 0) FROM ledger.transactions t
        WHERE t.family_id = one.family_id AND t.created_by = one.created_by AND t.currency = one.currency
          AND t.created_at > one.since AND (t.type = 'income') = (t.reverses IS NOT NULL) AND t.status = 'posted'
          AND t.required_approvals = 0 AND t.type <> 'opening'
          AND (one.summed_account_id IS NULL OR t.account_id = one.summed_account_id)
      ) + (
        SELECT coalesce(sum(r.amount), 0) FROM unnest(asked) r
        WHERE outcomes[r.n] = 'posted' AND r.family_id = one.family_id AND r.created_by = one.created_by
          AND r.currency = one.currency AND r.created_at > one.since AND r.type <> 'income'
          AND (one.summed_account_id IS NULL OR r.account_id = one.summed_account_id)
      );
      IF spent + one.amount > one.threshold THEN
        outcomes[one.n] := 'approval';
        CONTINUE;
      END IF;
    END IF;
    sums[giver] := sums[giver] - one.amount;
    sums[taker] := sums[taker] + one.amount;
    outcomes[one.n] := 'posted';
    -- The people's accounts by id, as they are right after it.
    answers[one.n] := (
      SELECT '[' || string_agg(
        '{"account_id":"' || ids[side] || '","posted":"' || ledger.to_decimal(sums[side], one.places)
          || '","pending":"' || ledger.to_decimal(-holds[side], one.places)
          || '","available":"' || ledger.to_decimal(sums[side] - holds[side], one.places) || '"}', ',' ORDER BY side)
        || ']'
      FROM unnest(CASE WHEN one.to_account_id IS NULL THEN ARRAY[own[one.n]] ELSE ARRAY[giver, taker] END) side
    );
    givers[one.n] := giver;
    takers[one.n] := taker;
    givers_after[one.n] := sums[giver];
    takers_after[one.n] := sums[taker];
  END LOOP;

  INSERT INTO ledger.transactions (family_id, id, type, status, account_id, to_account_id, amount, currency, category_id,
    description, created_by, occurred_at, created_at)
  SELECT r.family_id, r.id, r.type, 'posted', r.account_id, r.to_account_id, r.amount, r.currency, r.category_id,
    r.description, r.created_by, r.occurred_at, r.created_at
  FROM unnest(asked) r WHERE outcomes[r.n] = 'posted';

  UPDATE ledger.accounts a SET posted = moved.posted
  FROM unnest(families, ids, sums) AS moved (family_id, id, posted)
  WHERE a.family_id = moved.family_id AND a.id = moved.id AND a.posted <> moved.posted;

  INSERT INTO ledger.postings (family_id, transaction_id, account_id, amount, currency, created_at, balance_after)
  SELECT r.family_id, r.id, ids[leg.account], leg.amount, r.currency, r.created_at, leg.balance_after
  FROM unnest(asked) r
  CROSS JOIN LATERAL (VALUES (givers[r.n], -r.amount, givers_after[r.n]), (takers[r.n], r.amount, takers_after[r.n]))
    AS leg (account, amount, balance_after)
  WHERE outcomes[r.n] = 'posted' ORDER BY r.n;

  INSERT INTO ledger.outbox (id, family_id, subject, entity_type, entity_id, version, payload)
  SELECT (r.event->>'id')::uuid, r.family_id, r.event->>'type', 'transaction', r.id::text, 1, r.event
  FROM unnest(asked) r WHERE outcomes[r.n] = 'posted' ORDER BY r.n;

  INSERT INTO ledger.idempotency_keys (family_id, key, fingerprint, status, body)
  SELECT r.family_id, r.key, r.fingerprint, 201, (r.body || answers[r.n] || '}')::json
  FROM unnest(asked) r WHERE outcomes[r.n] = 'posted';

  RETURN QUERY SELECT r.n, outcomes[r.n], answers[r.n] FROM unnest(asked) r;
END $$;

-- Keys are forgotten by age.
CREATE INDEX idempotency_keys_by_age ON ledger.idempotency_keys (created_at);
