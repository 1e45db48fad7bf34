import type { Context } from 'telegraf'
import type { EntryDeps } from './begin-entry.ts'
import { rewrite, textsOf } from './chat.ts'
import type { Draft } from './draft-store.ts'
import { retryKeyboard } from './entry-card.ts'
import { explainError } from './explain-error.ts'
import { settleEntry } from './settle-entry.ts'

/** What could not be told, or is not known yet, is looked at again after this time. */
const SOON_MS = 4_000

/**
 * Sends what the person confirmed. The key belongs to the draft, so a double tap, a redelivered update and a second try
 * after a lost answer are the same request: the money moves once and each gets the same answer. Where the answer is not
 * known yet, the card says so with a button for the same request, and the bot goes on asking by itself.
 */
export async function confirmEntry(deps: EntryDeps, ctx: Context, draft: Draft): Promise<void> {
  const texts = textsOf(ctx)
  const settled = await settleEntry(deps, draft, texts)
  const later = () => deps.drafts.postpone(draft.id, Date.now() + SOON_MS)
  if ('trouble' in settled) {
    await later()
    const unclear = `${explainError(settled.trouble, texts)}\n\n${texts.entry.unclear}`
    return await rewrite(ctx, placeOf(draft), unclear, retryKeyboard(draft, texts))
  }
  await rewrite(ctx, placeOf(draft), settled.outcome).then(() => deps.drafts.told(draft.id), later)
}

export const placeOf = ({ chatId, messageId }: Draft) => ({ chatId, messageId })
