import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chunked, close } from '../../support/raw-http.ts'
import { type AttackedHouse, startAttackedHouse, write } from './attacked-house.ts'
import { chunks, framingAttacks } from './framing-attacks.ts'

let at: AttackedHouse
beforeAll(async () => {
  at = await startAttackedHouse()
}, 60_000)
afterAll(() => at.stop())

test('the request that all these attacks are made of is done when it comes as it was signed', async () => {
  for (const change of [{}, { framing: [chunks], payload: undefined }]) {
    const request = await at.spend()
    const payload = 'framing' in change ? chunked(request.body) : request.body
    const { answers } = await at.ask(write(request, { ...change, more: [close], payload }))
    expect(answers.map(({ status }) => status)).toEqual([201])
  }
})
describe.each(framingAttacks)('%s', (_kind, attacks) => {
  test.each(attacks)('%s', async (_name, make) => {
    const inner = write(await at.spend(), { more: [close] })
    const answer = await at.expectRefused(Buffer.from(make(await at.spend(), inner), 'latin1'))
    expect(answer.headers['connection']).toBe('close')
  })
})

describe('behind a request that is whole', () => {
  const answersTo = async (bytes: string) => (await at.ask(bytes)).answers.map(({ status }) => status)
  const reached = async () => ((await at.traces()) as { reached: Record<string, number> }).reached['ledger']!

  test('nonsense is refused after its answer, not in its place', async () => {
    const before = await reached()
    for (const nonsense of [
      'nonsense\r\n\r\n',
      '\0',
      write(await at.spend(), { framing: ['content-length: x'] }),
    ])
      expect(await answersTo(write(await at.spend()) + nonsense)).toEqual([201, 400])
    expect(await reached()).toBe(before + 3)
  })

  test('nothing more is read when it asked to close', async () => {
    const before = await reached()
    const [status, ...more] = await answersTo(
      write(await at.spend(), { more: [close] }) + write(await at.spend()),
    )
    expect([status, more]).toEqual([201, []])
    expect(await reached()).toBe(before + 1)
  })

  test('a second one is done too, in its turn', async () => {
    const before = await reached()
    const two = write(await at.spend()) + write(await at.spend(), { more: [close] })
    expect(await answersTo(two)).toEqual([201, 201])
    expect(await reached()).toBe(before + 2)
  })

  test('a refused second one ends the connection, and a third is never read', async () => {
    const before = await reached()
    const refused = write(await at.spend(), { line: 'POST /api//v1/transactions HTTP/1.1' })
    const third = write(await at.spend(), { more: [close] })
    expect(await answersTo(write(await at.spend()) + refused + third)).toEqual([201, 400])
    expect(await reached()).toBe(before + 1)
  })
})

describe('older ways that are taken as they were meant', () => {
  test.each([
    ['empty lines before the request', (whole: string) => `\r\n\r\n${whole}`],
    ['names in capitals', (whole: string) => whole.replace('content-length', 'CONTENT-LENGTH')],
    [
      'space around a value',
      (whole: string) => whole.replace('host: purse.example', 'host: \t purse.example \t'),
    ],
    ['HTTP/1.0', (whole: string) => whole.replace('HTTP/1.1', 'HTTP/1.0')],
  ])('%s', async (_name, change) => {
    const { answers } = await at.ask(change(write(await at.spend(), { more: [close] })))
    expect(answers.map(({ status }) => status)).toEqual([201])
  })

  test('HTTP/1.0 that wants to stay is closed, and has no chunks', async () => {
    const request = await at.spend()
    const line = 'POST /api/v1/transactions HTTP/1.0'
    const { answers } = await at.ask(write(request, { line }))
    expect(answers.map(({ status }) => status)).toEqual([201])
    await at.expectRefused(
      write(await at.spend(), { line, framing: [chunks], payload: chunked(request.body) }),
    )
  })

  test('a chunk with an extension, and trailers, which nobody reads', async () => {
    const request = await at.spend()
    const size = Buffer.byteLength(request.body).toString(16)
    const payload = `${size};name="value"\r\n${request.body}\r\n0\r\nx-user-id: someone\r\nauthorization: x\r\n\r\n`
    const { answers } = await at.ask(
      write(request, { framing: [chunks], more: [close, 'trailer: x-user-id'], payload }),
    )
    expect(answers.map(({ status }) => status)).toEqual([201])
  })
})
