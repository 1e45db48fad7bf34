import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { editMessageReplyMarkup, editMessageText, sendMessage } from './messages.ts'
import { type Parameters, RefusedError, type Refusal } from './refusal.ts'
import type { TelegramServer } from './telegram-server.ts'
import type { Updates } from './updates.ts'

/** What the page shows besides messages. */
export interface Signs {
  /** Answers of the bot to taps, by the tap's id. */
  answered(callbackId: string, text: string | undefined): void
  typing(chatId: string): void
  /** The menu of commands, for one language or for all others. */
  commands(language: string | undefined, commands: { command: string; description: string }[]): void
}

/** How a method was asked to fail, for tests of what a bot does then. */
export type Faults = Map<string, Refusal[]>

interface Deps {
  server: TelegramServer
  updates: Updates
  signs: Signs
  faults: Faults
}

interface Asked {
  token: string
  parameters: Parameters
  /** Aborted when who asked has gone. */
  gone: AbortSignal
}

type Method = (deps: Deps, asked: Asked) => unknown

/** The methods in which the emulator's own are not like Telegram's, and some that it does not have. */
const methods: Record<string, Method> = {
  getUpdates: ({ updates }, { token, parameters, gone }) => updates.getUpdates(token, parameters, gone),
  setWebhook: ({ updates }, { token, parameters }) => (updates.setWebhook(token, parameters), true),
  deleteWebhook: ({ updates }, { token }) => (updates.deleteWebhook(token), true),
  getWebhookInfo: ({ updates }, { token }) => updates.getWebhookInfo(token),
  sendMessage: ({ server }, { token, parameters }) => sendMessage(server, token, parameters),
  editMessageText: ({ server }, { token, parameters }) => editMessageText(server, token, parameters),
  editMessageReplyMarkup: ({ server }, { token, parameters }) =>
    editMessageReplyMarkup(server, token, parameters),
  answerCallbackQuery: ({ signs }, { parameters: { callback_query_id: id, text } }) => {
    signs.answered(String(id), typeof text === 'string' && text !== '' ? text : undefined)
    return true
  },
  sendChatAction: ({ signs }, { parameters }) => (signs.typing(String(parameters['chat_id'])), true),
  setMyCommands: ({ signs }, { parameters: { language_code: language, commands } }) => {
    signs.commands(typeof language === 'string' ? language : undefined, commands as never)
    return true
  },
}

/** Puts Telegram's own behaviour in front of the emulator's. */
export function serveBotApi(deps: Deps): void {
  const { server } = deps
  const theirs = server.webServer
  const ours: RequestListener = (req, res) => {
    const [, token, name = ''] = /^\/bot([^/]+)\/(\w+)(?:\?|$)/.exec(req.url ?? '') ?? []
    const fault = deps.faults.get(name)?.shift()
    if (fault) return void sendRefusal(res, fault)
    const method = methods[name]
    if (token === undefined || !method) return theirs(req, res)
    void answer(req, res, (parameters, gone) => method(deps, { token, parameters, gone }))
  }
  // What else it keeps there it looks at when it starts.
  server.webServer = Object.assign(ours, { settings: theirs.settings })
}

async function answer(
  req: IncomingMessage,
  res: ServerResponse,
  work: (parameters: Parameters, gone: AbortSignal) => unknown,
): Promise<void> {
  const gone = new AbortController()
  res.on('close', () => gone.abort())
  try {
    send(res, 200, { ok: true, result: await work(await readParameters(req), gone.signal) })
  } catch (error) {
    if (error instanceof RefusedError) return sendRefusal(res, error.refusal)
    sendRefusal(res, { code: 400, description: 'Bad Request' })
  }
}

/** From the query, and from a body of JSON or of a form. */
async function readParameters(req: IncomingMessage): Promise<Parameters> {
  const chunks: Buffer[] = []
  for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk)
  const body = Buffer.concat(chunks).toString()
  const query = Object.fromEntries(new URL(req.url ?? '/', 'http://bot').searchParams)
  if (body === '') return query
  const isJson = /\bjson\b/.test(req.headers['content-type'] ?? '')
  const given = isJson ? (JSON.parse(body) as Parameters) : Object.fromEntries(new URLSearchParams(body))
  return { ...query, ...given }
}

function sendRefusal(res: ServerResponse, { code, description, retryAfter }: Refusal): void {
  const parameters = retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }
  send(res, code, { ok: false, error_code: code, description, ...parameters })
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
