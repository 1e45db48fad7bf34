import { randomUUID } from 'node:crypto'
import { expect } from '@jest/globals'
import pg from 'pg'
import type { Account, Role } from '../../libs/contracts/src/index.ts'
import { type ProblemCode, problems } from '../../libs/contracts/src/index.ts'
import { eventually } from '../support/eventually.ts'
import { type Family, givenAccount, givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { plenty, unlimited } from '../support/unlimited.ts'
import { attack, type Identity, identityOf, type Request, type Seen, wrongWith } from './attacker.ts'

export const roles = ['owner', 'adult', 'member', 'child', 'read_only'] as const satisfies readonly Role[]

/** A family of five roles that attacks, and one whose every word is secret to it. */
export interface Scene {
  house: House
  sql: pg.Client
  family: Family
  people: Record<Role, Person>
  account: Account
  victim: Victim
  /** Every row of every schema, but for what counts guesses, where readers are, and who asked. */
  rows(): Promise<Record<string, string>>
  stop(): Promise<void>
}

/** Another family with one of everything, and the words by which any of it would be recognised. */
export interface Victim {
  family: Family
  account: string
  hidden: string
  category: string
  waiting: string
  posted: string
  invitation: string
  session: string
  user: string
  secrets: string[]
}

export async function startScene(env: Record<string, string> = {}): Promise<Scene> {
  const house = await startHouse({
    services: ['auth', 'ledger', 'audit', 'gateway'],
    env: {
      ...unlimited,
      RATE_LIMIT_SIGN_UP: plenty,
      RATE_LIMIT_BIND: plenty,
      LOGIN_FAILURES_ADDRESS: plenty,
      ...env,
    },
  })
  const sql = new pg.Client({ connectionString: house.database.adminUrl })
  const stop = async () => {
    await sql.end()
    await house.stop()
  }
  try {
    await sql.connect()
    const family = await givenFamily(house, ['adult', 'member', 'child', 'read_only'])
    const account = await givenAccount(family.owner)
    const victim = await givenVictim(house)
    await settled(sql)
    const people = family.people as Record<Role, Person>
    return { house, sql, family, people, account, victim, rows: () => rowsOf(sql), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function givenVictim(house: House): Promise<Victim> {
  const family = await givenFamily(house, ['child'])
  const { owner, people, id } = family
  const mark = `victim${randomUUID().slice(0, 8)}`
  const account = await givenAccount(owner, { name: `${mark} purse`, opening_balance: '731.41' })
  const hidden = await givenAccount(owner, { name: `${mark} stash`, visibility: 'private' })
  const category = await owner.ledger.call('createCategory', { body: { name: `${mark} sweets` } })
  const spending = {
    type: 'expense' as const,
    account_id: account.id,
    currency: 'EUR',
    category_id: category.id,
  }
  const posted = await owner.ledger.call('submitTransaction', {
    body: { ...spending, amount: '13.37', description: `${mark} secret` },
  })
  const waiting = await eventually(
    () =>
      people['child']!.ledger.call('submitTransaction', {
        body: { ...spending, amount: '17.71', description: `${mark} toy` },
      }).catch(() => undefined),
    (made) => made !== undefined,
  )
  const invitation = await owner.auth.call('createInvitation', { params: { id }, body: { role: 'adult' } })
  return {
    family,
    account: account.id,
    hidden: hidden.id,
    category: category.id,
    waiting: waiting!.id!,
    posted: posted.id!,
    invitation: invitation.id,
    session: owner.session.session_id,
    user: owner.userId,
    secrets: [mark, '731.41', owner.email, people['child']!.email, invitation.token],
  }
}

/** Waits until the trail has every event, so that what comes later came of an attack. */
export async function settled(sql: pg.Client): Promise<void> {
  await eventually(
    async () =>
      (
        await sql.query<{ left: number }>(
          `SELECT (SELECT count(*) FROM (SELECT id FROM auth.outbox UNION ALL SELECT id FROM ledger.outbox UNION ALL SELECT id FROM audit.outbox) o
             WHERE NOT EXISTS (SELECT 1 FROM audit.event_log e WHERE e.event_id = o.id))::int AS left`,
        )
      ).rows[0]!.left,
    (left) => left === 0,
    20_000,
  )
}

/** What a refusal may leave: that it was a wrong guess, and itself, for whoever repeats its Idempotency-Key. The rest moves by itself. */
const moving = [
  '_prisma_migrations',
  'stream_positions',
  'login_failures',
  'anchor_stream',
  'self_checks',
  'idempotency_keys',
]

async function rowsOf(sql: pg.Client): Promise<Record<string, string>> {
  const { rows: tables } = await sql.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('auth', 'ledger', 'audit') AND tablename <> ALL ($1) AND tablename NOT LIKE 'access_log%' ORDER BY 1`,
    [moving],
  )
  const hashes = tables.map(
    ({
      name,
    }) => `SELECT '${name}' AS name, count(*) || ' ' || coalesce(md5(string_agg(row, '|' ORDER BY row)), '') AS hash
      FROM (SELECT (to_jsonb(t) - 'published_at' - 'anchored_seq')::text AS row FROM ${name} t) r`,
  )
  const { rows } = await sql.query<{ name: string; hash: string }>(hashes.join(' UNION ALL '))
  return Object.fromEntries(rows.map(({ name, hash }) => [name, hash]))
}

/** One attack: who sends what, and how it must be refused. */
export interface Case {
  name: string
  who: Identity
  what: Request
  code: ProblemCode | readonly ProblemCode[]
  /** The field that the refusal must name. */
  field?: string
}

/** Sends each attack through the gateway; all must be refused as they say, tell nothing, and leave every row as it was. */
export async function expectRefused(scene: Scene, cases: readonly Case[]): Promise<void> {
  expect(cases.length).toBeGreaterThan(0)
  await settled(scene.sql)
  const before = await scene.rows()
  const wrong: unknown[] = []
  for (const one of cases) {
    const seen = await attack(scene.house.urls.gateway, one.who, one.what)
    const faults = faultsOf(one, seen, scene.victim.secrets)
    if (faults.length > 0)
      wrong.push({ name: one.name, faults, status: seen.status, text: seen.text.slice(0, 300) })
  }
  expect(wrong).toEqual([])
  await settled(scene.sql)
  expect(await scene.rows()).toEqual(before)
}

function faultsOf({ code, field }: Case, seen: Seen, secrets: readonly string[]): string[] {
  const codes: readonly ProblemCode[] = typeof code === 'string' ? [code] : code
  const right = codes.some((each) => seen.code === each && seen.status === problems[each].status)
  const errors = (seen.json as { errors?: { field: string }[] } | undefined)?.errors ?? []
  const named =
    field === undefined ||
    errors.some((error) => error.field === field || error.field.startsWith(`${field}.`))
  return [
    ...(right ? [] : [`expected ${codes.join(' or ')}, got ${seen.status} ${seen.code}`]),
    ...(named ? [] : [`does not name ${field}`]),
    ...wrongWith(seen, secrets),
  ]
}

export const idOf = (person: Person): Identity => identityOf(person.session)
export const post = (target: string, body: unknown): Request => ({
  method: 'POST',
  target: `/api/v1${target}`,
  body: typeof body === 'string' ? body : JSON.stringify(body),
})
export const get = (target: string): Request => ({ method: 'GET', target: `/api/v1${target}` })
export const request = (method: string, target: string, body?: unknown): Request => ({
  ...post(target, body ?? ''),
  method,
})
