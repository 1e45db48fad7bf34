import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Conversations } from './conversations.ts'
import { findPerson, people } from './people.ts'

interface Options {
  host: string
  port: number
  conversations: Conversations
}

const files: Record<string, { file: string; type: string }> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/chat.js': { file: 'chat.js', type: 'text/javascript; charset=utf-8' },
  '/chat.css': { file: 'chat.css', type: 'text/css; charset=utf-8' },
}

const headers = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

const BODY_MAX = 16 * 1024
const TEXT_MAX = 4096

/** The page and the three calls that it makes. */
export async function startChatPage({ host, port, conversations }: Options): Promise<Server> {
  const server = createServer((req, res) => {
    answer(req, res, conversations).catch(() => send(res, 500, { error: 'broken' }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  conversations: Conversations,
): Promise<void> {
  // Other pages in the same browser can reach this port too: they must not speak as Ann.
  if (!isOurs(req)) return send(res, 403, { error: 'Only the chat page itself may ask' })
  const url = new URL(req.url ?? '/', 'http://chat')
  if (req.method === 'GET') return await show(url, res, conversations)
  if (req.method === 'POST') return await act(url.pathname, await readJson(req), res, conversations)
  send(res, 405, { error: 'Not understood' })
}

async function show(url: URL, res: ServerResponse, conversations: Conversations): Promise<void> {
  const file = files[url.pathname]
  if (file) return await sendFile(res, file)
  if (url.pathname === '/api/people')
    return send(
      res,
      200,
      people.map(({ id, first_name }) => ({ id, name: first_name })),
    )
  const person = findPerson(Number(url.searchParams.get('person')))
  if (url.pathname !== '/api/messages' || !person) return send(res, 404, { error: 'Nothing here' })
  send(res, 200, conversations.messagesOf(person))
}

function isOurs({
  headers: { host = '', origin, 'sec-fetch-site': site },
  method,
}: IncomingMessage): boolean {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  return method === 'GET' || site === undefined || site === 'same-origin'
}

async function act(
  path: string,
  body: Record<string, unknown>,
  res: ServerResponse,
  conversations: Conversations,
) {
  const person = findPerson(body['person'])
  const { text, data, message_id: messageId } = body
  if (!person) return send(res, 404, { error: 'Nobody' })
  if (path === '/api/messages' && typeof text === 'string' && text.trim() !== '' && text.length <= TEXT_MAX) {
    await conversations.write(person, text.trim())
    return send(res, 200, {})
  }
  if (path === '/api/taps' && typeof data === 'string' && typeof messageId === 'number') {
    const done = await conversations.tap(person, messageId, data)
    return done ? send(res, 200, {}) : send(res, 409, { error: 'This button is gone' })
  }
  send(res, 400, { error: 'Not understood' })
}

async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  if (!/^application\/json\b/.test(req.headers['content-type'] ?? '')) return {}
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > BODY_MAX) return {}
    chunks.push(chunk)
  }
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString()) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

async function sendFile(res: ServerResponse, { file, type }: { file: string; type: string }): Promise<void> {
  const bytes = await readFile(join(import.meta.dirname, 'page', file))
  res.writeHead(200, { ...headers, 'content-type': type }).end(bytes)
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res
    .writeHead(status, { ...headers, 'content-type': 'application/json; charset=utf-8' })
    .end(JSON.stringify(body))
}
