import { Secret, TOTP } from 'otpauth'
import { givenOwner, type Person, startAuthHouse } from './auth-house.ts'

interface Proof {
  password?: string
  totp?: string
}

/** What an authenticator shows now, or so many steps of 30 seconds later. */
export const codeOf = (secret: string, stepsLater = 0) =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: Date.now() + stepsLater * 30_000 })

/** Six digits that no authenticator shows about now. */
export const wrongCodeOf = (secret: string) => {
  const near = [-2, -1, 0, 1, 2].map((steps) => codeOf(secret, steps))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code))!
}

/** The auth service, what somebody does with two-step sign-in there, and what the tests look up of it. */
export async function startTwoStepsHouse() {
  const auth = await startAuthHouse()
  const enroll = (by: Pick<Person, 'credentials'>, body: Proof = {}, idempotencyKey?: string) =>
    auth.api.call('enrollTotp', {
      body,
      credentials: by.credentials,
      ...(idempotencyKey ? { idempotencyKey } : {}),
    })
  const verify = (by: Pick<Person, 'credentials'>, code: string, idempotencyKey?: string) =>
    auth.api.call('verifyTotp', {
      body: { code },
      credentials: by.credentials,
      ...(idempotencyKey ? { idempotencyKey } : {}),
    })
  const disable = (by: Pick<Person, 'credentials'>, body: Proof = {}, idempotencyKey?: string) =>
    auth.api.call('disableTotp', {
      body,
      credentials: by.credentials,
      ...(idempotencyKey ? { idempotencyKey } : {}),
    })
  const login = ({ email, password }: Person, totp?: string) =>
    auth.api.call('login', { body: { email, password, ...(totp === undefined ? {} : { totp }) } })

  /** Somebody with two-step sign-in; the codes of now and before are used. */
  async function givenTwoSteps() {
    const owner = await givenOwner(auth)
    const { secret } = await enroll(owner)
    const usedCode = codeOf(secret)
    const { recovery_codes: recoveryCodes } = await verify(owner, usedCode)
    return { ...owner, secret, usedCode, recoveryCodes }
  }
  const isEnabled = async ({ credentials }: Person) =>
    (await auth.api.call('getMe', { credentials })).totp_enabled
  const makeOld = ({ session }: Person) =>
    auth.rows(`UPDATE auth.sessions SET created_at = created_at - interval '601 seconds' WHERE id = $1`, [
      session.session_id,
    ])
  /** As if time had passed: the codes of now may be used again. */
  const forgetSteps = ({ session }: Person) =>
    auth.rows('UPDATE auth.totp_secrets SET last_step = 0 WHERE user_id = $1', [session.user.id])
  const startedBy = async (sessionId: string) =>
    (await auth.events('entity_id', sessionId))[0]!.data.new_values!['second_factor']

  return {
    ...auth,
    enroll,
    verify,
    disable,
    login,
    givenTwoSteps,
    isEnabled,
    makeOld,
    forgetSteps,
    startedBy,
  }
}
export type TwoStepsHouse = Awaited<ReturnType<typeof startTwoStepsHouse>>
