import { Problem } from '@common-purse/contracts'
import type { Tx } from '@common-purse/kit/database'
import type { Change } from '@common-purse/kit/outbox'
import type { Handler } from '@common-purse/kit/service-app'
import { type CommitOnce, emit } from '../commit.ts'
import { originOf } from '@common-purse/kit/origin'
import { lockUser } from '../users/user-store.ts'
import {
  type Binding,
  bindIdentity,
  findIdentity,
  findIdentityOf,
  lockBinding,
  useUpBindings,
} from './telegram-store.ts'

/** The signed-in person says that the Telegram account behind the code is theirs: one account, one user. */
export const confirmTelegramBinding =
  ({ commitOnce }: { commitOnce: CommitOnce }): Handler<'confirmTelegramBinding'> =>
  ({ body, caller, context, idempotency }) =>
    commitOnce(idempotency, 200, async (tx) => {
      await lockUser(tx, caller.userId)
      const binding = await requireBinding(tx, body.code)
      await requireFree(tx, binding, caller.userId)
      const now = tx.now()
      const version = await bindIdentity(tx, binding, caller.userId, now)
      if (version === undefined) throw taken()
      await useUpBindings(tx, binding.telegramId, now)
      const origin = originOf(caller, context)
      // The bot asked for the code, not this person's browser.
      const botsOrigin = { ...origin, sessionId: undefined, ip: undefined, client: 'bot' as const }
      await emit(tx, botsOrigin, [bindStarted(binding, version - 1)], binding.createdAt)
      await emit(tx, origin, [bound(binding, caller.userId, version)], now)
      return { telegram_id: binding.telegramId, username: binding.username, bound_at: now.toISOString() }
    })

async function requireBinding(tx: Tx, code: string): Promise<Binding> {
  const binding = await lockBinding(tx, code)
  if (!binding) throw new Problem('not_found', 'There is no such code')
  if (binding.past)
    throw new Problem('code_expired', 'The code has expired or was used; send /start to the bot again')
  return binding
}

const taken = () => new Problem('telegram_taken', 'This Telegram account is linked already')

async function requireFree(tx: Tx, binding: Binding, userId: string): Promise<void> {
  if (await findIdentity(tx, binding.telegramId)) throw taken()
  if (await findIdentityOf(tx, userId))
    throw new Problem('telegram_taken', 'You have linked another Telegram account; unlink that one first')
}

const entityOf = ({ telegramId }: Binding) => ({ entityType: 'telegram', entityId: telegramId })

const bindStarted = (binding: Binding, version: number): Change => ({
  action: 'telegram.bind_started',
  ...entityOf(binding),
  version,
  newValues: { telegram_id: binding.telegramId, username: binding.username },
})

/** The bot listens to this one, to greet in the right chat and language. */
const bound = (binding: Binding, userId: string, version: number): Change => ({
  action: 'telegram.bound',
  ...entityOf(binding),
  version,
  newValues: {
    telegram_id: binding.telegramId,
    username: binding.username,
    user_id: userId,
    chat_id: binding.chatId,
    language: binding.language,
  },
})
