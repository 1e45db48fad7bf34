import { appendFile, cp, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createStopStack } from '../../libs/kit/src/stop-stack.ts'
import { checkChains } from '../invariants/check-chains.ts'
import { checkDatabase, checkTrail } from '../invariants/check-invariants.ts'
import { checkRole, checkUnchanged, type Moment, rememberRows } from '../invariants/unchanged-rows.ts'
import { type Family, givenAccount, givenFamily } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'
import { runTool } from '../support/run-tool.ts'
import { eventually } from '../support/eventually.ts'
import { expectWholeTrail, spend } from './bus/trail-of.ts'

const stack = createStopStack()
let house: House
let folder: string
let backup: string
let family: Family
let walletId: string
/** What was there when the backup was taken. */
let moment: Moment

const withSql = async <Result>(url: string, work: (sql: pg.Client) => Promise<Result>): Promise<Result> => {
  const sql = new pg.Client({ connectionString: url })
  await sql.connect()
  return await work(sql).finally(() => sql.end())
}
const inDatabase = (name: string, url = house.database.adminUrl) =>
  Object.assign(new URL(url), { pathname: name }).href
const tool = (name: 'backup' | 'restore', args: string[], url = house.database.adminUrl) =>
  runTool(name, args, { DATABASE_URL: url })
const databases = async () => {
  const names = await withSql(inDatabase('postgres'), (sql) =>
    sql.query<{ datname: string }>('SELECT datname FROM pg_database'),
  )
  return names.rows.map(({ datname }) => datname)
}
const drop = (name: string) =>
  withSql(inDatabase('postgres'), (sql) => sql.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`))
/** As the invariants name them. */
const endedByRestore = async (sql: pg.Client) => {
  const { rows } = await sql.query<{ id: string }>(
    `SELECT 'auth ' || o.id AS id FROM auth.outbox o JOIN auth.sessions s ON s.id::text = o.entity_id
     WHERE o.subject = 'auth.session.ended.v1' AND o.payload->'data'->'new_values'->>'cause' = 'restored'
       AND s.ended_at IS NOT NULL AND s.version = o.version`,
  )
  return rows.map(({ id }) => id).sort()
}
const balance = async () =>
  (await family.owner.ledger.call('getBalance', { params: { id: walletId } })).posted

/** After the backup: a role and a password, of which the trail and the ledger hear before both are lost. */
async function changePeople(): Promise<void> {
  const { owner, people, id } = family
  const params = { id, user_id: people['child']!.userId }
  await owner.auth.call('updateMember', { params, body: { role: 'member' } })
  const { auth, userId, password } = people['adult']!
  await auth.call('changePassword', {
    body: { current_password: password, new_password: `${password} again` },
  })
  const heard = `SELECT FROM audit.event_log e, ledger.members m WHERE e.action = 'user.password_changed' AND e.entity_id = $1
    AND m.user_id = $2 AND m.role = 'member'`
  await eventually(
    () => withSql(house.database.adminUrl, (sql) => sql.query(heard, [userId, params.user_id])),
    ({ rowCount }) => rowCount === 1,
  )
}

/** Nobody's session works any more, the trail is told of each end, and the password of the backup is in force. */
async function expectSignedOut(): Promise<void> {
  const { auth, session, email, password } = family.people['adult']!
  await expect(auth.call('getMe')).rejects.toMatchObject({ problem: { code: 'token_revoked' } })
  const refresh = auth.call('refreshToken', { body: { refresh_token: session.refresh_token } })
  await expect(refresh).rejects.toMatchObject({ problem: { code: 'refresh_token_invalid' } })
  expect(await auth.call('login', { body: { email, password } })).toMatchObject({ user: { email } })
  await withSql(house.database.adminUrl, async (sql) => {
    const ended = (await endedByRestore(sql)).map((id) => id.split(' ')[1])
    expect(ended).toHaveLength(3)
    const told = 'SELECT FROM audit.event_log WHERE event_id = ANY ($1::uuid[])'
    const { rowCount } = await eventually(
      () => sql.query(told, [ended]),
      (found) => found.rowCount === 3,
    )
    expect(rowCount).toBe(3)
  })
}

/** The ledger had heard of the lost role again; the tool says what else is lost. */
async function expectAligned(): Promise<void> {
  const env = { NATS_URL: house.env['NATS_URL']!, NATS_PREFIX: house.env['NATS_PREFIX']! }
  const run = () => runTool('after-restore', [], { ...env, DATABASE_URL: house.database.adminUrl })
  const { code, text } = await run()
  expect(text).toContain('1 changed, 0 added, 0 removed')
  expect(text).toMatch(/transaction\.posted .*\n/)
  expect(text).toContain('1 of them changed a password')
  expect(code).toBe(0)
  await withSql(house.database.adminUrl, async (sql) => {
    const { rows } = await sql.query(
      `SELECT m.role::text, m.version FROM ledger.members m JOIN auth.family_members a USING (family_id, user_id)
       WHERE m.user_id = $1 AND m.version = a.version AND m.role::text = a.role::text`,
      [family.people['child']!.userId],
    )
    expect(rows).toEqual([{ role: 'child', version: 1 }])
  })
  expect((await run()).text).toContain('0 changed, 0 added, 0 removed')
}

beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit'] })
  stack.push(house.stop)
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
  stack.push(() => rm(folder, { recursive: true }))
  backup = join(folder, 'monday')
  family = await givenFamily(house, ['adult', 'child'])
  walletId = (await givenAccount(family.owner)).id
  for (let n = 0; n < 5; n++) await spend(family.owner, walletId)
  await withSql(house.database.adminUrl, (sql) => expectWholeTrail(sql, family.id))
  moment = await withSql(house.database.adminUrl, rememberRows)
  expect(await tool('backup', ['--to', backup])).toMatchObject({
    code: 0,
    text: expect.stringContaining('1 family') as unknown,
  })
  for (let n = 0; n < 3; n++) await spend(family.owner, walletId)
}, 90_000)
afterAll(() => stack.stop(), 60_000)

test('a backup is for its owner alone, holds no secret of the configuration, and is not written over', async () => {
  for (const name of ['backup.json', 'database.dump', 'heads.ndjson'])
    expect((await stat(join(backup, name))).mode & 0o777).toBe(0o600)
  expect((await stat(backup)).mode & 0o777).toBe(0o700)
  const before = await readFile(join(backup, 'backup.json'), 'utf8')
  const again = await tool('backup', ['--to', backup])
  expect(again).toMatchObject({ code: 1, text: expect.stringContaining('is not empty') as unknown })
  expect(await readFile(join(backup, 'backup.json'), 'utf8')).toBe(before)
  const head = JSON.parse((await readFile(join(backup, 'heads.ndjson'), 'utf8')).trim()) as {
    family_id: string
  }
  expect(head.family_id).toBe(family.id)
})

test('it is restored into a database of its own with all rights and rules, and into no other', async () => {
  const name = `${new URL(house.database.adminUrl).pathname.slice(1)}_copy`
  try {
    const url = inDatabase(name)
    expect((await tool('restore', ['--from', backup], url)).text).toContain(
      'the chains end as the backup says: 1',
    )
    await withSql(url, async (sql) => {
      expect(await checkUnchanged(sql, moment)).toEqual([])
      const { postings, event_log } = await rememberRows(sql)
      expect([postings.size, event_log.size]).toEqual([moment.postings.size, moment.event_log.size])
      expect([...(await checkDatabase(sql)), ...(await checkChains(sql))]).toEqual([])
      // All is in the trail but that the sessions were ended, which nobody has published yet.
      const ended = await endedByRestore(sql)
      expect(ended).toHaveLength(3)
      expect((await checkTrail(sql)).map(({ what, ids }) => [what, ids.toSorted()])).toEqual([
        ['nothing waits to be published', ended],
        ['each event of an outbox is in the trail', ended],
      ])
    })
    for (const service of ['ledger', 'audit'] as const) {
      const own = inDatabase(name, house.database.urlOf(service))
      expect(await checkRole(own, service)).toEqual([])
      const foreign = withSql(own, (sql) => sql.query('SELECT FROM auth.users'))
      await expect(foreign).rejects.toMatchObject({ code: '42501' })
    }
    const books = { DATABASE_URL: inDatabase(name, house.database.urlOf('ledger')) }
    expect((await runTool('self-check', [], books)).text).toContain('0 mismatches')

    const refused = await tool('restore', ['--from', backup], url)
    expect(refused.code).toBe(1)
    expect(refused.text).toMatch(
      /is not empty: it has audit \(\d+ relations\), auth \(\d+ relations\), ledger/,
    )
    await withSql(url, async (sql) => expect(await checkUnchanged(sql, moment)).toEqual([]))
  } finally {
    await drop(name)
  }
}, 90_000)

test('a backup that is damaged, cut short or from a newer release is refused before anything is made', async () => {
  const name = `${new URL(house.database.adminUrl).pathname.slice(1)}_never`
  const refusal = async (harm: (dir: string) => Promise<unknown>) => {
    const dir = await mkdtemp(join(folder, 'harmed-'))
    await cp(backup, dir, { recursive: true })
    await harm(dir)
    const { code, text } = await tool('restore', ['--from', dir], inDatabase(name))
    expect(code).toBe(1)
    expect(await databases()).not.toContain(name)
    return text
  }
  expect(await refusal((dir) => appendFile(join(dir, 'database.dump'), 'x'))).toContain(
    'is not what was written',
  )
  expect(await refusal((dir) => writeFile(join(dir, 'heads.ndjson'), ''))).toContain(
    'heads.ndjson is not what',
  )
  expect(await refusal((dir) => rm(join(dir, 'database.dump')))).toContain('is not complete')
  expect(await refusal((dir) => rm(join(dir, 'backup.json')))).toContain('is not the manifest')
  const newer = async (dir: string) => {
    const path = join(dir, 'backup.json')
    const manifest = JSON.parse(await readFile(path, 'utf8')) as { migrations: { ledger: string[] } }
    manifest.migrations.ledger.push('20990101000000_later')
    await writeFile(path, JSON.stringify(manifest))
  }
  expect(await refusal(newer)).toContain('does not know ledger 20990101000000_later')
}, 90_000)

test('while the services run it takes the place of the database, which keeps its rows under another name', async () => {
  expect(await balance()).toBe('992.00')
  await changePeople()
  const { text } = await tool('restore', ['--from', backup, '--set-aside'])
  expect(text).toContain('is kept as')
  const kept = /is kept as (\S+)/.exec(text)![1]!
  try {
    expect(await databases()).toEqual(expect.arrayContaining([kept]))
    expect(
      await eventually(
        () => balance().catch(() => ''),
        (posted) => posted === '995.00',
      ),
    ).toBe('995.00')
    await spend(family.owner, walletId)
    expect(await balance()).toBe('994.00')
    await expectSignedOut()
    await expectAligned()
    await withSql(inDatabase(kept), async (sql) => {
      const { rows } = await sql.query(`SELECT posted::text FROM ledger.accounts WHERE id = $1`, [walletId])
      expect(rows).toEqual([{ posted: '99200' }])
    })
  } finally {
    await drop(kept)
  }
}, 90_000)
