import { describe, expect, test } from '@jest/globals'
import { createSharedWalks } from './shared-walks.ts'

/** Walks that end when they are told to. */
function heldWalks(atOnceMax: number) {
  const begun: { key: string; end(): void; fail(): void }[] = []
  const walk = createSharedWalks(
    (key) =>
      new Promise<string>((resolve, reject) =>
        begun.push({
          key,
          end: () => resolve(`${key} ${begun.length}`),
          fail: () => reject(new Error('no')),
        }),
      ),
    atOnceMax,
  )
  return { begun, walk }
}
const settle = () => new Promise((resolve) => setImmediate(resolve))

describe('shared walks', () => {
  test('who asks while one runs shares the next one, which begins after their question', async () => {
    const { begun, walk } = heldWalks(2)
    const first = walk('a')
    await settle()
    const [second, third] = [walk('a'), walk('a')]
    await settle()
    expect(begun).toHaveLength(1)
    begun[0]!.end()
    expect(await first).toBe('a 1')
    await settle()
    expect(begun).toHaveLength(2)
    begun[1]!.end()
    expect([await second, await third]).toEqual(['a 2', 'a 2'])
  })

  test('no more than so many run at once, and those who wait come in order', async () => {
    const { begun, walk } = heldWalks(1)
    const all = [walk('a'), walk('b'), walk('c')]
    for (const key of ['a', 'b', 'c']) {
      await settle()
      expect(begun.at(-1)!.key).toBe(key)
      begun.at(-1)!.end()
    }
    expect(await Promise.all(all)).toHaveLength(3)
    expect(begun).toHaveLength(3)
  })

  test('one that fails takes nobody with it who came later', async () => {
    const { begun, walk } = heldWalks(1)
    const first = walk('a')
    await settle()
    const second = walk('a')
    begun[0]!.fail()
    await expect(first).rejects.toThrow('no')
    await settle()
    begun[1]!.end()
    expect(await second).toBe('a 2')
  })
})
