import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type Case, expectRefused, get, idOf, post, type Scene, startScene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, 120_000)
afterAll(() => scene.stop())

const owner = () => idOf(scene.people.owner)
const spending = () => ({ type: 'expense', account_id: scene.account.id, amount: '2.00', currency: 'EUR' })
const opening = { name: 'Jar', kind: 'cash', currency: 'EUR' }

/** A body by hand: JSON.stringify would never write some values. */
const withRaw = (body: object, field: string, json: string) =>
  JSON.stringify({ ...body, [field]: '\u0001' }).replace('"\\u0001"', () => json)
/** The call with each of the values in the field: all must be refused by its name. */
const wrong = (call: string, body: object, field: string, values: readonly string[]): Case[] => {
  const [method = '', target = ''] = call.split(' ')
  return values.map((json) => ({
    name: `${call} ${field}: ${json.slice(0, 60)}`,
    who: owner(),
    what: { ...post(target, withRaw(body, field, json)), method },
    code: 'invalid_request',
    field,
  }))
}

const amounts = [
  ...[
    '12',
    '12.50',
    '0',
    '-0',
    '-0.0',
    '1e0',
    '1.5E+1',
    '9007199254740993',
    '1e309',
    'false',
    '{"amount":"1.00"}',
    '[1]',
  ],
  ...[
    '"1e3"',
    '"1E+3"',
    '"0x10"',
    '"0b11"',
    '"0o17"',
    '"１２.50"',
    '"12。50"',
    '"१२.५०"',
    '"Ⅻ"',
    '"²"',
    '"½"',
    '"+1"',
    '"-1"',
  ],
  ...[
    '"−1"',
    '"-0"',
    '"-0.00"',
    '" 1"',
    '"1 "',
    '"\\t1"',
    '"1\\r\\n"',
    '"\\u00a01"',
    '"\\ufeff1"',
    '"\\u200b1"',
    '"1."',
    '".5"',
    '"."',
  ],
  ...[
    '"1,5"',
    '"1 000"',
    '"1\'000"',
    '"1_000.00"',
    '"1.000,00"',
    '"1.2.3"',
    '"1..2"',
    '"01.00"',
    '"00.50"',
    '"1.005"',
    '"1.0000"',
  ],
  ...[
    '"NaN"',
    '"Infinity"',
    '"-Infinity"',
    '"null"',
    '"true"',
    '"12345678901234567890"',
    '"999999999999999999999.99"',
    '"1000000000000.00"',
  ],
  ...[
    '"$5"',
    '"5 EUR"',
    '"EUR5"',
    '"5%"',
    '"1/2"',
    '"1+1"',
    '"(5)"',
    '"5;DROP"',
    '"5\\u0000"',
    '"\\u202e05"',
    '"1n"',
    '"\\ud835\\udfd9"',
  ],
]

describe('an amount written wrong', () => {
  test('moves nothing', () =>
    expectRefused(
      scene,
      wrong('POST /transactions', spending(), 'amount', [...amounts, '"0"', '"0.00"', '"0.0"']),
    ))
  test('moves nothing in a preview either', () =>
    expectRefused(scene, wrong('POST /transactions?dry_run=true', spending(), 'amount', amounts)))
  test('opens no account and sets no limit', async () => {
    await expectRefused(scene, wrong('POST /accounts', opening, 'opening_balance', amounts))
    await expectRefused(scene, wrong('POST /accounts', opening, 'overdraft_limit', amounts))
    await expectRefused(scene, wrong(`PATCH /accounts/${scene.account.id}`, {}, 'overdraft_limit', amounts))
  })
  test('sets no threshold', () =>
    expectRefused(
      scene,
      // Without a currency of its own a threshold may have the three places that some currencies have.
      amounts
        .filter((json) => json !== '"1.005"')
        .map((json) => ({
          name: json,
          who: owner(),
          what: {
            ...post('/approval-policy', `{"thresholds":[{"role":"member","amount":${json}}]}`),
            method: 'PUT',
          },
          code: 'invalid_request',
          field: 'thresholds',
        })),
    ))
  test.each([
    ['JPY', ['"1.0"', '"0.5"', '"1.00"']],
    ['KWD', ['"1.0001"', '"0.0005"']],
    ['ISK', ['"1.5"']],
  ])('has no more places than %s', async (currency, values) => {
    await expectRefused(scene, wrong('POST /accounts', { ...opening, currency }, 'opening_balance', values))
    await expectRefused(scene, wrong('POST /transactions', { ...spending(), currency }, 'amount', values))
  })
})

describe('a currency that is none', () => {
  const currencies = [
    '"eur"',
    '"Eur"',
    '"EUR "',
    '"EU\\u0052\\u0000"',
    '"€"',
    '"BTC"',
    '"ZZZ"',
    '"DEM"',
    '"000"',
    '"ЕUR"',
    '"EUR,USD"',
    '["EUR"]',
    '{}',
    '840',
    'null',
    '""',
    '"constructor"',
    '"__proto__"',
    '"toString"',
  ]
  test('is refused wherever one is given', async () => {
    await expectRefused(scene, wrong('POST /transactions', spending(), 'currency', currencies))
    await expectRefused(scene, wrong('POST /accounts', opening, 'currency', currencies))
  })
  test('and one that the account does not have is refused too', () =>
    expectRefused(scene, wrong('POST /transactions', spending(), 'currency', ['"USD"', '"CAD"'])))
})

describe('a time that is none', () => {
  const times = [
    ...[
      '"2025-02-29T00:00:00Z"',
      '"2100-02-29T00:00:00Z"',
      '"2026-04-31T00:00:00Z"',
      '"2026-00-10T00:00:00Z"',
      '"2026-01-00T00:00:00Z"',
    ],
    ...[
      '"2026-01-01T24:00:00Z"',
      '"2026-01-01T23:60:00Z"',
      '"2026-01-01T23:59:60Z"',
      '"2026-01-01T00:00:00+24:00"',
      '"2026-01-01T00:00:00+05"',
    ],
    ...[
      '"2026-01-01T00:00:00"',
      '"0000-01-01T00:00:00Z"',
      '"0001-01-01T00:00:00Z"',
      '"+002026-01-01T00:00:00Z"',
      '"-271821-04-20T00:00:00Z"',
    ],
    ...[
      '"+275760-09-13T00:00:00Z"',
      '"1969-12-31T23:59:59.999Z"',
      '"2026-1-1T0:0:0Z"',
      '"20260101T000000Z"',
      '"2026-01-01t00:00:00z "',
      '"2026-W01-1"',
    ],
    ...[
      '"Thu, 01 Jan 1970 00:00:00 GMT"',
      '"now"',
      '"tomorrow"',
      '"infinity"',
      '"epoch"',
      '"1767225600"',
      '1767225600000',
      '"２０２６-01-01T00:00:00Z"',
      '[]',
      '{}',
    ],
  ]
  test('is no time of a spending', () =>
    expectRefused(scene, wrong('POST /transactions', spending(), 'occurred_at', times)))
  test('is no bound of anything that is read', () =>
    expectRefused(
      scene,
      times
        .filter((json) => json.startsWith('"'))
        .flatMap((json) => {
          const text = encodeURIComponent(JSON.parse(json) as string)
          const places: [string, string][] = [
            [`/accounts/${scene.account.id}/balance`, 'at'],
            [`/accounts/${scene.account.id}/entries`, 'from'],
            ['/transactions', 'to'],
            ['/reports/summary', 'from'],
            ['/reports/net-worth', 'to'],
            ['/exports/transactions.csv', 'from'],
            ['/audit/events', 'to'],
          ]
          return places.map(([path, field]): Case => ({
            name: `${path} ${field} ${json}`,
            who: owner(),
            what: get(`${path}?${field}=${text}`),
            code: 'invalid_request',
            field,
          }))
        }),
    ))
})

describe('a text that is none', () => {
  const texts = [
    ...[
      '"\\u0000"',
      '"a\\u0000"',
      '"\\ud800"',
      '"\\udc00\\ud800"',
      '"a\\ud83d"',
      '"\\u202eevil"',
      '"a\\u2066b"',
      '"\\u200b\\u200d"',
      '"\\u3164"',
    ],
    ...[
      '"\\u001b[31mred"',
      '"a\\rb"',
      '"a\\u000bb"',
      '"a\\u0085b"',
      '"a\\u2029b"',
      '"   "',
      '""',
      '12',
      'true',
      '["a"]',
      '{"toString":"a"}',
    ],
    `"${'é'.repeat(257)}"`,
  ]
  test('names nothing and gives no reason', async () => {
    const { id } = scene.family
    await expectRefused(scene, [
      ...wrong('POST /accounts', opening, 'name', texts),
      ...wrong(`PATCH /accounts/${scene.account.id}`, {}, 'name', texts),
      ...wrong('POST /transactions', spending(), 'description', texts),
      ...wrong('POST /categories', {}, 'name', texts),
      ...wrong('POST /families', {}, 'name', texts),
      ...wrong(`PATCH /families/${id}`, {}, 'name', texts),
      ...wrong('PATCH /auth/me', {}, 'display_name', texts),
      ...wrong(`POST /transactions/${scene.victim.posted}/reverse`, {}, 'reason', texts),
      ...wrong(`POST /transactions/${scene.victim.waiting}/reject`, {}, 'reason', texts),
      ...wrong(`POST /transactions/${scene.victim.waiting}/approve`, {}, 'comment', texts),
      ...wrong(`POST /accounts/${scene.account.id}/close`, {}, 'comment', texts),
    ])
  })
  test('registers nobody', () => {
    const body = {
      email: 'mallory@example.org',
      password: 'a long and private one',
      display_name: 'Mallory',
      family_name: 'Hers',
    }
    return expectRefused(scene, [
      ...wrong('POST /auth/register', body, 'display_name', texts),
      ...wrong('POST /auth/register', body, 'family_name', texts),
      ...wrong('POST /auth/register', body, 'password', [
        '"short"',
        '"a\\u0000bcdefghijklm"',
        '"\\ud800bcdefghijklm"',
        `"${'x'.repeat(257)}"`,
        '1',
        'null',
        '"passwordpassword"',
      ]),
      ...wrong('POST /auth/register', body, 'email', [
        '"a"',
        '"a@b"',
        '"a@b c.org"',
        '"a\\u0000@b.org"',
        '"a@b.org\\n"',
        '"a@b.org,c@d.org"',
        '"ａ@b.org"',
        '"a@bücher.org"',
        '"<a@b.org>"',
        '" a@b.org"',
        `"${'a'.repeat(250)}@b.org"`,
        '["a@b.org"]',
        'null',
      ]),
    ])
  })
})

test('JSON nested deeply, or with a name twice at any depth, is refused', () => {
  const deep = (depth: number) => `{"thresholds":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const bodies = [
    ...[21, 500, 100_000].map(deep),
    `{"thresholds":[{"role":"member","amount":"1.00","amount":"9000.00"}]}`,
    `{"thresholds":[{"role":"member","amount":"1.00","\\u0061mount":"9000.00"}]}`,
    `{"thresholds":[],"quorum":1,"quorum":10}`,
    `{"thresholds":[],"__proto__":{"quorum":1}}`,
    `{"thresholds":[{"role":"member","amount":null,"__proto__":{"amount":"1"}}]}`,
    `\ufeff{"thresholds":[]}`,
    `{"thresholds":[],}`,
    `{"thresholds":[]/**/}`,
    `{thresholds:[]}`,
    `{"thresholds":[]}\u0000`,
  ]
  return expectRefused(
    scene,
    bodies.map((body) => ({
      name: body.slice(0, 60),
      who: owner(),
      what: { ...post('/approval-policy', body), method: 'PUT' },
      code: 'invalid_request',
    })),
  )
})

test('a leap day, an offset and a long name are taken: what is refused above is refused for what it is', async () => {
  const { ledger } = scene.people.owner
  const body = { ...spending(), type: 'expense' as const }
  for (const occurred_at of ['2024-02-29T23:59:59.999Z', '2026-01-01T00:00:00+05:30', '1970-01-01T00:00:00Z'])
    await ledger.call('submitTransaction', { body: { ...body, amount: '0.01', occurred_at } })
  await ledger.call('submitTransaction', { body: { ...body, description: 'é'.repeat(200) } })
})
