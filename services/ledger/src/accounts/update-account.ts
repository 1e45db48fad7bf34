import type { Account, UpdateAccount } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { findMembers } from '../members/member-store.ts'
import { accountView } from './account.ts'
import { saveAccount } from './account-store.ts'
import { accountChanges, decideAccountChange } from './decide-account-change.ts'
import { lockSeenAccount } from './lock-seen-account.ts'

/** Use-case: renames, shares, limits or opens an account again; what changes nothing leaves no trace. */
export const updateAccount =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    { id, ...command }: UpdateAccount & { id: string },
  ): Promise<Account> => {
    const account = await lockSeenAccount(tx, caller, id)
    const members = await findMembers(tx, caller.familyId)
    const next = {
      ...decideAccountChange(account, command, caller, members),
      version: account.version + 1,
    }
    const values = accountChanges(account, next)
    if (!values) return accountView(account)
    await saveAccount(tx, caller.familyId, next)
    const change = {
      action: 'account.updated' as const,
      entityType: 'account',
      entityId: id,
      version: next.version,
      ...values,
    }
    await enqueue(tx, [toEvent('ledger', originOf(caller, context), change, now())])
    return accountView(next)
  }
