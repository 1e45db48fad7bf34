import type { Handlers } from '@common-purse/kit/service-app'
import type { Change, LedgerParts } from '../ledger-parts.ts'
import { accountReads } from './account-reads.ts'
import { openAccount } from './open-account.ts'

type AccountRoute = 'openAccount' | 'listAccounts' | 'getAccount' | 'getBalance'

export function accountHandlers(parts: LedgerParts, change: Change): Pick<Handlers<'ledger'>, AccountRoute> {
  const accounts = accountReads(parts.prisma)
  const open = openAccount(parts)
  return {
    openAccount: (incoming) =>
      change(incoming, 201, (tx) => open(tx, incoming.caller, incoming.context, incoming.body)),
    listAccounts: async ({ caller, query }) => ({ body: await accounts.list(caller, query) }),
    getAccount: async ({ caller, params }) => ({ body: await accounts.get(caller, params.id) }),
    getBalance: async ({ caller, params }) => ({ body: await accounts.balance(caller, params.id) }),
  }
}
