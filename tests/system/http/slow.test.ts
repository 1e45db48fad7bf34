import { once } from 'node:events'
import type { Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { head, open } from '../../support/raw-http.ts'
import { type AttackedHouse, startAttackedHouse, write } from './attacked-house.ts'

let at: AttackedHouse
beforeAll(async () => {
  at = await startAttackedHouse()
}, 60_000)
afterAll(() => at.stop())

const each = 60
const DRIP_MS = 400

interface Slow {
  socket: Socket
  /** What came until the server closed the connection. */
  ended: Promise<string>
}

/** Writes the first part at once, and then a little again and again. */
function drip(first: string, more: string): Slow {
  const socket = open(at.house.urls.gateway, () => socket.write(first, 'latin1'))
  const timer = setInterval(() => socket.write(more, 'latin1'), DRIP_MS)
  let text = ''
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
  socket.on('error', () => undefined)
  const ended = once(socket, 'close').then(() => (clearInterval(timer), text))
  return { socket, ended }
}

/** Asks for the same large page many times and takes nothing of it. */
function greedy(): Socket {
  const request = head('GET /docs/swagger-ui-bundle.js HTTP/1.1', 'host: purse.example')
  const socket = open(at.house.urls.gateway, () => socket.pause().write(request.repeat(20)))
  socket.on('error', () => undefined)
  return socket
}

test('hundreds of slow clients are closed, and others are served meanwhile', async () => {
  const { owner } = at.family
  const started = await at.spend()
  const before = await at.traces()
  const half = write(started).slice(0, -10)
  const slow = Array.from({ length: each }, () => [
    drip('GET /api/v1/accounts HTTP/1.1\r\nhost: purse.example\r\n', 'x-a: b\r\n'),
    drip('G', 'E'),
    drip('', ''),
    drip(half, ''),
    drip(write(started, { framing: ['transfer-encoding: chunked'], payload: '' }), '1\r\n \r\n'),
  ]).flat()
  const readers = Array.from({ length: 10 }, greedy)

  for (let index = 0; index < 20; index++) {
    const { items } = await owner.ledger.call('listAccounts')
    expect(items).toHaveLength(1)
  }
  const ended = await Promise.all(slow.map((one) => one.ended))
  // Told why, if there is still somebody to tell; never as if it had been done.
  for (const text of ended.filter((one) => one !== ''))
    expect(text).toMatch(/^HTTP\/1\.1 400 [^]*"code":"invalid_request"/)
  for (const socket of readers) socket.destroy()
  expect(((await at.traces()) as { rows: unknown }).rows).toEqual((before as { rows: unknown }).rows)
  expect((await owner.ledger.call('listAccounts')).items).toHaveLength(1)
}, 60_000)
