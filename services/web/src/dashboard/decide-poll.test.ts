import { expect, test } from '@jest/globals'
import { decidePoll, EVERY_MS, type Seen } from './decide-poll.ts'

/** Looks one after the other; answers at which of them everything is read, and the pauses after them. */
function look(...heads: (number | undefined)[]) {
  let seen: Seen
  let pauseMs = EVERY_MS
  const reads: boolean[] = []
  const pauses: number[] = []
  for (const head of heads) {
    const poll = decidePoll(seen, head, pauseMs)
    seen = poll.seen
    pauseMs = poll.pauseMs
    reads.push(poll.reads)
    pauses.push(pauseMs / EVERY_MS)
  }
  return { reads, pauses }
}

test('reads at the second look, and then when something has happened', () => {
  expect(look(7, 7, 7, 8, 8).reads).toEqual([false, true, false, true, false])
})

test('reads while the head cannot be told, further and further apart, and once more when it can', () => {
  const { reads, pauses } = look(7, 7, undefined, undefined, undefined, undefined, undefined, 7, 7)
  expect(reads).toEqual([false, true, true, true, true, true, true, true, false])
  expect(pauses).toEqual([1, 1, 2, 4, 8, 12, 12, 1, 1])
})
