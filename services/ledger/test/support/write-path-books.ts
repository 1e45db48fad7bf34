import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inTransaction } from '../../../../libs/kit/src/database.ts'
import { cloneDatabase } from '../../../../tests/support/test-database.ts'
import type { FamilyPolicy, Threshold } from '../../src/policy/policy.ts'
import { lockPolicy, savePolicy } from '../../src/policy/policy-store.ts'
import type { State } from './write-path-input.ts'

export const now = () => new Date('2026-05-01T12:00:00.000Z')
export const defaults = {
  inherited: (['owner', 'adult', 'member', 'child'] as const).map((role, index): Threshold => {
    return { role, accountId: null, currency: null, amount: [null, '1000', '100', '0'][index]! }
  }),
  windowSeconds: 86_400,
  quorum: 1,
  expirySeconds: 3600,
}
export const people = ['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222']

/** A database without any service; `admin` reads and writes everything, `pool` is the ledger's own role. */
export interface Books {
  admin: pg.Pool
  pool: pg.Pool
  stop(): Promise<void>
}

export async function openBooks(): Promise<Books> {
  const database = await cloneDatabase()
  const admin = new pg.Pool({ connectionString: database.adminUrl, options: '-c search_path=ledger', max: 4 })
  const pool = new pg.Pool({ connectionString: database.urlOf('ledger'), max: 4 })
  const stop = async () => {
    await Promise.all([admin.end(), pool.end()])
    await database.drop()
  }
  return { admin, pool, stop }
}

/** Ids that are the same in both families, so that what is left behind can be compared. */
export const idOf = (kind: number, n: number) =>
  `${kind}0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
export const CATEGORY = idOf(9, 1)

/** A family with these accounts and rules; answers its id. */
export async function givenState(
  { admin, pool }: Books,
  { accounts, archived, thresholds, windowSeconds }: State,
): Promise<string> {
  const family = randomUUID()
  await admin.query(
    `INSERT INTO categories (family_id, id, name, archived, created_by, created_at) VALUES ($1, $2, 'Food', $3, $4, now())`,
    [family, CATEGORY, archived, people[0]],
  )
  for (const [n, currency] of ['EUR', 'JPY'].entries())
    await admin.query(
      `INSERT INTO accounts (family_id, id, name, kind, currency, category_id)
       VALUES ($1, $2, 'Outside world', 'outside', $3, NULL), ($1, $4, 'Category', 'category', $3, $5)`,
      [family, idOf(7, n), currency, idOf(8, n), CATEGORY],
    )
  for (const [n, one] of accounts.entries())
    await admin.query(
      `INSERT INTO accounts (family_id, id, name, kind, currency, visibility, shared_with, owner_id, status, overdraft_limit, posted, held)
       VALUES ($1, $2, 'Wallet', 'cash', $3, $4, $5::uuid[], $6, $7, $8, $9, $10)`,
      [
        family,
        idOf(1, n),
        one.currency,
        one.visibility,
        one.visibility === 'shared' && one.shared ? [people[1 - one.owner]] : [],
        people[one.owner],
        one.status,
        one.overdraft,
        one.posted,
        one.held,
      ],
    )
  if (thresholds.length > 0) await givenPolicy(pool, family, { thresholds, windowSeconds }, 1)
  return family
}

/** Stores a policy of the family as the service does. */
export const givenPolicy = (
  pool: pg.Pool,
  family: string,
  { thresholds, windowSeconds }: Pick<State, 'thresholds' | 'windowSeconds'>,
  version: number,
) =>
  inTransaction(pool, async (tx) => {
    await lockPolicy(tx, family)
    const policy: FamilyPolicy = {
      ...defaults,
      windowSeconds,
      inherited: [],
      version,
      thresholds: thresholds.map(({ role, amount, of }) => ({
        role,
        amount,
        accountId: of === 'account' ? idOf(1, 0) : null,
        currency: of === 'currency' ? 'EUR' : null,
      })),
      updatedAt: now(),
      updatedBy: people[0]!,
    }
    await savePolicy(tx, family, policy)
  })

/** What somebody would see of an answer, without the ids and the family that differ by nature. */
export const plain = (value: unknown, ids: [string, string][]) =>
  ids.reduce((text, [id, name]) => text.replaceAll(id, name), JSON.stringify(value))

/** Everything that a family has in the books. */
export async function booksOf({ admin }: Books, family: string, names: [string, string][]): Promise<unknown> {
  const tables = {
    accounts: 'SELECT id, posted, held, version FROM accounts WHERE family_id = $1 ORDER BY id',
    transactions: `SELECT * FROM transactions WHERE family_id = $1 ORDER BY description, amount, id`,
    postings: `SELECT transaction_id, account_id, amount, balance_after, currency, created_at FROM postings
               WHERE family_id = $1 ORDER BY account_id, seq`,
    events: `SELECT subject, entity_type, entity_id, version, payload - 'id' AS payload FROM outbox
             WHERE family_id = $1 ORDER BY seq`,
    keys: `SELECT key, status, body::text FROM idempotency_keys WHERE family_id = $1 ORDER BY key`,
  }
  const found: Record<string, unknown> = {}
  for (const [name, sql] of Object.entries(tables)) found[name] = (await admin.query(sql, [family])).rows
  return JSON.parse(plain(found, [[family, 'FAMILY'], ...names]))
}
