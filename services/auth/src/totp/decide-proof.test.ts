import { expect, test } from '@jest/globals'
import { decideProof, type ProofFacts } from './decide-proof.ts'

const fresh: ProofFacts = {
  client: 'web',
  secondsOld: 1,
  sudoSeconds: 600,
  totpEnabled: false,
  codeGiven: false,
}

test.each<[string, Partial<ProofFacts>, ReturnType<typeof decideProof>]>([
  ['just signed in', {}, 'none'],
  ['signed in 600 seconds ago', { secondsOld: 600 }, 'none'],
  ['signed in longer ago', { secondsOld: 600.5 }, 'password'],
  [
    'longer ago, with two-step sign-in',
    { secondsOld: 601, totpEnabled: true, codeGiven: true },
    'password_and_totp',
  ],
  ['just signed in, with a code', { totpEnabled: true, codeGiven: true }, 'none'],
  ['two-step sign-in came later', { totpEnabled: true }, 'password_and_totp'],
  ['through the bot', { client: 'bot' }, 'password'],
  ['through the bot, with two-step sign-in', { client: 'bot', totpEnabled: true }, 'password_and_totp'],
])('%s', (_, facts, expected) => {
  expect(decideProof({ ...fresh, ...facts })).toBe(expected)
})
