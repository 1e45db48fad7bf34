import * as z from 'zod'
import { Currency } from './currencies.ts'
import { SignedAmount } from './money.ts'
import { Instant, Uuid } from './text.ts'

/** `to` is not included. Without bounds: the current month for the summary, the last twelve months for the others. */
const period = { from: Instant.optional(), to: Instant.optional(), currency: Currency.optional() }

export const SummaryQuery = z.strictObject({
  ...period,
  group_by: z.enum(['category', 'member', 'account', 'month']).optional(),
  account_id: Uuid.optional(),
})
export type SummaryQuery = z.output<typeof SummaryQuery>

/** Sums of one group in one currency. Transfers are neither income nor expense; what was reversed counts nowhere. */
export const SummaryLine = z
  .object({
    /** Id of the category, member or account, the month as 2026-05, or null for what has no category. */
    key: z.string().nullable(),
    name: z.string().nullable(),
    currency: z.string(),
    income: SignedAmount,
    expense: SignedAmount,
    net: SignedAmount,
    transactions: z.int(),
  })
  .meta({ id: 'SummaryLine' })
export type SummaryLine = z.output<typeof SummaryLine>

export const SummaryReport = z
  .object({
    from: z.string(),
    to: z.string(),
    group_by: z.enum(['category', 'member', 'account', 'month']),
    items: z.array(SummaryLine),
    totals: z.array(SummaryLine.omit({ key: true, name: true })),
  })
  .meta({ id: 'SummaryReport' })
export type SummaryReport = z.output<typeof SummaryReport>

export const CashFlowQuery = z.strictObject({ ...period, account_id: Uuid.optional() })
export type CashFlowQuery = z.output<typeof CashFlowQuery>
export const CashFlowReport = z
  .object({
    from: z.string(),
    to: z.string(),
    items: z.array(
      z.object({
        month: z.string(),
        currency: z.string(),
        income: SignedAmount,
        expense: SignedAmount,
        net: SignedAmount,
      }),
    ),
  })
  .meta({ id: 'CashFlowReport' })
export type CashFlowReport = z.output<typeof CashFlowReport>

export const NetWorthQuery = z.strictObject(period)
export type NetWorthQuery = z.output<typeof NetWorthQuery>
/** At the end of each month, the running one as it is now: what the accounts one sees hold, and what they owe. */
export const NetWorthReport = z
  .object({
    from: z.string(),
    to: z.string(),
    items: z.array(
      z.object({
        month: z.string(),
        currency: z.string(),
        assets: SignedAmount,
        liabilities: SignedAmount,
        net: SignedAmount,
      }),
    ),
  })
  .meta({ id: 'NetWorthReport' })
export type NetWorthReport = z.output<typeof NetWorthReport>
