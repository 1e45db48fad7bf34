import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import {
  allRoutes,
  eventActions,
  eventType,
  actionOf,
  permissions,
  problems,
  roles,
  reachOf,
  rolesWith,
} from '../src/index.ts'
import { openApiDocument } from '../src/openapi.ts'

const root = join(import.meta.dirname, '../../..')

interface Operation {
  operationId: string
  requestBody?: { content: { 'application/json': { example: unknown } } }
}
const exampleInDocument = (id: string) =>
  Object.values(openApiDocument('1.0.0')['paths'] as Record<string, Record<string, Operation>>)
    .flatMap((path) => Object.values(path))
    .find(({ operationId }) => operationId === id)?.requestBody?.content['application/json'].example

describe('the table of routes', () => {
  test('names each address once', () => {
    const addresses = allRoutes.map(({ method, path }) => `${method} ${path}`)
    expect(new Set(addresses).size).toBe(addresses.length)
  })

  test('requires a signature-worthy caller for every change that is not public', () => {
    for (const route of allRoutes)
      if (route.access === 'user' && route.method !== 'GET') expect(route.idempotency).not.toBe('none')
  })

  // The API pages offer it to a newcomer as the first thing to send.
  test('shows an example of every body, and accepts it', () => {
    const bodies = allRoutes.flatMap(({ id, body }) => (body ? [{ id, body }] : []))
    expect(bodies.length).toBeGreaterThan(20)
    for (const { id, body } of bodies) {
      const examples = (body.meta()?.['examples'] ?? []) as unknown[]
      expect([id, examples.length]).toEqual([id, 1])
      expect([id, body.safeParse(examples[0]).error?.issues]).toEqual([id, undefined])
      expect([id, exampleInDocument(id)]).toEqual([id, examples[0]])
    }
  })

  test('is what docs/api/openapi.json says', async () => {
    const written: unknown = JSON.parse(await readFile(join(root, 'docs/api/openapi.json'), 'utf8'))
    expect(written).toEqual(openApiDocument('1.0.0'))
  })
})

describe('the table of permissions', () => {
  test('has a cell for every role', () => {
    for (const permission of permissions) expect(rolesWith(permission).length).toBeGreaterThan(0)
    expect(permissions.length).toBeGreaterThanOrEqual(25)
    expect(roles).toHaveLength(5)
  })

  test.each([
    ['child', 'transaction.create.own', 'all'],
    ['child', 'transaction.approve', undefined],
    ['member', 'account.update', 'own'],
    ['read_only', 'account.read.own', 'own'],
    ['owner', 'transaction.overdraft.force', 'all'],
    ['adult', 'family.update', undefined],
  ] as const)('%s and %s', (role, permission, reach) => {
    expect(reachOf(role, permission)).toBe(reach)
  })
})

test('every problem code has a section in docs/problems.md', async () => {
  const page = await readFile(join(root, 'docs/problems.md'), 'utf8')
  for (const [code, { status }] of Object.entries(problems)) expect(page).toContain(`## ${code} (${status})`)
})

test('an event’s type leads back to its action', () => {
  for (const action of eventActions) expect(actionOf(eventType(action))).toBe(action)
  expect(eventType('transaction.posted')).toBe('ledger.transaction.posted.v1')
})
