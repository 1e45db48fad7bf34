import type { Account } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import { enqueue, toEvent } from '@common-purse/kit/outbox'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { requireReach } from '../require-reach.ts'
import { requireOpen } from '../transactions/decide-transaction.ts'
import { accountView, type LedgerAccount } from './account.ts'
import { saveAccount } from './account-store.ts'
import { lockSeenAccount } from './lock-seen-account.ts'

/**
 * Use-case: closes an account. It keeps its balance, takes no movement, and what waits on it can only be refused,
 * taken back or expire.
 */
export const closeAccount =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    { id, comment }: { id: string; comment?: string | undefined },
  ): Promise<Account> => {
    const account = await lockSeenAccount(tx, caller, id)
    requireReach(caller.role, 'account.close', account.ownerId === caller.userId)
    requireOpen(account, caller)
    const closed: LedgerAccount = { ...account, status: 'closed', version: account.version + 1 }
    await saveAccount(tx, caller.familyId, closed)
    const change = {
      action: 'account.closed' as const,
      entityType: 'account',
      entityId: id,
      version: closed.version,
      oldValues: { status: account.status },
      newValues: { status: closed.status },
      reason: comment,
    }
    await enqueue(tx, [toEvent('ledger', originOf(caller, context), change, now())])
    return accountView(closed)
  }
