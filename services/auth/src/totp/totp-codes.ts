import { Secret, TOTP } from 'otpauth'

/** What authenticators take for granted (RFC 6238). */
const STEP_SECONDS = 30
const parameters = { issuer: 'Common Purse', algorithm: 'SHA1', digits: 6, period: STEP_SECONDS }
/** A code of the step before or after counts too: clocks differ, and typing takes time. */
const WINDOW = 1
const SECRET_BYTES = 20
export const codeShape = /^[0-9]{6}$/

const totpOf = (secret: string, label: string) =>
  new TOTP({ ...parameters, label, secret: Secret.fromBase32(secret) })

/** 160 random bits in base32. */
export const newTotpSecret = (): string => new Secret({ size: SECRET_BYTES }).base32

/** What a QR code for an authenticator shows. */
export const otpauthUri = (secret: string, email: string): string => totpOf(secret, email).toString()

/** The step that a code is for, when it is one of now and newer than `lastStep`; undefined for any other code. */
export function findUnusedStep(
  secret: string,
  code: string,
  { now, lastStep }: { now: Date; lastStep: number },
): number | undefined {
  if (!codeShape.test(code)) return undefined
  const timestamp = now.getTime()
  const delta = totpOf(secret, '').validate({ token: code, timestamp, window: WINDOW })
  if (delta === null) return undefined
  const step = Math.floor(timestamp / 1000 / STEP_SECONDS) + delta
  return step > lastStep ? step : undefined
}
