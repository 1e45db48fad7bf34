import { ApiError } from '@common-purse/client'
import { actionOf, type DomainEvent } from '@common-purse/contracts'
import type { BusLink } from '@common-purse/kit/bus'
import { type RunningConsumer, startConsumer } from '@common-purse/kit/consume'
import type { ConsumerMetrics } from '@common-purse/kit/consumer-metrics'
import type { Logger } from '@common-purse/kit/logger'
import { parseDomainEvent } from '@common-purse/kit/parse-event'
import type { Api } from '../api.ts'
import { languageOf, type Memory } from '../memory.ts'
import type { SessionStore } from '../session-store.ts'
import { type Texts, textsFor } from '../texts/index.ts'
import { askGateway } from './ask-gateway.ts'
import type { Messenger, Notice } from './messenger.ts'
import { isOld, textsOfReader, valueIn } from './notice-deps.ts'
import type { People } from './people.ts'
import { changeCard, signInCard } from './sign-in-card.ts'

interface Deps {
  link: BusLink
  api: Api
  sessions: SessionStore
  people: People
  /** Resolves when it is known who can be told; false when that was not so before. */
  complete(): Promise<boolean>
  memory: Memory
  messenger: Messenger
  logger: Logger
  metrics: ConsumerMetrics
}

/** What happens to a person's account, told to them in their chat. */
export const startWatchingSecurity = (deps: Deps): RunningConsumer =>
  startConsumer({
    link: deps.link,
    stream: 'AUTH_EVENTS',
    durable: 'bot-security',
    batchMax: 20,
    parse: parseDomainEvent,
    handle: async (events) => {
      for (const event of events) if (!isOld(event)) await tell(deps, event)
    },
    keepAside: () => Promise.resolve(), // the trail keeps every event
    logger: deps.logger,
    metrics: deps.metrics,
  })

async function tell(deps: Deps, event: DomainEvent): Promise<void> {
  if (actionOf(event.type) === 'telegram.unbound') return await tellUnlinked(deps, event)
  const draw = drawerOf(event)
  const userId = valueIn(event, 'user_id')
  if (!draw || userId === undefined) return
  await deps.complete()
  const telegramId = await deps.people.telegramOf(userId)
  if (telegramId === undefined) return
  await deps.messenger.once(`security:${event.id}`, async () => {
    if (!(await isOf(deps, telegramId, userId))) return
    await deps.messenger.send(telegramId, draw(await textsOfReader(deps, { telegramId })))
  })
}

/** Asks the gateway whether the Telegram account is this user's still. */
async function isOf({ api, sessions }: Deps, telegramId: string, userId: string): Promise<boolean> {
  try {
    const me = await askGateway(() => sessions.use(telegramId, (session) => api.as(session, 'getMe')))
    return me.user.id === userId
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'telegram_not_linked') return false
    throw error
  }
}

/** How the event is told; undefined for what nobody needs to hear of. */
function drawerOf(event: DomainEvent): ((texts: Texts) => Notice) | undefined {
  const action = actionOf(event.type)
  if (action === 'session.started' && event.data.new_values?.['new_device'] === true)
    return (texts) => signInCard(event, texts)
  if (action === 'user.password_changed') return (texts) => changeCard(event, 'passwordChanged', texts)
  if (action === 'user.totp_disabled') return (texts) => changeCard(event, 'totpDisabled', texts)
  return undefined
}

/** Who unlinked in the chat itself was answered there. */
async function tellUnlinked({ memory, messenger }: Deps, event: DomainEvent): Promise<void> {
  const chatId = valueIn(event, 'chat_id')
  if (event.client === 'bot' || chatId === undefined) return
  const language = (await languageOf(memory, event.data.entity_id)) ?? valueIn(event, 'language')
  const { unlinked } = textsFor(language).notice
  await messenger.once(`security:${event.id}`, async () => {
    await messenger.send(chatId, { text: unlinked })
  })
}
