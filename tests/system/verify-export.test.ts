import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from '../support/eventually.ts'
import { givenAccount, givenFamily, type Person } from '../support/given.ts'
import { type House, startHouse } from '../support/house.ts'

let house: House
let folder: string
let file: string
let owner: Person
/** A head that the owner wrote down before the export. */
let head: { seq: number; hash: string }
beforeAll(async () => {
  house = await startHouse({ services: ['auth', 'ledger', 'audit', 'gateway'] })
  folder = await mkdtemp(join(tmpdir(), 'trail-'))
  file = join(folder, 'trail.ndjson')
  owner = (await givenFamily(house)).owner
  const wallet = await givenAccount(owner)
  for (const amount of ['1.50', '2.50', '20.00'])
    await owner.ledger.call('submitTransaction', {
      body: { type: 'expense', account_id: wallet.id, amount, currency: 'EUR', description: 'Кофе ☕ "q"' },
    })
  await eventually(
    () => owner.audit.call('listAuditEvents', { query: { action: 'transaction.posted' } }),
    ({ items }) => items.length === 3,
  )
  head = await owner.audit.call('getAuditHead')
  await writeFile(file, await owner.audit.call('exportAudit'))
}, 60_000)
afterAll(async () => {
  await rm(folder, { recursive: true })
  await house.stop()
})

/** Runs the tool as a person would; it knows nothing of the house. */
function check(...args: string[]) {
  const tool = join(import.meta.dirname, '../../tools/verify-export.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] },
  })
  return { status, said: stdout + stderr }
}
const known = () => `--head=${head.seq}:${head.hash.slice(0, 16)}`

test('an export of the whole house is intact, and agrees with a head from before', () => {
  expect(check(file, known())).toMatchObject({
    status: 0,
    said: expect.stringContaining(`Intact: ${head.seq} entries`) as unknown,
  })
})

test('a changed amount is found by its entry', async () => {
  const lines = (await readFile(file, 'utf8')).split('\n')
  const seq = lines.findIndex((line) => line.includes('"20.00"'))
  const forged = join(folder, 'forged.ndjson')
  await writeFile(forged, lines.with(seq, lines[seq]!.replaceAll('"20.00"', '"2.00"')).join('\n'))
  expect(check(forged)).toMatchObject({
    status: 1,
    said: expect.stringContaining(`entry ${seq} cannot be vouched for`) as unknown,
  })
})

test('a head that the file does not reach, or knows otherwise, is said', () => {
  expect(check(file, `--head=${head.seq + 1}:${head.hash}`).status).toBe(1)
  expect(check(file, `--head=${head.seq}:${'0'.repeat(16)}`).status).toBe(1)
})

test('what cannot be checked ends with 2 and says what to do', () => {
  expect(check()).toMatchObject({
    status: 2,
    said: expect.stringContaining('npm run verify-export') as unknown,
  })
  expect(check(join(folder, 'none')).status).toBe(2)
  expect(check(file, '--head=1:abc').status).toBe(2)
  expect(check(join(import.meta.dirname, 'verify-export.test.ts')).status).toBe(2)
})

test('who read the trail is in the access log', async () => {
  const reads = ['/api/v1/audit/events', '/api/v1/audit/head', '/api/v1/audit/export']
  await eventually(
    () => owner.audit.call('listAccessLines', { query: { limit: '100' } }),
    ({ items }) =>
      reads.every((read) => items.some(({ route, user_id }) => route === read && user_id === owner.userId)),
  )
})
