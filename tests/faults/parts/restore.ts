import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { replaceDatabase } from '../../../tools/backup/set-aside.ts'
import { takeBackup } from '../../../tools/backup/take-backup.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import { restoreInto } from '../../../tools/backup/restore-into.ts'
import { withSql } from '../../../tools/backup/with-sql.ts'
import { createClient } from '../../../libs/client/src/index.ts'
import type { RandomFamily } from '../../invariants/random-run.ts'
import type { FaultHouse } from '../house.ts'
import { clientAt } from '../load.ts'
import type { PartOptions } from '../options.ts'
import { ask } from '../outages.ts'
import { type Scene, underLoad } from '../scene.ts'
import { settle } from '../settle.ts'

const PATIENCE_MS = 90_000

/**
 * A backup is taken under load, the load goes on, and the database is restored to the backup while the services run. What
 * was committed before is as it was, nothing is doubled, the trail tells of what was lost, no session of before works any more,
 * and the families are told that something is amiss until somebody has said why.
 */
export const restore = (options: PartOptions): Promise<string[]> =>
  underLoad(options, { name: 'restore', env: { ANCHOR_SECONDS: '1' } }, async (scene) => {
    const { house, load, outages, say } = scene
    const place = { ...house.launcher, say }
    const dir = join(house.launcher.dataDir, 'backup')
    await scene.goOn(0.7, 0.3)
    await scene.remember()
    const manifest = await takeBackup(house.adminUrl, dir, place)
    say(`at transfer ${load.begun()}: a backup of ${manifest.chains.entries} entries was taken`)
    await scene.goOn(0.7, 0.55)
    await anchored(house, manifest.chains.entries)
    const told = load.seen.wrong.length
    const before = structuredClone(scene.canary.signer)
    const from = Date.now()
    const kept = await outages.during('postgres', async () => {
      const name = await replaceDatabase(house.adminUrl, (url) => restoreInto(url, { dir, manifest }, place))
      await signInAgain(scene)
      await outages.untilWorks('postgres')
      return name
    })
    const until = Date.now()
    const lost = await findLost(house, kept)
    say(
      `restored, and everybody signed in again, in ${until - from} ms; ${lost.transactions.size} transactions were lost`,
    )
    load.allow(Infinity)
    await load.finished
    await settle(house, PATIENCE_MS)
    forgive(scene, lost, { told, from, until })
    return [
      ...(await refusesSession(house, before)),
      ...(await trailOfLost(scene, lost)),
      ...(await explain(scene)),
      ...(await alignMembers(scene)),
    ]
  })

/** Everybody, as soon as somebody answers; the clients of the load go on with what they are given here. */
async function signInAgain({ house, families }: Scene): Promise<void> {
  const visitor = createClient({ baseUrl: `http://127.0.0.1:${house.port}`, timeoutMs: PATIENCE_MS })
  for (const { email, password, session } of families.flatMap(peopleOf)) {
    const isIn = () =>
      visitor.call('login', { body: { email, password } }).then(
        (opened) => (Object.assign(session, opened), true),
        () => false,
      )
    if (!(await waitUntil(isIn, { withinMs: PATIENCE_MS, everyMs: 200, signal: house.launcher.signal })))
      throw new Error('Somebody could not sign in after the restore')
  }
}

const peopleOf = ({ family }: RandomFamily) => Object.values(family.people)

async function refusesSession(house: FaultHouse, signer: Scene['canary']['signer']): Promise<string[]> {
  const answer = await ask(house, { signer }, { method: 'GET', target: '/api/v1/accounts', body: '' })
  const told = typeof answer === 'string' ? answer : `${answer.status} ${answer.body}`
  return told.startsWith('401') && told.includes('token_revoked')
    ? []
    : [`A session from before the restore was answered ${told}`]
}

interface Lost {
  /** Ids. */
  transactions: Set<string>
  /** Ids of events that the bus had taken. */
  published: Set<string>
}

/** Waits until more is anchored than the backup has: a restored chain then contradicts what is outside its reach. */
async function anchored(house: FaultHouse, entries: number): Promise<void> {
  const isBeyond = () =>
    house.withSql(async (sql) => {
      const { rows } = await sql.query<{ anchored: string }>(
        'SELECT sum(anchored_seq) AS anchored FROM audit.chain_heads',
      )
      return Number(rows[0]!.anchored) > entries
    })
  if (!(await waitUntil(isBeyond, { withinMs: PATIENCE_MS, everyMs: 200, signal: house.launcher.signal })))
    throw new Error('Nothing was anchored after the backup')
}

const outboxes = ['auth', 'ledger', 'audit']
  .map((name) => `SELECT id, entity_type || ' ' || entity_id AS entity, published_at FROM ${name}.outbox`)
  .join(' UNION ALL ')

/** What the database that was set aside has, and the restored one has not. */
async function findLost(
  { adminUrl, withSql: withRestored }: FaultHouse,
  kept: string,
): Promise<Lost & { events: Set<string>; entities: Set<string> }> {
  const events = `SELECT id::text, entity, published_at IS NOT NULL AS published FROM (${outboxes}) o`
  const transactions = 'SELECT id::text FROM ledger.transactions'
  type Event = { id: string; entity: string; published: boolean }
  const read = async (sql: Parameters<Parameters<typeof withSql>[1]>[0]) => ({
    events: (await sql.query<Event>(events)).rows,
    transactions: (await sql.query<{ id: string }>(transactions)).rows,
  })
  const before = await withSql(Object.assign(new URL(adminUrl), { pathname: kept }).href, read)
  const now = await withRestored(read)
  const [knownEvents, knownTransactions] = [
    new Set(now.events.map(({ id }) => id)),
    new Set(now.transactions.map(({ id }) => id)),
  ]
  const gone = before.events.filter(({ id }) => !knownEvents.has(id))
  return {
    events: new Set(gone.map(({ id }) => id)),
    entities: new Set(gone.map(({ entity }) => entity)),
    published: new Set(gone.filter(({ published }) => published).map(({ id }) => id)),
    transactions: new Set(before.transactions.map(({ id }) => id).filter((id) => !knownTransactions.has(id))),
  }
}

/** Takes out of what was seen what a restore explains: answers that are lost with their transactions, and what came of it. */
function forgive(
  { load: { seen }, lost: forgiven }: Scene,
  { events, entities, transactions }: Awaited<ReturnType<typeof findLost>>,
  { told, from, until }: { told: number; from: number; until: number },
): void {
  for (const id of [...events, ...entities]) forgiven.add(id)
  const isLost = (id: string | undefined) => id !== undefined && transactions.has(id)
  seen.answered = seen.answered.filter(({ transaction }) => !isLost(transaction?.id))
  // A key whose first answer is lost is answered anew; and the families are told that their trails were set back.
  seen.wrong = seen.wrong.filter(
    (line, n) =>
      n < told ||
      !(line.startsWith('The trail was told broken') || [...transactions].some((id) => line.includes(id))),
  )
  seen.attempts = seen.attempts.filter(({ call, startedAt, endedAt, outcome }) => {
    if (endedAt < from || outcome.kind !== 'answer') return true
    const isUnknown = outcome.status === 404 && call.includes('/transactions/{id}/')
    const isEnded = outcome.code === 'token_revoked' && startedAt <= until
    return !isUnknown && !isEnded
  })
}

/** What the bus had taken of what is lost is in the trail: that is how anybody learns what has to be entered again. */
async function trailOfLost({ house, say }: Scene, { published }: Lost): Promise<string[]> {
  const { rows } = await house.withSql((sql) =>
    sql.query<{ id: string }>(
      `SELECT id FROM unnest($1::uuid[]) AS id WHERE NOT EXISTS (SELECT FROM audit.event_log e WHERE e.event_id = id)`,
      [[...published]],
    ),
  )
  say(`${published.size - rows.length} of ${published.size} lost events are in the trail`)
  return [
    ...(published.size > 0 ? [] : ['Nothing was lost: the restore was not tried']),
    ...(rows.length === 0
      ? []
      : [`${rows.length} lost events are not in the trail, though the bus had them`]),
  ]
}

const run = promisify(execFile)

/** As the runbook says: the families see a contradiction, somebody says why, and the trail is whole again. */
async function explain({ house, families, say }: Scene): Promise<string[]> {
  const intact = async () => {
    const told = families.map(({ family }) => clientAt(house.port, family.owner.session).call('verifyAudit'))
    return (await Promise.all(told)).filter((verification) => verification.intact).length
  }
  const before = await intact()
  const said = await runTool(house, house.context.databaseUrls.audit, [
    'anchor-restored',
    '--reason',
    'restored a backup',
  ])
  say(`${families.length - before} families were told of a broken trail; ${said.split('\n').at(-1)}`)
  return before < families.length ? [] : ['A trail that was set back was told to be intact']
}

async function runTool(house: FaultHouse, url: string, [name, ...args]: string[]): Promise<string> {
  const tool = join(house.launcher.root, 'tools', `${name}.ts`)
  const env = { ...process.env, DATABASE_URL: url, NATS_URL: house.context.natsUrl }
  return (await run(process.execPath, [tool, ...args], { env, maxBuffer: 64 * 1024 * 1024 })).stdout.trim()
}

/** Members of whom the ledger thinks otherwise than the auth service. */
const strayed = `SELECT coalesce(m.user_id, a.user_id) AS id
  FROM ledger.members m FULL JOIN (auth.family_members a JOIN auth.users u ON u.id = a.user_id)
    ON m.family_id = a.family_id AND m.user_id = a.user_id
  WHERE (m.role::text, m.removed, m.version, m.display_name)
    IS DISTINCT FROM (a.role::text, a.removed_at IS NOT NULL, a.version, u.display_name)`

/** The ledger has heard again of names that are lost; afterwards it knows what the auth service knows. */
async function alignMembers({ house, say }: Scene): Promise<string[]> {
  const before = await house.withSql((sql) => sql.query(strayed))
  await runTool(house, house.adminUrl, ['after-restore'])
  const after = await house.withSql((sql) => sql.query(strayed))
  say(`the ledger knew ${before.rowCount} members otherwise than the auth service, now ${after.rowCount}`)
  return after.rowCount === 0 ? [] : [`The ledger knows ${after.rowCount} members otherwise after the repair`]
}
