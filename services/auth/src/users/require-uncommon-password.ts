import { Problem, type Register } from '@common-purse/contracts'
import { ZxcvbnFactory } from '@zxcvbn-ts/core'
import { adjacencyGraphs, dictionary } from '@zxcvbn-ts/language-common'

/** The estimator's cost grows with the length, and 64 characters tell enough. */
const LENGTH_MAX = 64
/** 0 and 1 of 4: guessed within a million tries. */
const COMMON_SCORE_MAX = 1

const message = 'Expected a password that is not among the first that people try: no common word or pattern'

/** Makes the check for new passwords: common ones, keyboard walks, repetitions, the person's own name. */
export function createPasswordCheck(): (
  person: Pick<Register, 'password' | 'email' | 'display_name'>,
) => void {
  const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs })
  return ({ password, email, display_name }) => {
    const own = [...email.split(/[@.]/), ...display_name.split(/\s+/)]
    const { score } = estimator.check(password.slice(0, LENGTH_MAX), own)
    if (score <= COMMON_SCORE_MAX)
      throw new Problem('invalid_request', `password: ${message}`, {
        errors: [{ field: 'password', message }],
      })
  }
}
