import type { Tx } from '@common-purse/kit/database'
import { hashOf } from '../keys/one-time-secrets.ts'
import { plainRecoveryCode } from './recovery-codes.ts'

/** A user's authenticator. Whoever writes here has locked the user's credentials. */
export interface TotpSecret {
  /** Encrypted; see `seal.ts`. */
  secret: string
  enabled: boolean
  lastStep: number
}

export async function findTotp(tx: Tx, userId: string): Promise<TotpSecret | undefined> {
  const [row] = await tx.query<TotpSecret>(
    `SELECT secret, enabled_at IS NOT NULL AS enabled, last_step::float AS "lastStep" FROM totp_secrets
     WHERE user_id = $1::uuid`,
    [userId],
  )
  return row
}

/** Keeps a secret that does not count yet, in the place of an earlier one. */
export const putPendingSecret = (tx: Tx, userId: string, secret: string) =>
  tx.query(
    `INSERT INTO totp_secrets (user_id, secret) VALUES ($1::uuid, $2)
     ON CONFLICT (user_id) DO UPDATE SET secret = excluded.secret, last_step = 0`,
    [userId, secret],
  )

export async function enableTotp(
  tx: Tx,
  userId: string,
  { step, recoveryCodes, now }: { step: number; recoveryCodes: string[]; now: Date },
): Promise<void> {
  await tx.query('UPDATE totp_secrets SET enabled_at = $2, last_step = $3 WHERE user_id = $1::uuid', [
    userId,
    now,
    step,
  ])
  await tx.query('INSERT INTO recovery_codes (user_id, code_hash) SELECT $1::uuid, unnest($2::bytea[])', [
    userId,
    recoveryCodes.map((code) => hashOf(plainRecoveryCode(code))),
  ])
}

/** Uses up the codes of a step and before; false when somebody was faster. */
export async function markStepUsed(tx: Tx, userId: string, step: number, secret: string): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE totp_secrets SET last_step = $2, secret = $3 WHERE user_id = $1::uuid AND last_step < $2
     RETURNING user_id`,
    [userId, step, secret],
  )
  return rows.length === 1
}

/** Uses a recovery code up; false when there is no such code or it was used. */
export async function useRecoveryCode(tx: Tx, userId: string, code: string, now: Date): Promise<boolean> {
  const rows = await tx.query(
    `UPDATE recovery_codes SET used_at = $3 WHERE user_id = $1::uuid AND code_hash = $2 AND used_at IS NULL
     RETURNING user_id`,
    [userId, hashOf(plainRecoveryCode(code)), now],
  )
  return rows.length === 1
}

/** Takes away the secret and its recovery codes. */
export const deleteTotp = (tx: Tx, userId: string) =>
  tx.query('DELETE FROM totp_secrets WHERE user_id = $1::uuid', [userId])
