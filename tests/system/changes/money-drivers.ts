import type { RouteId } from '../../../libs/contracts/src/index.ts'
import { givenAccount, givenFamily, type Person } from '../../support/given.ts'
import type { House } from '../../support/house.ts'
import { drive, type Drivers } from './driver.ts'
import { send } from './send.ts'

async function wallet(house: House) {
  const { owner, people } = await givenFamily(house, ['member'])
  const account = await givenAccount(owner)
  return { owner, member: people['member']!, account, params: { id: account.id } }
}

const expense = (accountId: string, amount: string) => ({
  type: 'expense',
  account_id: accountId,
  amount,
  currency: 'EUR',
  description: 'bike',
})

async function spent(house: House, amount: string, by: 'owner' | 'member' = 'member') {
  const given = await wallet(house)
  const spender: Person = given[by]
  const { body } = await send(house, spender, 'submitTransaction', {
    body: expense(given.account.id, amount),
  })
  return { ...given, id: (body as { id: string }).id }
}

const entity = (id: string) => ({ entity_type: 'transaction', entity_id: id })

/** Ends what waits, in the name of somebody, with a word about it. */
const resolved =
  (route: 'approveTransaction' | 'rejectTransaction' | 'cancelTransaction', by: 'owner' | 'member') =>
  async (house: House) => {
    const { owner, id, ...people } = await spent(house, '150.00')
    const [action, status] = (
      {
        approveTransaction: ['transaction.approved', 'posted'],
        rejectTransaction: ['transaction.rejected', 'rejected'],
        cancelTransaction: ['transaction.cancelled', 'cancelled'],
      } as const
    )[route]
    const words = 'as we talked about'
    const body = route === 'rejectTransaction' ? { reason: words } : { comment: words }
    const as = (by === 'owner' ? owner : people.member).session
    return drive(house, { id: route, as, reader: owner.session, params: { id }, body }, () => [
      {
        action,
        ...entity(id),
        reason: words,
        old_values: { status: 'pending_approval' },
        ...(route === 'approveTransaction' ? {} : { new_values: { status } }),
      },
      ...(route === 'approveTransaction'
        ? [{ action: 'transaction.posted' as const, ...entity(id), new_values: { status } }]
        : []),
    ])
  }

type MoneyRoute =
  | 'openAccount'
  | 'updateAccount'
  | 'closeAccount'
  | 'submitTransaction'
  | 'approveTransaction'
  | 'rejectTransaction'
  | 'cancelTransaction'
  | 'reverseTransaction'
  | 'putApprovalPolicy'
  | 'createCategory'
  | 'updateCategory'

export const moneyDrivers: Drivers<MoneyRoute> = {
  openAccount: async (house) => {
    const { owner } = await givenFamily(house)
    const body = { name: 'Wallet', kind: 'cash', currency: 'EUR', opening_balance: '5.00' }
    return drive<{ id: string }>(house, { id: 'openAccount', as: owner.session, body }, ({ id }) => [
      { action: 'account.created', entity_type: 'account', entity_id: id, new_values: { name: 'Wallet' } },
    ])
  },
  updateAccount: async (house) => {
    const { owner, account, params } = await wallet(house)
    const body = { name: 'Purse' }
    return drive(house, { id: 'updateAccount', as: owner.session, params, body }, () => [
      {
        action: 'account.updated',
        entity_id: account.id,
        old_values: { name: 'Wallet' },
        new_values: { name: 'Purse' },
      },
    ])
  },
  closeAccount: async (house) => {
    const { owner, account, params } = await wallet(house)
    const body = { comment: 'not needed any more' }
    return drive(house, { id: 'closeAccount', as: owner.session, params, body }, () => [
      {
        action: 'account.closed',
        entity_id: account.id,
        reason: 'not needed any more',
        old_values: { status: 'open' },
        new_values: { status: 'closed' },
      },
    ])
  },
  submitTransaction: async (house) => {
    const { owner, member, account } = await wallet(house)
    const body = expense(account.id, '1.00')
    const call = { id: 'submitTransaction' as const, as: member.session, reader: owner.session, body }
    return drive<{ id: string }>(house, call, ({ id }) => [
      {
        action: 'transaction.posted',
        ...entity(id),
        old_values: null,
        new_values: { status: 'posted', amount: '1.00', account_id: account.id, description: 'bike' },
      },
    ])
  },
  approveTransaction: resolved('approveTransaction', 'owner'),
  rejectTransaction: resolved('rejectTransaction', 'owner'),
  cancelTransaction: resolved('cancelTransaction', 'member'),
  reverseTransaction: async (house) => {
    const { owner, id } = await spent(house, '1.00')
    const body = { reason: 'the wrong size' }
    const params = { id }
    const call = { id: 'reverseTransaction' as const, as: owner.session, params, body }
    return drive<{ id: string }>(house, call, (reversal) => [
      {
        action: 'transaction.reversed',
        ...entity(id),
        reason: 'the wrong size',
        old_values: { status: 'posted' },
        new_values: { status: 'reversed', reversed_by: reversal.id },
      },
      {
        action: 'transaction.posted',
        ...entity(reversal.id),
        reason: 'the wrong size',
        new_values: { reverses: id, status: 'posted' },
      },
    ])
  },
  putApprovalPolicy: async (house) => {
    const { owner } = await givenFamily(house)
    const body = { thresholds: [{ role: 'member', amount: '20.00' }], quorum: 1 }
    return drive(house, { id: 'putApprovalPolicy', as: owner.session, body }, () => [
      { action: 'policy.changed', old_values: { quorum: 1 }, new_values: { quorum: 1 } },
    ])
  },
  createCategory: async (house) => {
    const { owner } = await givenFamily(house)
    const body = { name: 'Food' }
    return drive<{ id: string }>(house, { id: 'createCategory', as: owner.session, body }, ({ id }) => [
      { action: 'category.created', entity_id: id, new_values: { name: 'Food' } },
    ])
  },
  updateCategory: async (house) => {
    const { owner } = await givenFamily(house)
    const { body } = await send(house, owner, 'createCategory', { body: { name: 'Food' } })
    const params = { id: (body as { id: string }).id }
    const call = { id: 'updateCategory' as RouteId, as: owner.session, params, body: { name: 'Meals' } }
    return drive(house, call, () => [
      {
        action: 'category.updated',
        entity_id: params.id,
        old_values: { name: 'Food' },
        new_values: { name: 'Meals' },
      },
    ])
  },
}
