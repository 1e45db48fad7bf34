import { asTx } from '@common-purse/kit/database'
import type { Handlers } from '@common-purse/kit/service-app'
import type { LedgerParts } from '../ledger-parts.ts'
import { cashFlowReport } from './cash-flow-report.ts'
import { netWorthReport } from './net-worth-report.ts'
import { summaryReport } from './summary-report.ts'

type ReportRoute = 'getSummaryReport' | 'getCashFlowReport' | 'getNetWorthReport'

export function reportHandlers({ pool, now }: LedgerParts): Pick<Handlers<'ledger'>, ReportRoute> {
  const db = asTx(pool)
  return {
    getSummaryReport: async ({ caller, query }) => ({ body: await summaryReport(db, caller, query, now()) }),
    getCashFlowReport: async ({ caller, query }) => ({
      body: await cashFlowReport(db, caller, query, now()),
    }),
    getNetWorthReport: async ({ caller, query }) => ({
      body: await netWorthReport(db, caller, query, now()),
    }),
  }
}
