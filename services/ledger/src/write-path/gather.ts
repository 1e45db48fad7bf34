/** How waiting work is put together. */
export interface Gathering<Item, Answer> {
  /** Does the work of one batch; answers in the order of its items. */
  run(items: Item[]): Promise<Answer[]>
  /** Items of one group are never in two batches at once: they would wait for each other's locks. */
  groupOf(item: Item): string
  batchMax: number
  inFlightMax: number
}

interface Waiting<Item, Answer> {
  item: Item
  resolve(answer: Answer): void
  reject(reason: unknown): void
}

/**
 * Puts together what arrives while earlier work is under way. There is no timer: a lone item goes at once, and the more
 * callers there are, the larger a batch becomes. When `run` fails, so does every item of that batch.
 */
export function gather<Item, Answer>({ run, groupOf, batchMax, inFlightMax }: Gathering<Item, Answer>) {
  let queue: Waiting<Item, Answer>[] = []
  const busy = new Set<string>()
  let inFlight = 0

  /** The oldest that may go, in their order; the others keep their place. */
  const take = (): Waiting<Item, Answer>[] => {
    const batch: Waiting<Item, Answer>[] = []
    const left: Waiting<Item, Answer>[] = []
    for (const waiting of queue)
      (batch.length < batchMax && !busy.has(groupOf(waiting.item)) ? batch : left).push(waiting)
    queue = left
    return batch
  }

  const start = () => {
    while (inFlight < inFlightMax) {
      const batch = take()
      if (batch.length === 0) return
      void work(batch)
    }
  }

  const work = async (batch: Waiting<Item, Answer>[]) => {
    const groups = new Set(batch.map(({ item }) => groupOf(item)))
    for (const group of groups) busy.add(group)
    inFlight += 1
    try {
      const answers = await run(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      for (const group of groups) busy.delete(group)
      inFlight -= 1
      start()
    }
  }

  return (item: Item): Promise<Answer> =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      start()
    })
}
