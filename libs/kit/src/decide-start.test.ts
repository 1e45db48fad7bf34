import { describe, expect, test } from '@jest/globals'
import { decideStart, type StreamNow } from './decide-start.ts'

const position = { seq: 7, created: 'monday', digest: 'seven' }
const stream: StreamNow = { created: 'monday', firstSeq: 1, lastSeq: 9, digest: 'seven' }

describe('decideStart', () => {
  test('goes on where the stream is the one that was read', () => {
    expect(decideStart(position, stream)).toBeUndefined()
    expect(decideStart(position, { ...stream, lastSeq: 7 })).toBeUndefined()
    expect(
      decideStart({ seq: 0, created: 'monday', digest: null }, { ...stream, digest: null }),
    ).toBeUndefined()
  })

  test('goes on where the stream does not keep messages of that age any more, all of them included', () => {
    expect(decideStart(position, { ...stream, firstSeq: 8, digest: null })).toBeUndefined()
    expect(decideStart(position, { ...stream, firstSeq: 8, lastSeq: 7, digest: null })).toBeUndefined()
  })

  test.each<[string, Partial<typeof position>, Partial<StreamNow>]>([
    ['never read', { created: null as never }, {}],
    ['made anew', {}, { created: 'tuesday' }],
    ['set back behind the position', {}, { lastSeq: 6, digest: null }],
    ['set back and grown since', {}, { digest: 'another' }],
    ['without the message that was read last', {}, { digest: null }],
  ])('begins again with a stream that was %s', (_, read, there) => {
    expect(decideStart({ ...position, ...read }, { ...stream, ...there })).toEqual(expect.any(String))
  })
})
