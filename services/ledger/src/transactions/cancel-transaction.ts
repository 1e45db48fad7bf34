import { Problem, rolesWith, type Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { lockWaiting, release, releasedView } from './resolve-transaction.ts'

/** Use-case: the author takes back what still waits. */
export const cancelTransaction =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; comment?: string | undefined },
  ): Promise<Transaction> => {
    const at = now()
    const locked = await lockWaiting(tx, caller, command.id, at)
    if (locked.transaction.createdBy !== caller.userId)
      throw new Problem(
        'permission_denied',
        `transaction.cancel.own is for what one asked for oneself; refusing it needs transaction.reject (which ${rolesWith('transaction.reject').join(', ')} have)`,
      )
    const end = { status: 'cancelled' as const, by: caller.userId, reason: command.comment, at }
    return releasedView(await release(tx, originOf(caller, context), locked, end), caller)
  }
