import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { replaceDatabase } from '../../../tools/backup/set-aside.ts'
import { takeBackup } from '../../../tools/backup/take-backup.ts'
import { waitUntil } from '../../../tools/launcher/wait-until.ts'
import { restoreInto, withSql } from '../../../tools/backup/restore-into.ts'
import type { FaultHouse } from '../house.ts'
import { clientAt } from '../load.ts'
import type { PartOptions } from '../options.ts'
import { type Scene, underLoad } from '../scene.ts'
import { settle } from '../settle.ts'

const PATIENCE_MS = 90_000

/**
 * A backup is taken under load, the load goes on, and the database is restored to the backup while the services run. What
 * was committed before is as it was, nothing is doubled, the trail tells of what was lost, and the families are told that
 * something is amiss until somebody has said why.
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
    const from = Date.now()
    const kept = await outages.during('postgres', async () => {
      const name = await replaceDatabase(house.adminUrl, (url) => restoreInto(url, { dir, manifest }, place))
      await outages.untilWorks('postgres')
      return name
    })
    const lost = await findLost(house, kept)
    say(`restored in ${Date.now() - from} ms; ${lost.transactions.size} transactions were lost`)
    load.allow(Infinity)
    await load.finished
    await settle(house, PATIENCE_MS)
    forgive(scene, lost, { told, from })
    return [...(await trailOfLost(scene, lost)), ...(await explain(scene))]
  })

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
  { told, from }: { told: number; from: number },
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
  seen.attempts = seen.attempts.filter(
    ({ call, endedAt, outcome }) =>
      !(
        endedAt >= from &&
        outcome.kind === 'answer' &&
        outcome.status === 404 &&
        call.includes('/transactions/{id}/')
      ),
  )
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
  const { databaseUrls, natsUrl } = house.context
  const tool = join(house.launcher.root, 'tools', 'anchor-restored.ts')
  const env = { ...process.env, DATABASE_URL: databaseUrls.audit, NATS_URL: natsUrl }
  const { stdout } = await run(process.execPath, [tool, '--reason', 'restored a backup'], { env })
  say(`${families.length - before} families were told of a broken trail; ${stdout.trim().split('\n').at(-1)}`)
  return before < families.length ? [] : ['A trail that was set back was told to be intact']
}
