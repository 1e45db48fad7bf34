import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { listen } from './listen.ts'

const large = Buffer.alloc(32 * 1024 * 1024)

test('a client that takes nothing of its answer is given up', async () => {
  let closed: Promise<unknown[]> | undefined
  const options = { port: 0, host: '127.0.0.1', stalledMs: 200 }
  const server = await listen((_req, res) => {
    closed = once(res, 'close')
    res.end(large)
  }, options)
  const socket = connect(server.port, '127.0.0.1', () =>
    socket.pause().write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
  )
  socket.on('error', () => undefined)
  try {
    await once(server.server, 'request')
    await closed
  } finally {
    socket.destroy()
    await server.close()
  }
})

test('a client that takes it gets it whole', async () => {
  const server = await listen((_req, res) => res.end(large), { port: 0, host: '127.0.0.1' })
  const answer = await fetch(server.url, { headers: { connection: 'close' } })
  expect((await answer.arrayBuffer()).byteLength).toBe(large.length)
  await server.close()
})

test('before it closes, requests are still taken, each as the last one on its connection', async () => {
  const server = await listen((_req, res) => res.end('yes'), { port: 0, host: '127.0.0.1' })
  const ask = async () => {
    const answer = await fetch(server.url)
    return [await answer.text(), answer.headers.get('connection')]
  }
  try {
    expect(await ask()).toEqual(['yes', 'keep-alive'])
    server.retire()
    expect(await ask()).toEqual(['yes', 'close'])
    expect(await ask()).toEqual(['yes', 'close'])
  } finally {
    await server.close()
  }
})
