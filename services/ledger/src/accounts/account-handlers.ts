import { asTx } from '@common-purse/kit/database'
import type { Handlers } from '@common-purse/kit/service-app'
import type { Change, LedgerParts } from '../ledger-parts.ts'
import { accountReads } from './account-reads.ts'
import { balanceView } from './account.ts'
import { balanceAt } from './balance-at.ts'
import { closeAccount } from './close-account.ts'
import { listEntries } from './list-entries.ts'
import { openAccount } from './open-account.ts'
import { updateAccount } from './update-account.ts'

type AccountRoute =
  | 'openAccount'
  | 'listAccounts'
  | 'getAccount'
  | 'updateAccount'
  | 'closeAccount'
  | 'getBalance'
  | 'listEntries'

export function accountHandlers(parts: LedgerParts, change: Change): Pick<Handlers<'ledger'>, AccountRoute> {
  const accounts = accountReads(parts.prisma)
  const db = asTx(parts.pool)
  const open = openAccount(parts)
  const update = updateAccount(parts)
  const close = closeAccount(parts)
  return {
    openAccount: (incoming) =>
      change(incoming, 201, (tx) => open(tx, incoming.caller, incoming.context, incoming.body)),
    listAccounts: async ({ caller, query }) => ({ body: await accounts.list(caller, query) }),
    getAccount: async ({ caller, params }) => ({ body: await accounts.get(caller, params.id) }),
    updateAccount: (incoming) =>
      change(incoming, 200, (tx) =>
        update(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
    closeAccount: (incoming) =>
      change(incoming, 200, (tx) =>
        close(tx, incoming.caller, incoming.context, { ...incoming.params, ...incoming.body }),
      ),
    getBalance: async ({ caller, params, query }) => {
      const account = await accounts.find(caller, params.id)
      const at = query.at === undefined ? undefined : new Date(query.at)
      if (at === undefined || at >= parts.now()) return { body: balanceView(account) }
      return { body: await balanceAt(db, caller.familyId, account, at) }
    },
    listEntries: async ({ caller, params, query }) => {
      const account = await accounts.find(caller, params.id)
      return { body: await listEntries(db, caller.familyId, account, query) }
    },
  }
}
