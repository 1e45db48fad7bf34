import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { refused } from '../../support/refused.ts'
import { attempts } from './attempts.ts'
import { cells, promised, roles } from './page.ts'
import { type Scene, startScene } from './scene.ts'

let scene: Scene
beforeAll(async () => {
  scene = await startScene()
}, 60_000)
afterAll(() => scene.house.stop())

const holders = (permission: keyof typeof promised) =>
  roles.filter((_, column) => promised[permission][column] !== '-')

const reaches = { x: 'all', s: 'own', '-': 'none' } as const

describe('every cell of the matrix', () => {
  test.each(cells)('$permission as $role is told as $letter', async ({ permission, role, letter }) => {
    const { auth } = scene.people[role]
    expect((await auth.call('getMe')).permissions.includes(permission)).toBe(letter !== '-')
    const matrix = await auth.call('getPermissions')
    const row = matrix.permissions.find((line) => line.permission === permission)
    expect(row?.roles[role]).toBe(reaches[letter])
  })
})

const allowed = cells.flatMap(({ permission, role, letter }) => {
  const attempt = attempts[permission]
  const prepare = { x: attempt?.any ?? attempt?.own, s: attempt?.own, '-': undefined }[letter]
  return prepare ? [{ permission, role, prepare }] : []
})
const denied = cells.flatMap(({ permission, role, letter }) => {
  const { any, withoutOthers, refusal, through } = attempts[permission] ?? {}
  if (!any || letter === 'x' || (letter === 's' && withoutOthers)) return []
  const code = refusal?.(role) ?? 'permission_denied'
  return [{ permission, role, prepare: any, code, told: through ? [permission, through] : [permission] }]
})

test('every permission that has an endpoint is tried', () => {
  const without = Object.keys(promised).filter((permission) => !(permission in attempts))
  expect(without).toEqual([
    'family.delete',
    'transaction.overdraft.force',
    'budget.manage',
    'recurring.manage',
    'budget.read',
    'data.import',
  ])
})

test.each(allowed)('$permission lets $role', async ({ role, prepare }) => {
  const call = await prepare(scene, scene.people[role])
  await call()
})

test.each(denied)('$permission stops $role with $code', async ({ role, prepare, code, told }) => {
  const call = await prepare(scene, scene.people[role])
  const { detail } = await refused(call(), code)
  if (code !== 'permission_denied') return
  // It names what is missing and who has it.
  const missing = told.find((permission) => detail.includes(permission))
  expect(missing ?? detail).toBe(missing)
  for (const holder of holders(missing!)) expect(detail).toContain(holder)
})
