import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { givenFamily } from '../support/given.ts'
import { plenty } from '../support/unlimited.ts'
import { send } from './attacker.ts'
import { post, startScene } from './scene.ts'

/** Where the ratio goes. Times depend on what else a machine does: it is measured when somebody asks for it, and judged by people. */
const report = process.env['ATTACK_TIMING']
const ROUNDS = 60

const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!

test('an unknown address and a wrong password take the same path to the same answer', async () => {
  const scene = await startScene({ LOGIN_FAILURES_ACCOUNT: plenty })
  try {
    const { owner } = await givenFamily(scene.house)
    const times: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] }
    for (let round = 0; round < (report ? ROUNDS : 2); round++)
      for (const who of ['known', 'unknown'] as const) {
        const email = who === 'known' ? owner.email : `nobody-${randomUUID()}@example.org`
        const startedAt = performance.now()
        const seen = await send(
          scene.house.urls.gateway,
          post('/auth/login', { email, password: 'a wrong guess' }),
        )
        times[who].push(performance.now() - startedAt)
        expect([seen.status, seen.code]).toEqual([401, 'credentials_invalid'])
      }
    if (report) {
      const [known, unknown] = [median(times.known), median(times.unknown)]
      writeFileSync(report, JSON.stringify({ rounds: ROUNDS, known, unknown, ratio: unknown / known }))
    }
  } finally {
    await scene.stop()
  }
}, 120_000)
