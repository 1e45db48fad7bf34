import type { Context } from 'telegraf'
import type { EntryDeps } from './begin-entry.ts'
import { isPrivate, rewrite, textsOf } from './chat.ts'
import type { Draft } from './draft-store.ts'
import { outcomeText } from './entry-card.ts'
import { explainError, isPassing } from './explain-error.ts'
import { bodyOf } from './preview-entry.ts'

/**
 * Sends what the person confirmed. The key belongs to the draft, so a double tap, a redelivered update and a second try
 * after a lost answer are the same request: the money moves once and each gets the same answer.
 */
export async function confirmEntry(deps: EntryDeps, ctx: Context, draft: Draft): Promise<void> {
  if (draft.outcome !== undefined) return await rewrite(ctx, placeOf(draft), draft.outcome)
  const sent = { ...draft, sent: true }
  await deps.drafts.save(sent)
  const outcome = await submit(deps, ctx, sent)
  await rewrite(ctx, placeOf(draft), outcome)
  await deps.drafts.save({ ...sent, outcome })
}

/** What came of it in words; throws when it is not known yet and the same tap may be tried again. */
async function submit(deps: EntryDeps, ctx: Context, draft: Draft): Promise<string> {
  const texts = textsOf(ctx)
  try {
    const transaction = await deps.sessions.use(draft.telegramId, async (session) =>
      session.family.id === draft.familyId
        ? await deps.api.as(session, 'submitTransaction', {
            idempotencyKey: `telegram-${draft.id}`,
            body: bodyOf(draft),
          })
        : undefined,
    )
    if (!transaction) return texts.entry.otherFamily
    await deps.drafts.rememberAccount(draft.telegramId, draft.accountId).catch(() => undefined)
    return outcomeText(draft, transaction, texts, isPrivate(ctx))
  } catch (error) {
    if (isPassing(error)) throw error
    return explainError(error, texts)
  }
}

export const placeOf = ({ chatId, messageId }: Draft) => ({ chatId, messageId })
