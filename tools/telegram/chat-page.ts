import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { ChatKind, Conversations } from './conversations.ts'
import { type ChatPerson, group, type Language, languages } from './people.ts'

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

/** The page and the few calls that it makes. */
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
    return send(res, 200, {
      people: conversations.people.map(({ id, first_name, language_code }) => ({
        id,
        name: first_name,
        language: language_code,
      })),
      group: group.title,
      languages,
    })
  const person = conversations.find(Number(url.searchParams.get('person')))
  if (!person) return send(res, 404, { error: 'Nobody' })
  const chat = toChat(url.searchParams.get('chat'))
  const messages = conversations.messagesOf(person, chat)
  if (url.pathname === '/api/messages') return send(res, 200, messages)
  if (url.pathname !== '/api/chat') return send(res, 404, { error: 'Nothing here' })
  const commands = conversations.commandsFor(person)
  send(res, 200, { messages, commands, ...conversations.signsFor(person, chat) })
}

const toChat = (text: unknown): ChatKind => (text === 'group' ? 'group' : 'private')

function isOurs({
  headers: { host = '', origin, 'sec-fetch-site': site },
  method,
}: IncomingMessage): boolean {
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) return false
  if (origin !== undefined && origin !== `http://${host}`) return false
  return method === 'GET' || site === undefined || site === 'same-origin'
}

type Body = Record<string, unknown>
/** Does what a person of the page does; false when it is not possible any more, undefined when it was not understood. */
type Action = (person: ChatPerson, body: Body, conversations: Conversations) => Promise<boolean> | undefined

const actions: Record<string, Action> = {
  '/api/messages': (person, { text, chat, reply_to: replyTo }, { write }) => {
    if (typeof text !== 'string' || text.trim() === '' || text.length > TEXT_MAX) return undefined
    const reply = typeof replyTo === 'number' ? replyTo : undefined
    return write(person, { text: text.trim(), chat: toChat(chat), replyTo: reply }).then(() => true)
  },
  '/api/taps': (person, { data, message_id: messageId, chat }, { tap }) => {
    if (typeof data !== 'string' || typeof messageId !== 'number') return undefined
    return tap(person, { chat: toChat(chat), messageId }, data)
  },
  '/api/languages': (person, { language }, { setLanguage }) => {
    if (typeof language !== 'string' || !Object.hasOwn(languages, language)) return undefined
    setLanguage(person, language as Language)
    return Promise.resolve(true)
  },
}

async function act(path: string, body: Body, res: ServerResponse, conversations: Conversations) {
  const person = conversations.find(body['person'])
  if (!person) return send(res, 404, { error: 'Nobody' })
  const action = Object.hasOwn(actions, path) ? actions[path] : undefined
  const done = await action?.(person, body, conversations)
  if (done === undefined) return send(res, 400, { error: 'Not understood' })
  if (done) send(res, 200, {})
  else send(res, 409, { error: 'This button is gone' })
}

async function readJson(req: IncomingMessage): Promise<Body> {
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
    return typeof value === 'object' && value !== null ? (value as Body) : {}
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
