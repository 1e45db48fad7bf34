import type { Handlers } from '@common-purse/kit/service-app'
import { accountHandlers } from './accounts/account-handlers.ts'
import { categoryHandlers } from './categories/category-handlers.ts'
import { createChange, type LedgerParts } from './ledger-parts.ts'
import { policyHandlers } from './policy/policy-handlers.ts'
import { reportHandlers } from './reports/report-handlers.ts'
import { transactionHandlers } from './transactions/transaction-handlers.ts'

/** Every endpoint of the ledger: which use-case it is. */
export function ledgerHandlers(parts: LedgerParts): Handlers<'ledger'> {
  const change = createChange(parts)
  return {
    ...accountHandlers(parts, change),
    ...transactionHandlers(parts, change),
    ...categoryHandlers(parts, change),
    ...policyHandlers(parts, change),
    ...reportHandlers(parts),
  }
}
