/** How waiting work is put together. */
export interface Gathering<Item, Answer> {
  /** Does the work of one batch; answers in the order of its items. */
  run(items: Item[]): Promise<Answer[]>
  /** Items of one group are never in two batches at once: they would wait for each other's locks. */
  groupOf(item: Item): string
  batchMax: number
  inFlightMax: number
  /** What is under way for longer may hang: it no longer keeps a smaller batch from going beside it. */
  longMs: number
}

interface Waiting<Item, Answer> {
  item: Item
  resolve(answer: Answer): void
  reject(reason: unknown): void
}

/**
 * Puts together what arrives while earlier work is under way. While nothing is, an item goes at once, with those that arrived in
 * the same turn of the event loop. Beside a batch that is under way another one waits until it is as large, or that one is
 * done or away for `longMs`: few large ones cost less than many small ones. When `run` fails, so does every item of that batch.
 */
export function gather<Item, Answer>(options: Gathering<Item, Answer>) {
  const { run, groupOf, batchMax, inFlightMax } = options
  let queue: Waiting<Item, Answer>[] = []
  const busy = new Set<string>()
  let inFlight = 0
  let starting = false

  /** The oldest that may go, in their order; the others keep their place. */
  const take = (): Waiting<Item, Answer>[] => {
    const batch: Waiting<Item, Answer>[] = []
    const left: Waiting<Item, Answer>[] = []
    for (const waiting of queue)
      (batch.length < batchMax && !busy.has(groupOf(waiting.item)) ? batch : left).push(waiting)
    if (batch.length < Math.min(fresh.items(), batchMax)) return []
    queue = left
    return batch
  }

  const start = () => {
    starting = false
    while (inFlight < inFlightMax) {
      const batch = take()
      if (batch.length === 0) return
      void work(batch)
    }
  }

  const fresh = countFresh(options.longMs, start)
  const soon = () => {
    if (starting) return
    starting = true
    setImmediate(start)
  }

  const work = async (batch: Waiting<Item, Answer>[]) => {
    const groups = new Set(batch.map(({ item }) => groupOf(item)))
    for (const group of groups) busy.add(group)
    inFlight += 1
    const done = fresh.add(batch.length)
    try {
      const answers = await run(batch.map(({ item }) => item))
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!)
    } catch (error) {
      for (const { reject } of batch) reject(error)
    } finally {
      for (const group of groups) busy.delete(group)
      inFlight -= 1
      done()
      soon()
    }
  }

  return (item: Item): Promise<Answer> =>
    new Promise((resolve, reject) => {
      queue.push({ item, resolve, reject })
      soon()
    })
}

/** Counts what is under way, and leaves out what is for long; tells when that happens. */
function countFresh(longMs: number, onLong: () => void) {
  let fresh = 0
  return {
    items: () => fresh,
    /** Answers how to say that they are done. */
    add: (items: number) => {
      let counted = items
      fresh += counted
      const remove = () => {
        fresh -= counted
        counted = 0
      }
      const timer = setTimeout(() => (remove(), onLong()), longMs)
      return () => (clearTimeout(timer), remove())
    },
  }
}
