import type { Transaction } from '@common-purse/contracts'
import type { Api } from './api.ts'
import type { Cards } from './cards.ts'
import type { Place } from './chat.ts'
import { explainError, isPassing } from './explain-error.ts'
import { loadNames } from './load-names.ts'
import { shown } from './plain-text.ts'
import type { BotSession, SessionStore } from './session-store.ts'
import type { Texts } from './texts/index.ts'

/** An entry that its person may want to take back. */
export interface UndoCard {
  telegramId: string
  transactionId: string
  /** It waits for approval, so it is cancelled rather than reversed. */
  waits: boolean
  familyId: string
  /** Where the card stands, once somebody was asked for a reason elsewhere. */
  place?: Place
  /** Set before it is sent, and the same from then on. */
  reason?: string
  sent: boolean
  /** What came of it, in words. */
  outcome?: string
}

export type UndoCards = Cards<UndoCard>

interface Deps {
  api: Api
  sessions: SessionStore
  cards: UndoCards
}

/** What was sent is remembered for as long as its idempotency key is. */
const SENT_SECONDS = 86_400

/**
 * Takes the entry back and says what came of it. The key belongs to the card, so however often it is tapped this is one
 * request. Throws when it is not known yet what came of it: the same tap may be tried again.
 */
export async function takeBack(deps: Deps, card: UndoCard & { id: string }, texts: Texts): Promise<string> {
  if (card.outcome !== undefined) return card.outcome
  const sent = { ...card, reason: card.reason ?? texts.undo.usualReason, sent: true }
  await deps.cards.save(sent, SENT_SECONDS)
  const outcome = await send(deps, sent, texts)
  await deps.cards.save({ ...sent, outcome }, SENT_SECONDS)
  return outcome
}

type SentCard = UndoCard & { id: string; reason: string }

async function send({ api, sessions }: Deps, card: SentCard, texts: Texts): Promise<string> {
  try {
    return await sessions.use(card.telegramId, async (session) => {
      if (session.family.id !== card.familyId) return texts.undo.old
      const result = await call(api, session, card)
      return card.waits ? texts.undo.cancelled : await outcomeText(api, session, result, texts)
    })
  } catch (error) {
    if (isPassing(error)) throw error
    return explainError(error, texts)
  }
}

function call(api: Api, session: BotSession, card: SentCard): Promise<Transaction> {
  const params = { id: card.transactionId }
  const idempotencyKey = `telegram-undo-${card.id}`
  return card.waits
    ? api.as(session, 'cancelTransaction', { params, body: {}, idempotencyKey })
    : api.as(session, 'reverseTransaction', { params, body: { reason: card.reason }, idempotencyKey })
}

async function outcomeText(
  api: Api,
  session: BotSession,
  { status, approval, balances_after, currency }: Transaction,
  texts: Texts,
): Promise<string> {
  const { undo, entry, format } = texts
  if (status === 'pending_approval' && approval) {
    const who = approval.can_approve.map(({ display_name }) => shown(display_name)).join(', ')
    return undo.waits(who || entry.nobody, format.instant(approval.expires_at))
  }
  const names = await loadNames(api, session)
  const balances = (balances_after ?? []).map(
    ({ account_id, available }) =>
      `${names.account(account_id) ?? texts.list.hiddenAccount} ${format.money(available, currency)}`,
  )
  return undo.reversed(balances.join(', '))
}
