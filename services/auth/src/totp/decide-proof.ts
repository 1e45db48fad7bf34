import type { ClientKind } from '@common-purse/contracts'

export interface ProofFacts {
  client: ClientKind
  /** Seconds since the session was opened. */
  secondsOld: number
  /** For how long signing in is proof enough. */
  sudoSeconds: number
  totpEnabled: boolean
  /** Whether a code was given in this session beside the password. */
  codeGiven: boolean
}

/**
 * What somebody has to say once more before they change how they sign in. Nothing, when they have just said all of it;
 * a session of the bot was opened without any of it.
 */
export function decideProof(facts: ProofFacts): 'none' | 'password' | 'password_and_totp' {
  const { client, secondsOld, sudoSeconds, totpEnabled, codeGiven } = facts
  const saidAll = client !== 'bot' && (codeGiven || !totpEnabled)
  if (saidAll && secondsOld <= sudoSeconds) return 'none'
  return totpEnabled ? 'password_and_totp' : 'password'
}
