import type { Transaction } from '@common-purse/contracts'
import type { Caller } from '@common-purse/kit/caller'
import type { Tx } from '@common-purse/kit/database'
import { originOf } from '@common-purse/kit/origin'
import type { RequestContext } from '@common-purse/kit/request-context'
import type { Clock } from '../clock.ts'
import { lockWaiting, release, releasedView } from './resolve-transaction.ts'

/** Use-case: refuses what waits; nothing moves and the hold is released. */
export const rejectTransaction =
  ({ now }: Clock) =>
  async (
    tx: Tx,
    caller: Caller,
    context: RequestContext,
    command: { id: string; reason: string },
  ): Promise<Transaction> => {
    const at = now()
    const locked = await lockWaiting(tx, caller, command.id, at)
    const end = { status: 'rejected' as const, by: caller.userId, reason: command.reason, at }
    return releasedView(await release(tx, originOf(caller, context), locked, end), caller)
  }
