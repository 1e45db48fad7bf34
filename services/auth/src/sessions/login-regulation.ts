import { createHash } from 'node:crypto'
import { Problem } from '@common-purse/contracts'
import type { Rate } from '@common-purse/kit/config'
import type { Tx } from '@common-purse/kit/database'
import type { Config } from '../config.ts'
import { addressKey } from './address-key.ts'

/** What failures count against, and how many are let through. */
export interface Regulated {
  subject: string
  rate: Rate
}

export type RegulationSettings = Pick<
  Config,
  'LOGIN_FAILURES_ACCOUNT' | 'LOGIN_FAILURES_ADDRESS' | 'KNOWN_ADDRESS_DAYS'
>

/** Whose failures are counted, and from where. */
export interface Attempt {
  email: string
  ip: string
  /** Whether the account was signed in to from this address lately. */
  known: boolean
}

/**
 * The account and the address of a sign-in; hashed, for what people type by mistake is nobody's to keep. An account is
 * counted apart at an address it is known at: who guesses from elsewhere does not keep its owner out at home.
 */
export function regulatedBy(config: RegulationSettings, { email, ip, known }: Attempt): Regulated[] {
  const hash = (text: string) => createHash('sha256').update(text).digest('base64url')
  const address = addressKey(ip)
  return [
    {
      subject: hash(known ? `account ${email} at ${address}` : `account ${email}`),
      rate: config.LOGIN_FAILURES_ACCOUNT,
    },
    { subject: hash(`address ${address}`), rate: config.LOGIN_FAILURES_ADDRESS },
  ]
}

/**
 * Throws `rate_limited` while there are as many failures within the window as are let through. Sign-ins that are refused
 * here do not count, so that nobody is kept out for longer than the window after the last guess.
 */
export async function requireBelowLimits(tx: Tx, regulated: Regulated[]): Promise<void> {
  const [row] = await tx.query<{ wait: number | null }>(
    `SELECT max(extract(epoch FROM f.at - clock_timestamp()) + r.seconds)::float AS wait
     FROM unnest($1::text[], $2::int[], $3::int[]) AS r(subject, allowed, seconds)
     CROSS JOIN LATERAL (
       SELECT at, row_number() OVER (ORDER BY at DESC) AS nth FROM login_failures
       WHERE subject = r.subject AND at > clock_timestamp() - make_interval(secs => r.seconds)
     ) f WHERE f.nth = r.allowed`,
    [
      regulated.map(({ subject }) => subject),
      regulated.map(({ rate }) => rate.count),
      regulated.map(({ rate }) => rate.seconds),
    ],
  )
  if (!row || row.wait === null) return
  throw new Problem('rate_limited', 'Too many failed attempts to sign in; wait a little', {
    retryAfter: Math.max(1, row.wait),
  })
}

const CLEANED_AT_ONCE = 50

/** Counts a failure, one caller at a time: however many guess at once, no more are let through than the limit says. */
export async function recordFailure(tx: Tx, regulated: Regulated[]): Promise<void> {
  const subjects = regulated.map(({ subject }) => subject).toSorted()
  for (const subject of subjects)
    await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 7))', [subject])
  await requireBelowLimits(tx, regulated)
  await tx.query('INSERT INTO login_failures (subject) SELECT unnest($1::text[])', [subjects])
  await tx.query(
    `DELETE FROM login_failures WHERE id IN (
       SELECT id FROM login_failures WHERE at < clock_timestamp() - make_interval(secs => $1)
       ORDER BY at LIMIT ${CLEANED_AT_ONCE} FOR UPDATE SKIP LOCKED)`,
    [Math.max(...regulated.map(({ rate }) => rate.seconds))],
  )
}
