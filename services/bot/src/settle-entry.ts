import type { EntryDeps } from './begin-entry.ts'
import type { Draft } from './draft-store.ts'
import { outcomeText } from './entry-card.ts'
import { explainError, isPassing } from './explain-error.ts'
import { MemoryAwayError } from './memory.ts'
import { bodyOf } from './preview-entry.ts'
import type { Texts } from './texts/index.ts'

/** What came of an entry in words, or why nobody can know it yet. */
export type Settled = { outcome: string } | { trouble: unknown }

/**
 * Sends a confirmed entry, as often as is needed to learn what came of it. It is noted before it is sent and its outcome
 * before it is told: whatever is killed in between, the person hears of it (settle-entries.ts).
 */
export async function settleEntry(deps: EntryDeps, draft: Draft, texts: Texts): Promise<Settled> {
  if (draft.outcome !== undefined) return { outcome: draft.outcome }
  const sent = { ...draft, sentAt: draft.sentAt ?? Date.now() }
  await deps.drafts.save(sent)
  await deps.drafts.expectOutcome(draft.id)
  try {
    const outcome = await submit(deps, sent, texts)
    await deps.drafts.save({ ...sent, outcome })
    return { outcome }
  } catch (trouble) {
    if (trouble instanceof MemoryAwayError) throw trouble
    return { trouble }
  }
}

/** What came of it in words; throws when it is not known yet. */
async function submit(deps: EntryDeps, draft: Draft, texts: Texts): Promise<string> {
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
    const inPrivate = draft.chatId === draft.telegramId
    return outcomeText(draft, transaction, texts, inPrivate)
  } catch (error) {
    if (isPassing(error)) throw error
    return explainError(error, texts)
  }
}
