import { Problem, type Register } from '@common-purse/contracts'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

/** The estimator's cost grows with the length, and 64 characters tell enough. */
const LENGTH_MAX = 64
/** 0 and 1 of 4: guessed within a million tries. */
const COMMON_SCORE_MAX = 1

const message = 'Expected a password that is not among the first that people try: no common word or pattern'

type Person = Pick<Register, 'password' | 'email' | 'display_name'>

/** Throws `invalid_request`, naming the field, for a password that is tried early. */
export type PasswordCheck = (person: Person, field?: string) => void

/** Makes the check for new passwords: common ones, keyboard walks, repetitions, the person's own name. */
export function createPasswordCheck(): PasswordCheck {
  const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  return ({ password, email, display_name }, field = 'password') => {
    const own = [...email.split(/[@.]/), ...display_name.split(/\s+/)]
    const { score } = estimator.check(password.slice(0, LENGTH_MAX), own)
    if (score <= COMMON_SCORE_MAX)
      throw new Problem('invalid_request', `${field}: ${message}`, { errors: [{ field, message }] })
  }
}
