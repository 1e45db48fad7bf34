import { afterEach, describe, expect, test } from '@jest/globals'
import { gather } from './gather.ts'

const opened: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const end of opened.splice(0)) await end()
})

/** A gathering whose batches end when the test says so. */
function held(options: { batchMax?: number; inFlightMax?: number; longMs?: number } = {}) {
  const batches: { items: string[]; end(): void; fail(error: Error): void }[] = []
  const add = gather<string, string>({
    batchMax: options.batchMax ?? 10,
    inFlightMax: options.inFlightMax ?? 2,
    longMs: options.longMs ?? 600_000,
    groupOf: (item) => item[0]!,
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({ items, end: () => resolve(items.map((item) => `${item}!`)), fail: reject })
      }),
  })
  /** Nothing may be left that a timer waits for. */
  const endAll = async () => {
    for (let ended = 0; ended < batches.length;) {
      while (ended < batches.length) batches[ended++]!.end()
      await settled()
    }
  }
  opened.push(endAll)
  return { add, batches, items: () => batches.map(({ items }) => items) }
}

/** Until what was added has had its turn of the event loop. */
async function settled() {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}

describe('gathering', () => {
  test('one that comes alone goes at once', async () => {
    const { add, items } = held()
    void add('a1')
    await settled()
    expect(items()).toEqual([['a1']])
  })

  test('those that come in one turn, and those that arrive meanwhile, go together, and each gets its own answer', async () => {
    const { add, batches, items } = held({ inFlightMax: 1 })
    const answers = [add('a1'), add('b1')]
    await settled()
    answers.push(add('c1'), add('b2'))
    await settled()
    expect(items()).toEqual([['a1', 'b1']])
    batches[0]!.end()
    await settled()
    expect(items()).toEqual([
      ['a1', 'b1'],
      ['c1', 'b2'],
    ])
    batches[1]!.end()
    expect(await Promise.all(answers)).toEqual(['a1!', 'b1!', 'c1!', 'b2!'])
  })

  test('a group is in one batch at a time; another one does not wait for it', async () => {
    const { add, batches, items } = held()
    void add('a1')
    await settled()
    for (const item of ['a2', 'b1', 'a3']) void add(item)
    await settled()
    expect(items()).toEqual([['a1'], ['b1']])
    batches[0]!.end()
    await settled()
    expect(items()).toEqual([['a1'], ['b1'], ['a2', 'a3']])
  })

  test('a second batch waits until it is as large as the one under way', async () => {
    const { add, items } = held()
    for (const item of ['a1', 'b1']) void add(item)
    await settled()
    void add('c1')
    await settled()
    expect(items()).toEqual([['a1', 'b1']])
    void add('d1')
    await settled()
    expect(items()).toEqual([
      ['a1', 'b1'],
      ['c1', 'd1'],
    ])
  })

  test('a batch that hangs keeps nobody waiting', async () => {
    const { add, batches, items } = held({ longMs: 1 })
    for (const item of ['a1', 'b1']) void add(item)
    await settled()
    const answer = add('c1')
    while (items().length === 1) await settled()
    expect(items()).toEqual([['a1', 'b1'], ['c1']])
    batches[1]!.end()
    expect(await answer).toBe('c1!')
  })

  test('no more at once and no more together than was said', async () => {
    const { add, batches, items } = held({ batchMax: 2, inFlightMax: 1 })
    for (const item of ['a1', 'b1', 'c1', 'd1', 'e1']) void add(item)
    await settled()
    expect(items()).toEqual([['a1', 'b1']])
    batches[0]!.end()
    await settled()
    expect(items()).toEqual([
      ['a1', 'b1'],
      ['c1', 'd1'],
    ])
  })

  test('a batch that fails fails its own items alone', async () => {
    const { add, batches } = held()
    const failing = add('a1')
    await settled()
    const later = add('a2')
    batches[0]!.fail(new Error('broken'))
    await expect(failing).rejects.toThrow('broken')
    await settled()
    batches[1]!.end()
    expect(await later).toBe('a2!')
  })
})
