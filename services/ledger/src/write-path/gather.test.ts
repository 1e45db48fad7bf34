import { describe, expect, test } from '@jest/globals'
import { gather } from './gather.ts'

/** A gathering whose batches end when the test says so. */
function held(options: { batchMax?: number; inFlightMax?: number } = {}) {
  const batches: { items: string[]; end(): void; fail(error: Error): void }[] = []
  const add = gather<string, string>({
    batchMax: options.batchMax ?? 10,
    inFlightMax: options.inFlightMax ?? 2,
    groupOf: (item) => item[0]!,
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({ items, end: () => resolve(items.map((item) => `${item}!`)), fail: reject })
      }),
  })
  return { add, batches, items: () => batches.map(({ items }) => items) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('gathering', () => {
  test('one that comes alone goes at once', () => {
    const { add, items } = held()
    void add('a1')
    expect(items()).toEqual([['a1']])
  })

  test('those that arrive meanwhile go together, in their order, and each gets its own answer', async () => {
    const { add, batches, items } = held({ inFlightMax: 1 })
    const answers = [add('a1'), add('b1'), add('c1'), add('b2')]
    expect(items()).toEqual([['a1']])
    batches[0]!.end()
    await settled()
    expect(items()).toEqual([['a1'], ['b1', 'c1', 'b2']])
    batches[1]!.end()
    expect(await Promise.all(answers)).toEqual(['a1!', 'b1!', 'c1!', 'b2!'])
  })

  test('a group is in one batch at a time; another one does not wait for it', async () => {
    const { add, batches, items } = held()
    for (const item of ['a1', 'a2', 'b1', 'a3']) void add(item)
    expect(items()).toEqual([['a1'], ['b1']])
    batches[0]!.end()
    await settled()
    expect(items()).toEqual([['a1'], ['b1'], ['a2', 'a3']])
  })

  test('no more at once and no more together than was said', async () => {
    const { add, batches, items } = held({ batchMax: 2, inFlightMax: 1 })
    for (const item of ['a1', 'b1', 'c1', 'd1']) void add(item)
    batches[0]!.end()
    await settled()
    expect(items()).toEqual([['a1'], ['b1', 'c1']])
  })

  test('a batch that fails fails its own items alone', async () => {
    const { add, batches } = held()
    const failing = add('a1')
    const later = add('a2')
    batches[0]!.fail(new Error('broken'))
    await expect(failing).rejects.toThrow('broken')
    await settled()
    batches[1]!.end()
    expect(await later).toBe('a2!')
  })
})
