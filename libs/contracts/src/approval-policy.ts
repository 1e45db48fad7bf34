import * as z from 'zod'
import { Currency } from './currencies.ts'
import { amountError, DecimalAmount } from './money.ts'
import { Role } from './permissions.ts'
import { Uuid } from './text.ts'

/**
 * Up to `amount` a role spends without asking; null: without limit. The most particular one counts: role and account,
 * then role and currency, then the role's default, whose number counts in each currency's own units.
 */
export const ApprovalThreshold = z
  .strictObject({
    role: Role.exclude(['read_only']),
    account_id: Uuid.nullish().transform((id) => id ?? null),
    currency: Currency.nullish().transform((currency) => currency ?? null),
    amount: DecimalAmount.nullable(),
  })
  .superRefine(({ account_id, currency, amount }, context) => {
    if (account_id !== null && currency !== null)
      context.addIssue({
        code: 'custom',
        path: ['currency'],
        message: 'An account has its currency; give one of account_id and currency',
      })
    const message = amount !== null && currency !== null ? amountError(amount, currency) : undefined
    if (message) context.addIssue({ code: 'custom', path: ['amount'], message })
  })
  .meta({ id: 'ApprovalThreshold' })
export type ApprovalThreshold = z.output<typeof ApprovalThreshold>

const DAY_SECONDS = 86_400

/** The whole policy is replaced; a role without a threshold of its own falls back to the installation's default. */
export const PutApprovalPolicy = z
  .strictObject({
    thresholds: z.array(ApprovalThreshold).max(200),
    /** Over how many seconds a person's spending is summed; 0: each spending by itself. */
    window_seconds: z
      .int()
      .min(0)
      .max(31 * DAY_SECONDS)
      .optional(),
    /** How many people must approve. */
    quorum: z.int().min(1).max(10).optional(),
    /** After how many seconds what waits expires. */
    expiry_seconds: z
      .int()
      .min(60)
      .max(90 * DAY_SECONDS)
      .optional(),
  })
  .superRefine(({ thresholds }, context) => {
    const seen = new Set<string>()
    for (const [index, { role, account_id, currency }] of thresholds.entries()) {
      const key = `${role} ${account_id} ${currency}`
      if (seen.has(key))
        context.addIssue({
          code: 'custom',
          path: ['thresholds', index],
          message: 'This role has a threshold for the same account or currency already',
        })
      seen.add(key)
    }
  })
  .meta({
    id: 'PutApprovalPolicy',
    examples: [{ thresholds: [{ role: 'member', amount: '20.00' }], quorum: 1 }],
  })
export type PutApprovalPolicy = z.output<typeof PutApprovalPolicy>

/** The policy in force: the family's own thresholds and, after them, the installation's defaults for roles without one. */
export const ApprovalPolicy = z
  .object({
    thresholds: z.array(
      z.object({
        role: Role,
        account_id: z.uuid().nullable(),
        currency: z.string().nullable(),
        amount: z.string().nullable(),
        /** True for a default of the installation. */
        inherited: z.boolean(),
      }),
    ),
    window_seconds: z.int(),
    quorum: z.int(),
    expiry_seconds: z.int(),
    /** 0 while the family has changed nothing. */
    version: z.int(),
    updated_at: z.string().nullable(),
    updated_by: z.uuid().nullable(),
  })
  .meta({ id: 'ApprovalPolicy' })
export type ApprovalPolicy = z.output<typeof ApprovalPolicy>
