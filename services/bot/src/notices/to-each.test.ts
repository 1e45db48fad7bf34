import { StoreAwayError } from '@common-purse/kit/poison'
import { expect, test } from '@jest/globals'
import { toEach } from './to-each.ts'

const telling = (fails: (reader: string) => Error | undefined) => {
  const told: string[] = []
  const tell = (reader: string) => {
    const error = fails(reader)
    if (error) return Promise.reject(error)
    return Promise.resolve(void told.push(reader))
  }
  return { told, tell }
}

test('who cannot be told holds up nobody, and the event comes again', async () => {
  const { told, tell } = telling((reader) => (reader === 'ann' ? new Error('over her limit') : undefined))
  await expect(toEach(['ann', 'ben', 'cat'], tell)).rejects.toThrow('over her limit')
  expect(told).toEqual(['ben', 'cat'])
})

test('where a store is away nobody else is tried', async () => {
  const { told, tell } = telling((reader) => (reader === 'ben' ? new StoreAwayError('away') : undefined))
  await expect(toEach(['ann', 'ben', 'cat'], tell)).rejects.toThrow(StoreAwayError)
  expect(told).toEqual(['ann'])
})
