import type pg from 'pg'
import { type Invariant, type InvariantName, invariants } from './invariants.ts'
import { trailInvariants } from './trail-invariants.ts'

export interface Violation {
  invariant: InvariantName
  what: string
  ids: string[]
}

/** An answer that a client got to something that would move money. */
export interface Answered {
  familyId: string
  key: string
  status: number
  /** The transaction of the answer, when there is one. */
  transaction?: {
    id: string
    type: string
    account_id: string
    to_account_id: string | null
    amount: string
    currency: string
    created_by: string
  }
}

/** A balance as the API tells it. */
export interface ToldBalance {
  id: string
  currency: string
  balance: { posted: string; pending: string; available: string }
}

const placesOf: Record<string, number> = { JPY: 0, EUR: 2, KWD: 3 }

/** Decimal text in minor units; NaN text and a wrong number of places become null. */
function minorUnits(text: string, currency: string): bigint | null {
  const places = placesOf[currency]
  if (places === undefined) throw new Error(`The checker does not know ${currency}`)
  const right = new RegExp(places === 0 ? '^-?\\d+$' : `^-?\\d+\\.\\d{${places}}$`).test(text)
  return right ? BigInt(text.replace('.', '')) : null
}

/** Looks for everything in the ledger that must never be there; answers nothing when all is well. */
export const checkDatabase = (sql: pg.Client): Promise<Violation[]> => checkEach(sql, invariants)

/** The same for the events of all services and the trail, where everything that was committed has arrived. */
export const checkTrail = (sql: pg.Client): Promise<Violation[]> => checkEach(sql, trailInvariants)

async function checkEach(sql: pg.Client, list: readonly Invariant[]): Promise<Violation[]> {
  const found: Violation[] = []
  for (const { name, what, sql: query } of list) {
    const { rows } = await sql.query<{ id: string }>(query)
    if (rows.length > 0) found.push({ invariant: name, what, ids: rows.map(({ id }) => id) })
  }
  return found
}

const violation = (invariant: InvariantName, what: string, ids: string[]): Violation[] =>
  ids.length === 0 ? [] : [{ invariant, what, ids }]

/** I2 as a person sees it: the API tells the sums of the postings and of what waits. */
export async function checkTold(sql: pg.Client, told: ToldBalance[]): Promise<Violation[]> {
  const { rows } = await sql.query<{ id: string; posted: string; held: string }>(
    `SELECT a.id, (SELECT coalesce(sum(p.amount), 0) FROM ledger.postings p WHERE p.account_id = a.id) AS posted, a.held
     FROM ledger.accounts a WHERE a.owner_id IS NOT NULL`,
  )
  const stored = new Map(rows.map((row) => [row.id, row]))
  const wrong = told.filter(({ id, currency, balance }) => {
    const row = stored.get(id)
    if (!row) return true
    const [posted, held] = [BigInt(row.posted), BigInt(row.held)]
    return (
      minorUnits(balance.posted, currency) !== posted ||
      minorUnits(balance.pending, currency) !== -held ||
      minorUnits(balance.available, currency) !== posted - held
    )
  })
  const ids = new Set(told.map(({ id }) => id))
  return [
    ...violation(
      'I2',
      'the API tells the balance',
      wrong.map(({ id }) => id),
    ),
    ...violation(
      'I2',
      'the API tells of each account',
      rows.filter(({ id }) => !ids.has(id)).map(({ id }) => id),
    ),
  ]
}

interface StoredTransaction {
  id: string
  type: string
  account_id: string
  to_account_id: string | null
  amount: string
  currency: string
  created_by: string
}

/**
 * I3: what was answered 201 is there once, as it was answered; nothing else is there; and of a key that was only ever
 * refused nothing is kept but its refusal.
 */
export async function checkAnswers(sql: pg.Client, answers: Answered[]): Promise<Violation[]> {
  const families = [...new Set(answers.map(({ familyId }) => familyId))]
  const { rows } = await sql.query<StoredTransaction>(
    `SELECT id, type, account_id, to_account_id, amount, currency, created_by FROM ledger.transactions
     WHERE family_id = ANY ($1) AND type <> 'opening'`,
    [families],
  )
  const stored = Map.groupBy(rows, ({ id }) => id)
  const created = answers.filter(({ status }) => status === 201).map(({ transaction }) => transaction!)
  const answered = new Set(created.map(({ id }) => id))
  const asAnswered = (told: (typeof created)[number]) => {
    const found = stored.get(told.id)
    return found?.length === 1 && isSame(told, found[0]!)
  }
  return [
    ...violation('I3', 'what was answered 201 is there once, as it was told', [
      ...new Set(created.filter((told) => !asAnswered(told)).map(({ id }) => id)),
    ]),
    ...violation(
      'I3',
      'nothing is there that was not answered',
      [...stored.keys()].filter((id) => !answered.has(id)),
    ),
    ...violation('I3', 'a key gives one transaction', keysWithSeveral(answers)),
    ...violation('I3', 'what was refused is absent', await refusedButKept(sql, answers)),
  ]
}

const isSame = (told: NonNullable<Answered['transaction']>, row: StoredTransaction): boolean =>
  minorUnits(told.amount, told.currency) === BigInt(row.amount) &&
  (['type', 'account_id', 'to_account_id', 'currency', 'created_by'] as const).every(
    (field) => told[field] === row[field],
  )

const keyOf = ({ familyId, key }: { familyId: string; key: string }) => `${familyId} ${key}`

function keysWithSeveral(answers: Answered[]): string[] {
  const byKey = Map.groupBy(
    answers.filter(({ status }) => status === 201),
    keyOf,
  )
  return [...byKey]
    .filter(([, group]) => new Set(group.map(({ transaction }) => transaction!.id)).size > 1)
    .map(([key]) => key)
}

async function refusedButKept(sql: pg.Client, answers: Answered[]): Promise<string[]> {
  const succeeded = new Set(answers.filter(({ status }) => status < 300).map(keyOf))
  const refused = new Set(answers.map(keyOf).filter((key) => !succeeded.has(key)))
  const { rows } = await sql.query<{ key: string }>(
    `SELECT family_id || ' ' || key AS key FROM ledger.idempotency_keys WHERE status < 300`,
  )
  return rows.map(({ key }) => key).filter((key) => refused.has(key))
}
