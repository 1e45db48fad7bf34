import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { allRoutes, type Route } from '../../libs/contracts/src/index.ts'
import { attack, type Identity, type Request, wrongWith } from './attacker.ts'
import { idOf, roles, type Scene, settled, startScene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, 120_000)
afterAll(() => scene.stop())

/** Every run sends the same requests, unless told otherwise: ATTACK_SEED=$RANDOM npm run attacks -- hostile */
const seed = Number(process.env['ATTACK_SEED'] ?? 731)

/** Mulberry32: small, and the same on every machine. */
function dice(from: number) {
  let state = from
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    pick: <Item>(items: readonly Item[]): Item => items[Math.floor(next() * items.length)]!,
    chance: (share: number) => next() < share,
  }
}
type Dice = ReturnType<typeof dice>

const texts = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '\u202e',
  '${7*7}',
  '{{7*7}}',
  "' OR 1=1 --",
  '"; DROP TABLE users; --',
  '<script>alert(1)</script>',
  '../../etc/passwd',
  '%s%n',
  '%00',
  '\r\nX-Evil: 1',
  'A'.repeat(5_000),
  '\u{1f4a9}'.repeat(50),
  '__proto__',
  'constructor',
  'NaN',
  '-0',
  '1e400',
  '９',
  'null',
  '2026-02-30T00:00:00Z',
  '9999-12-31T23:59:59Z',
  '00000000-0000-0000-0000-000000000000',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
]
const jsons: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  9007199254740993,
  1e300,
  [],
  {},
  [[]],
  [null],
  { a: { a: { a: 1 } } },
  Array(2_000).fill('x'),
  ...texts,
]

const idsOf = ({ victim, account, family, people }: Scene) => [
  victim.account,
  victim.hidden,
  victim.posted,
  victim.waiting,
  victim.category,
  victim.user,
  victim.session,
  victim.invitation,
  victim.family.id,
  account.id,
  family.id,
  people.owner.userId,
]

/** A request to the route with a few things wrong, and perhaps none. */
function hostile(route: Route, { pick, chance }: Dice): Request {
  const ids = idsOf(scene)
  const path = route.path.replaceAll(/\{\w+\}/g, () =>
    chance(0.8) ? pick(ids) : encodeURIComponent(pick(texts.map((text) => text.toWellFormed()))) || 'x',
  )
  const names = Object.keys(route.query?.shape ?? {})
  const query = names
    .filter(() => chance(0.4))
    .map((name) => `${name}=${encodeURIComponent((chance(0.4) ? pick(ids) : pick(texts)).toWellFormed())}`)
  const target = path + (query.length > 0 ? `?${query.join('&')}` : '')
  if (route.method === 'GET') return { method: 'GET', target }
  const fields = Object.keys((route.body as { shape?: object } | undefined)?.shape ?? {})
  const usual: Record<string, unknown> = {
    amount: '1.00',
    currency: 'EUR',
    type: 'expense',
    kind: 'cash',
    name: 'X',
    reason: 'x',
    account_id: scene.account.id,
  }
  const body = Object.fromEntries(
    fields
      .filter(() => chance(0.8))
      .map((field) => [field, chance(0.5) ? (usual[field] ?? pick(ids)) : pick(jsons)]),
  )
  return { method: route.method, target, body: JSON.stringify(body), ...(chance(0.1) ? { key: null } : {}) }
}

const headers = (die: Dice): Record<string, string> =>
  die.chance(0.7)
    ? {}
    : {
        [die.pick([
          'accept',
          'accept-language',
          'user-agent',
          'if-match',
          'if-none-match',
          'range',
          'origin',
          'traceparent',
          'tracestate',
          'cookie',
          'prefer',
          'x-forwarded-for',
        ])]: die.pick([
          '',
          '*',
          'bytes=0-',
          '\u00ff',
          'a'.repeat(4_000),
          "' OR 1=1",
          '00-0-0-0',
          'null',
          '${jndi:ldap://x}',
        ]),
      }

test(`whatever is sent to whichever address by whomever: no failure of ours, no inside, nothing of another family (seed ${seed})`, async () => {
  const die = dice(seed)
  const bot: Identity = { keyId: 'bot.v1', secret: scene.house.env['BOT_CLIENT_SECRET']! }
  const harmless = allRoutes.filter(
    ({ id }) => !['logout', 'endSession', 'removeMember', 'updateMember', 'changePassword'].includes(id),
  )
  const wrong: unknown[] = []
  for (let round = 0; round < 25; round++)
    for (const route of harmless) {
      const what = hostile(route, die)
      const who = route.access === 'bot' ? bot : idOf(scene.people[die.pick(roles)])
      const seen = await attack(scene.house.urls.gateway, who, what, headers(die))
      const faults = wrongWith(seen, scene.victim.secrets).filter((fault) => !isEcho(fault, what))
      if (faults.length > 0)
        wrong.push({
          faults,
          what: { ...what, body: what.body?.toString().slice(0, 300) },
          text: seen.text.slice(0, 300),
        })
    }
  expect(wrong).toEqual([])
  await settled(scene.sql)
  const { rows } = await scene.sql.query(
    `SELECT action FROM audit.event_log WHERE family_id = $1 AND actor_id IS NOT NULL AND NOT actor_id = ANY ($2)`,
    [scene.victim.family.id, Object.values(scene.victim.family.people).map(({ userId }) => userId)],
  )
  expect(rows).toEqual([])
}, 120_000)

/** A refusal may name the field that was sent, and nothing else that looks like ours. */
const isEcho = (fault: string, { target, body }: Request) => {
  const word = /^an internal word: (.*)$/.exec(fault)?.[1]
  return word !== undefined && `${target}${body?.toString() ?? ''}`.includes(word)
}
