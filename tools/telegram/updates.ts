import { deliverUpdate, type Webhook } from './deliver-update.ts'
import { type Parameters, refuse } from './refusal.ts'
import { type StoredUpdate, type TelegramServer, toUpdate } from './telegram-server.ts'

export interface Updates {
  getUpdates(token: string, parameters: Parameters, gone: AbortSignal): Promise<unknown[]>
  setWebhook(token: string, parameters: Parameters): void
  deleteWebhook(token: string): void
  getWebhookInfo(token: string): unknown
  stop(): void
}

const WAIT_SECONDS_MAX = 50
const AT_ONCE = 100

/**
 * What people send waits for the bot, as at Telegram: an update is given again until the bot has asked for later ones, or
 * until its webhook has answered 2xx.
 */
export function createUpdates(server: TelegramServer): Updates {
  const webhooks = createWebhooks(() => server.storage.userMessages)
  /** Ends the question that is waiting: false with what came, true because somebody else asks. */
  const waiting = new Map<string, (conflict: boolean) => void>()

  const unread = (token: string) =>
    server.storage.userMessages.filter((update) => update.botToken === token && !update.isRead)

  const addUserUpdate = (update: StoredUpdate) => {
    server.storage.userMessages.push(update)
    Object.assign(server, { updateId: update.updateId + 1 })
    waiting.get(update.botToken)?.(false)
    webhooks.bring(update)
    return Promise.resolve()
  }
  Object.assign(server, { addUserUpdate })

  const waitForSome = async (token: string, seconds: number, gone: AbortSignal) => {
    const over = AbortSignal.any([gone, AbortSignal.timeout(seconds * 1000)])
    const conflict = await new Promise<boolean>((resolve) => {
      waiting.set(token, resolve)
      over.addEventListener('abort', () => resolve(false), { once: true })
    })
    if (conflict) throw refuse(409, 'Conflict: terminated by other getUpdates request')
    waiting.delete(token)
  }

  return {
    getUpdates: async (token, parameters, gone) => {
      if (webhooks.has(token))
        throw refuse(409, "Conflict: can't use getUpdates method while webhook is active")
      waiting.get(token)?.(true)
      const offset = Number(parameters['offset'] ?? 0)
      for (const update of unread(token)) if (update.updateId < offset) update.isRead = true
      const seconds = Math.min(Number(parameters['timeout'] ?? 0), WAIT_SECONDS_MAX)
      if (unread(token).length === 0 && seconds > 0) await waitForSome(token, seconds, gone)
      return unread(token).slice(0, AT_ONCE).map(toUpdate)
    },
    setWebhook: (token, { url, secret_token: secret }) => {
      waiting.get(token)?.(true)
      webhooks.set(token, typeof url === 'string' ? url : '', typeof secret === 'string' ? secret : undefined)
      unread(token).forEach(webhooks.bring)
    },
    deleteWebhook: (token) => webhooks.set(token, '', undefined),
    getWebhookInfo: (token) => ({ ...webhooks.infoOf(token), pending_update_count: unread(token).length }),
    stop: () => {
      webhooks.stop()
      for (const end of waiting.values()) end(false)
    },
  }
}

/** One address for each bot that has one; the updates of a chat are brought one after the other. */
function createWebhooks(all: () => StoredUpdate[]) {
  const webhooks = new Map<string, Webhook>()
  const lastOf = new Map<string, Promise<void>>()
  return {
    has: (token: string) => webhooks.has(token),
    set: (token: string, url: string, secret: string | undefined) => {
      webhooks.get(token)?.stopped.abort()
      webhooks.delete(token)
      if (url !== '') webhooks.set(token, { url, secret, stopped: new AbortController() })
    },
    bring: (update: StoredUpdate) => {
      const webhook = webhooks.get(update.botToken)
      if (!webhook) return
      const chat = `${update.botToken} ${(update.callbackQuery ?? update).message!.chat.id}`
      const before = lastOf.get(chat) ?? Promise.resolve()
      const isThere = () => all().includes(update) && !update.isRead
      lastOf.set(
        chat,
        before.then(() => (isThere() ? deliverUpdate(webhook, update) : undefined)),
      )
    },
    infoOf: (token: string) => {
      const { url = '', lastError } = webhooks.get(token) ?? {}
      const failure = lastError && { last_error_date: lastError.date, last_error_message: lastError.message }
      return { url, has_custom_certificate: false, ...failure }
    },
    stop: () => {
      for (const { stopped } of webhooks.values()) stopped.abort()
    },
  }
}
