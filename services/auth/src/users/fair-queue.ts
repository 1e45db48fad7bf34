/** A line with room for so many, in which those who come often wait for each other and not everybody for them. */
export interface FairQueue<Item> {
  /** Lets an item in. When the line is full, answers who has to go: this one, or the last of whoever has most in it. */
  push(from: string, item: Item): Item | undefined
  /** The next one: everybody who has something in the line gets a turn before anybody gets a second one. */
  shift(): Item | undefined
}

export function createFairQueue<Item>(max: number): FairQueue<Item> {
  /** Whose turn comes next is at the front. Nobody is here with nothing. */
  const lines = new Map<string, Item[]>()
  let size = 0

  const longest = (): Item[] =>
    [...lines.values()].reduce((most, line) => (line.length > most.length ? line : most))
  const add = (from: string, item: Item) => {
    const line = lines.get(from)
    if (line) line.push(item)
    else lines.set(from, [item])
  }

  return {
    push: (from, item) => {
      if (size < max) {
        size++
        add(from, item)
        return undefined
      }
      const most = longest()
      if (most.length <= (lines.get(from)?.length ?? 0) + 1) return item
      const last = most.pop()
      add(from, item)
      return last
    },
    shift: () => {
      const [next] = lines
      if (!next) return undefined
      const [from, line] = next
      const item = line.shift()!
      size--
      lines.delete(from)
      if (line.length > 0) lines.set(from, line)
      return item
    },
  }
}
