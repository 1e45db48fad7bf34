import { type Account, type OpenAccount, Problem, toDecimal, toMinorUnits } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { findMembers, type Member } from '../members/member-store.ts'
import { requireReach } from '../require-reach.ts'
import { requireRoom } from '../require-room.ts'
import { isCountable } from '../transactions/decide-transaction.ts'
import { insertPostings, insertTransaction } from '../transactions/transaction-store.ts'
import { wrongField } from '../wrong-field.ts'
import { accountView, type LedgerAccount } from './account.ts'
import { changeBalances, ensureCounterparts, insertAccount } from './account-store.ts'

/** Pure: whose account it becomes; throws a Problem when the caller may not open this one. */
export function decideOwner(command: OpenAccount, caller: Caller, members: Member[]): string {
  const ownerId = command.owner_id ?? caller.userId
  const isMember = (id: string) => id === caller.userId || members.some(({ userId }) => userId === id)
  // Who may change the accounts of others may open one for them too.
  requireReach(caller.role, 'account.update', ownerId === caller.userId)
  if (/[1-9]/.test(command.overdraft_limit ?? '')) requireReach(caller.role, 'member.limit.update', true)
  if (!isMember(ownerId)) throw new Problem('not_found', 'There is nobody with this owner_id in the family')
  const stranger = command.shared_with?.find((id) => !isMember(id))
  if (stranger !== undefined) throw wrongField('shared_with', `${stranger} is not in the family`)
  if (
    command.visibility === 'private' &&
    members.some(({ userId, role }) => userId === ownerId && role === 'child')
  )
    throw wrongField('visibility', 'An account of a child cannot be private')
  return ownerId
}

/** Use-case: opens an account, with what is in it already posted against the family's opening balances. */
export const openAccount =
  ({ now, newId }: Clock) =>
  async (tx: Tx, caller: Caller, context: RequestContext, command: OpenAccount): Promise<Account> => {
    const ownerId = decideOwner(command, caller, await findMembers(tx, caller.familyId))
    await requireRoom(tx, caller.familyId, 'accounts')
    const account: LedgerAccount = {
      id: newId(),
      name: command.name,
      kind: command.kind,
      currency: command.currency,
      visibility: command.visibility,
      sharedWith: [...new Set(command.shared_with)],
      ownerId,
      status: 'open',
      overdraftLimit: toMinorUnits(command.overdraft_limit ?? '0', command.currency),
      posted: 0n,
      held: 0n,
      version: 1,
      createdAt: now(),
    }
    const counterparts = await ensureCounterparts(tx, caller.familyId, account.currency, newId)
    await insertAccount(tx, caller.familyId, account)
    const opening = toMinorUnits(command.opening_balance ?? '0', command.currency)
    if (opening > 0n)
      await postOpening(tx, caller, { account, opening, from: counterparts.opening, id: newId() })
    const view = accountView({ ...account, posted: opening })
    const { balance: _, ...newValues } = view
    await enqueue(tx, [
      toEvent(
        'ledger',
        originOf(caller, context),
        {
          action: 'account.created',
          entityType: 'account',
          entityId: account.id,
          version: 1,
          newValues: { ...newValues, opening_balance: toDecimal(opening, account.currency) },
        },
        account.createdAt,
      ),
    ])
    return view
  }

interface Opening {
  id: string
  account: LedgerAccount
  opening: bigint
  from: string
}

async function postOpening(tx: Tx, caller: Caller, { id, account, opening, from }: Opening): Promise<void> {
  const { familyId } = caller
  await insertTransaction(tx, {
    familyId,
    id,
    type: 'opening',
    status: 'posted',
    accountId: account.id,
    toAccountId: null,
    amount: opening,
    currency: account.currency,
    categoryId: null,
    description: 'Opening balance',
    createdBy: caller.userId,
    occurredAt: account.createdAt,
    createdAt: account.createdAt,
    approval: null,
    reason: null,
    reverses: null,
  })
  const legs = [
    { accountId: from, amount: -opening },
    { accountId: account.id, amount: opening },
  ]
  const changed = await changeBalances(
    tx,
    familyId,
    legs.map(({ accountId, amount }) => ({ accountId, posted: amount, held: 0n })),
  )
  if (!changed.every(({ posted }) => isCountable(posted)))
    throw wrongField('opening_balance', 'The family would have more than the ledger can count')
  await insertPostings(tx, {
    familyId,
    transactionId: id,
    currency: account.currency,
    legs,
    at: account.createdAt,
  })
}
