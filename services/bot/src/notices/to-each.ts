import { StoreAwayError } from '@common-purse/kit/poison'

/**
 * Tells each of several readers, one after the other. One who cannot be told holds up none of the others: what went wrong is
 * thrown at the end, so that the event comes again. Where a store is away there is nobody who could be told.
 */
export async function toEach<Reader>(
  readers: readonly Reader[],
  tell: (reader: Reader) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  for (const reader of readers)
    await tell(reader).catch((error: unknown) => {
      if (error instanceof StoreAwayError) throw error
      failures.push(error)
    })
  if (failures.length > 0) throw failures[0]
}
