import pg from 'pg'
import type { ProblemDocument } from '../../../../libs/contracts/src/index.ts'
import { eventually } from '../../../../tests/support/eventually.ts'
import { type Family, givenFamily, type Person } from '../../../../tests/support/given.ts'
import { startHouse } from '../../../../tests/support/house.ts'

/** An event as the ledger left it. */
export interface LeftEvent {
  action: string
  version: number
  actor: string | undefined
  reason: string | undefined
  old: Record<string, unknown> | null
  new: Record<string, unknown> | null
}

interface OutboxRow {
  subject: string
  version: number
  payload: {
    actorid?: string
    reason?: string
    data: { old_values: LeftEvent['old']; new_values: LeftEvent['new'] }
  }
}

/** The ledger with the auth service that it hears of members from, and a look into its tables. */
export async function startLedgerHouse(env: Record<string, string> = {}) {
  const house = await startHouse({ services: ['auth', 'ledger'], env })
  const sql = new pg.Client({ connectionString: house.database.adminUrl })
  await sql.connect()

  const rows = async <Row extends pg.QueryResultRow>(text: string, values: unknown[] = []): Promise<Row[]> =>
    (await sql.query<Row>(text, values)).rows

  const eventsOf = async (entityId: string | null): Promise<LeftEvent[]> => {
    const found = await rows<OutboxRow>(
      'SELECT subject, version, payload FROM ledger.outbox WHERE entity_id = $1 ORDER BY seq',
      [entityId],
    )
    return found.map(({ subject, version, payload }) => ({
      action: subject.replace(/^ledger\.|\.v1$/g, ''),
      version,
      actor: payload.actorid,
      reason: payload.reason,
      old: payload.data.old_values,
      new: payload.data.new_values,
    }))
  }

  return {
    house,
    rows,
    eventsOf,
    actionsOf: async (entityId: string | null) => (await eventsOf(entityId)).map(({ action }) => action),
    /** The ledger hears of members from the bus; a test that needs them all waits for it. */
    familyKnown: async (roles: Parameters<typeof givenFamily>[1] = []): Promise<Family> => {
      const family = await givenFamily(house, roles)
      await eventually(
        () => rows('SELECT 1 FROM ledger.members WHERE family_id = $1', [family.id]),
        (members) => members.length === 1 + roles.length,
      )
      return family
    },
    /** Everything that a refused call could have changed in a family. */
    stateOf: async (familyId: string) => {
      const tables =
        'accounts categories transactions approvals postings approval_policies approval_thresholds'
      const state: Record<string, unknown> = {}
      for (const table of [...tables.split(' '), 'outbox'])
        state[table] = await rows(
          `SELECT to_jsonb(t) - 'published_at' AS row FROM ledger.${table} t WHERE family_id = $1 ORDER BY to_jsonb(t)::text`,
          [familyId],
        )
      return state
    },
    stop: async () => {
      await sql.end()
      await house.stop()
    },
  }
}
export type LedgerHouse = Awaited<ReturnType<typeof startLedgerHouse>>

/** An expense in EUR unless `more` says otherwise. */
export const spend = (person: Person, account: { id: string }, amount: string, more: object = {}) =>
  person.ledger.call('submitTransaction', {
    body: { type: 'expense', account_id: account.id, amount, currency: 'EUR', ...more },
  })

export const balanceOf = (person: Person, id: string) => person.ledger.call('getBalance', { params: { id } })

/** Sends a body as it is, valid or not. */
export async function sendRaw(
  person: Person,
  target: string,
  body: string,
): Promise<{ status: number; problem: ProblemDocument }> {
  const [method = '', path = ''] = target.split(' ')
  const answer = await person.ledger.send({
    method,
    target: `/api/v1${path}`,
    body,
    idempotencyKey: crypto.randomUUID(),
  })
  return { status: answer.status, problem: answer.body as ProblemDocument }
}
