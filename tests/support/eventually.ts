import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until `read` answers something that `isRight` accepts; throws what was read last when time is over. */
export async function eventually<Value>(
  read: () => Promise<Value>,
  isRight: (value: Value) => boolean,
  timeoutMs = 10_000,
): Promise<Value> {
  const end = Date.now() + timeoutMs
  for (;;) {
    const value = await read()
    if (isRight(value)) return value
    if (Date.now() > end)
      throw new Error(`Never became right, last: ${JSON.stringify(value)?.slice(0, 1000)}`)
    await sleep(30)
  }
}
