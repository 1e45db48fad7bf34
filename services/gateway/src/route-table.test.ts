import { allRoutes } from '@common-purse/contracts'
import { expect, test } from '@jest/globals'
import { createRouteTable } from './route-table.ts'

const find = createRouteTable(allRoutes)
const idOf = (method: string, path: string) => {
  const match = find(method, path)
  return match.kind === 'found' ? match.route.id : match
}

test('finds every route of the contract by a path of its pattern', () => {
  for (const route of allRoutes)
    expect(idOf(route.method, route.path.replaceAll(/\{\w+\}/g, 'abc-1'))).toBe(route.id)
})

test('prefers a path without parameters', () => {
  expect(idOf('POST', '/api/v1/auth/telegram/bind/confirm')).toBe('confirmTelegramBinding')
  expect(idOf('GET', '/api/v1/auth/telegram/bind/confirm')).toBe('getTelegramBinding')
})

test('tells an unknown path from a method that the path does not know', () => {
  expect(idOf('DELETE', '/api/v1/accounts')).toEqual({
    kind: 'other_method',
    allow: expect.arrayContaining(['GET', 'POST']),
  })
  for (const path of [
    '/api/v1/nothing',
    '/api/v1/accounts/',
    '/API/v1/accounts',
    '/api/v1/accounts/a/b/c',
    '/api/v1/accounts/',
  ])
    expect(idOf('GET', path)).toEqual({ kind: 'unknown' })
  expect(idOf('GET', '/xwell-known/jwks.json')).toEqual({ kind: 'unknown' })
})
