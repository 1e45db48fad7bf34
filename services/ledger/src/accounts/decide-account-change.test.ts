import { describe, expect, test } from '@jest/globals'
import type { Member } from '../members/member-store.ts'
import type { LedgerAccount } from './account.ts'
import { accountChanges, decideAccountChange } from './decide-account-change.ts'

const account: LedgerAccount = {
  id: 'wallet',
  name: 'Wallet',
  kind: 'cash',
  currency: 'EUR',
  visibility: 'shared',
  sharedWith: ['kim'],
  ownerId: 'bob',
  status: 'open',
  overdraftLimit: 500n,
  posted: -400n,
  held: 0n,
  version: 3,
  createdAt: new Date(0),
}
const member = (userId: string, role: Member['role']): Member => ({ userId, displayName: userId, role })
const family = [
  member('ann', 'owner'),
  member('bob', 'member'),
  member('kim', 'member'),
  member('tim', 'child'),
]
const as = (userId: string) => family.find((one) => one.userId === userId)!
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a change of an account', () => {
  test.each([
    ['a name', { name: 'Purse' }, { name: 'Purse' }],
    ['people, each once', { shared_with: ['tim', 'tim'] }, { sharedWith: ['tim'] }],
    ['out of sharing', { visibility: 'family' }, { visibility: 'family', sharedWith: [] }],
    ['a limit below what is overdrawn', { overdraft_limit: '1' }, { overdraftLimit: 100n }],
    ['nothing', { status: 'open' }, {}],
  ] as const)('%s', (_name, command, changed) => {
    const { shared_with: people, ...rest } = command as { shared_with?: readonly string[] }
    const after = decideAccountChange(
      account,
      { ...rest, ...(people ? { shared_with: [...people] } : {}) },
      as('ann'),
      family,
    )
    expect(after).toEqual({ ...account, ...changed })
  })

  test.each([
    ['a stranger', { shared_with: ['eve'] }, 'invalid_request'],
    ['people of what is no longer shared', { visibility: 'family', shared_with: ['kim'] }, 'invalid_request'],
    ['places that the currency does not have', { overdraft_limit: '1.001' }, 'invalid_request'],
  ] as const)('refuses %s', (_name, command, expected) => {
    expect(() => decideAccountChange(account, command as never, as('ann'), family)).toThrow(code(expected))
  })

  test('a child’s account does not become private, a grown-up’s does', () => {
    const command = { visibility: 'private' as const }
    expect(() => decideAccountChange({ ...account, ownerId: 'tim' }, command, as('ann'), family)).toThrow(
      code('invalid_request'),
    )
    expect(decideAccountChange(account, command, as('bob'), family)).toMatchObject({ visibility: 'private' })
  })

  test('a member’s right ends at what is their own or shared with them', () => {
    const rename = { name: 'x' }
    expect(decideAccountChange(account, rename, as('bob'), family)).toMatchObject(rename)
    expect(decideAccountChange(account, rename, as('kim'), family)).toMatchObject(rename)
    const theirs = { ...account, visibility: 'family' as const, sharedWith: [] }
    for (const command of [rename, { visibility: 'shared' as const }])
      expect(() => decideAccountChange(theirs, command, as('kim'), family)).toThrow(code('permission_denied'))
    for (const command of [{ overdraft_limit: '9' }, { status: 'open' as const }])
      expect(() => decideAccountChange(account, command, as('bob'), family)).toThrow(
        code('permission_denied'),
      )
    expect(() => decideAccountChange(account, rename, as('tim'), family)).toThrow(code('permission_denied'))
  })

  test('a closed account is only opened again', () => {
    const closed = { ...account, status: 'closed' as const }
    expect(() => decideAccountChange(closed, { name: 'x' }, as('ann'), family)).toThrow(
      code('account_closed'),
    )
    expect(decideAccountChange(closed, { name: 'x', status: 'open' }, as('ann'), family)).toMatchObject({
      name: 'x',
      status: 'open',
    })
  })

  test('is told field by field', () => {
    expect(accountChanges(account, { ...account, version: 4, posted: 5n })).toBeUndefined()
    expect(accountChanges(account, { ...account, sharedWith: [], overdraftLimit: 0n })).toEqual({
      oldValues: { shared_with: ['kim'], overdraft_limit: '5.00' },
      newValues: { shared_with: [], overdraft_limit: '0.00' },
    })
  })
})
