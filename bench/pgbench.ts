import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import type { BenchHouse } from './bench-house.ts'
import { cpuMsOfEnded } from './processes.ts'

export interface Yardstick {
  perSecond: number
  /** Mean, in milliseconds: pgbench tells no more. */
  latency: number
  /** Microseconds of processor time for each call, of the database and of pgbench. */
  cpu: number
}

/** What is spent from: every account that the load uses, with its family's counterpart. */
export interface Spendable {
  family: string
  owner: string
  account: string
}

/** One call writes the rows of one spending, and checks nothing: as fast as one commit for each caller can be. */
const yardstickSql = `
CREATE SCHEMA yardstick;
CREATE TABLE yardstick.spendable (n int PRIMARY KEY, family uuid, owner uuid, account uuid, outside uuid);
CREATE SEQUENCE yardstick.keys;
CREATE FUNCTION yardstick.spend(chosen int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  s yardstick.spendable;
  t uuid := gen_random_uuid();
  at timestamptz := clock_timestamp();
  own_after bigint;
  outside_after bigint;
BEGIN
  SELECT * INTO s FROM yardstick.spendable WHERE n = chosen;
  PERFORM 1 FROM ledger.accounts WHERE family_id = s.family AND id IN (s.account, s.outside) ORDER BY id FOR UPDATE;
  UPDATE ledger.accounts SET posted = posted - 1 WHERE family_id = s.family AND id = s.account RETURNING posted INTO own_after;
  UPDATE ledger.accounts SET posted = posted + 1 WHERE family_id = s.family AND id = s.outside RETURNING posted INTO outside_after;
  INSERT INTO ledger.transactions (family_id, id, type, status, account_id, amount, currency, description, created_by, occurred_at, created_at)
  VALUES (s.family, t, 'expense', 'posted', s.account, 1, 'EUR', 'bench', s.owner, at, at);
  INSERT INTO ledger.postings (family_id, transaction_id, account_id, amount, currency, created_at, balance_after)
  VALUES (s.family, t, s.account, -1, 'EUR', at, own_after), (s.family, t, s.outside, 1, 'EUR', at, outside_after);
  INSERT INTO ledger.outbox (id, family_id, subject, entity_type, entity_id, version, payload, published_at)
  SELECT gen_random_uuid(), s.family, 'ledger.transaction.posted.v1', 'transaction', t, 1, example, at FROM yardstick.event;
  INSERT INTO ledger.idempotency_keys (family_id, key, fingerprint, status, body)
  SELECT s.family, nextval('yardstick.keys'), repeat('f', 64), 201, example FROM yardstick.answer;
END $$;`

/** Makes the yardstick's function; events and answers are copies of real ones, so that the rows have their size. */
export async function prepareYardstick(house: BenchHouse, spendable: Spendable[]): Promise<void> {
  const client = new pg.Client({ connectionString: house.adminUrl })
  await client.connect()
  try {
    await client.query(yardstickSql)
    await client.query(
      `INSERT INTO yardstick.spendable
       SELECT s.n, s.family, s.owner, s.account, o.id
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) WITH ORDINALITY AS s (family, owner, account, n)
       JOIN ledger.accounts o ON o.family_id = s.family AND o.kind = 'outside' AND o.currency = 'EUR'`,
      [spendable.map((s) => s.family), spendable.map((s) => s.owner), spendable.map((s) => s.account)],
    )
    await client.query(
      `CREATE TABLE yardstick.event AS SELECT payload AS example FROM ledger.outbox WHERE subject LIKE '%posted%' LIMIT 1;
       CREATE TABLE yardstick.answer AS SELECT body AS example FROM ledger.idempotency_keys WHERE status = 201 ORDER BY created_at DESC LIMIT 1`,
    )
  } finally {
    await client.end()
  }
}

export async function runYardstick(
  house: BenchHouse,
  { callers, seconds, accounts }: { callers: number; seconds: number; accounts: number },
): Promise<Yardstick> {
  const script = join(tmpdir(), `yardstick-${process.pid}.sql`)
  await writeFile(script, `\\set n random(1, ${accounts})\nSELECT yardstick.spend(:n);\n`)
  const url = new URL(house.adminUrl)
  const args = ['-n', '-M', 'prepared', '-c', callers, '-j', 2, '-T', seconds, '-f', script]
  const usedBefore = house.used()['postgres']! + cpuMsOfEnded()
  const { stdout } = await promisify(execFile)(house.pgbench, args.map(String), {
    env: {
      ...process.env,
      PGHOST: url.hostname,
      PGPORT: url.port,
      PGUSER: url.username,
      PGPASSWORD: decodeURIComponent(url.password),
      PGDATABASE: url.pathname.slice(1),
    },
  })
  const used = house.used()['postgres']! + cpuMsOfEnded() - usedBefore
  const number = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1])
  return {
    perSecond: number(/tps = ([\d.]+)/),
    latency: number(/latency average = ([\d.]+)/),
    cpu: (used * 1000) / number(/actually processed: (\d+)/),
  }
}
