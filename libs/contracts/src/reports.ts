import * as z from 'zod'
import { Currency } from './currencies.ts'
import { SignedAmount } from './money.ts'
import { Instant, requireOrder, Uuid } from './text.ts'

/**
 * Months and days are those of UTC, and `to` is not included. Without bounds: the current month for the summary, the last twelve
 * months for the others. At most ten years.
 */
const period = { from: Instant.optional(), to: Instant.optional(), currency: Currency.optional() }

const GroupBy = z.enum(['category', 'member', 'account', 'month', 'day'])
export const SummaryQuery = z
  .strictObject({ ...period, group_by: GroupBy.optional(), account_id: Uuid.optional() })
  .superRefine(requireOrder)
export type SummaryQuery = z.output<typeof SummaryQuery>

/**
 * Sums of one group in one currency, both as positive sums; `net` = `income` - `expense`. What counts is posted and lies
 * on an account that one sees, by `occurred_at`. Transfers and opening balances are neither income nor expense; what was
 * reversed counts nowhere, and neither does its reversal.
 */
export const SummaryLine = z
  .object({
    /** Id of the category, member or account, the month as 2026-05, the day as 2026-05-04, or null for what has no category. */
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
    group_by: GroupBy,
    items: z.array(SummaryLine),
    totals: z.array(SummaryLine.omit({ key: true, name: true })),
  })
  .meta({ id: 'SummaryReport' })
export type SummaryReport = z.output<typeof SummaryReport>

export const CashFlowQuery = z
  .strictObject({ ...period, account_id: Uuid.optional() })
  .superRefine(requireOrder)
export type CashFlowQuery = z.output<typeof CashFlowQuery>
/** A line for every month of the period in each currency that moved in it. */
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

export const NetWorthQuery = z.strictObject(period).superRefine(requireOrder)
export type NetWorthQuery = z.output<typeof NetWorthQuery>
/**
 * At the end of each month (the last one at `to`, the running one as it is now) in each currency of the accounts one
 * sees, closed ones too: balances above zero are assets, those below zero liabilities, both as positive sums. By the time
 * of recording, as `balance?at=` is.
 */
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
