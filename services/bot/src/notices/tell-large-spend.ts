import type { ApprovalPolicy, DomainEvent } from '@common-purse/contracts'
import { nameOf, placeLine, whatOf } from '../approvals/approval-card.ts'
import { askGateway } from './ask-gateway.ts'
import { decideLarge } from './decide-large.ts'
import { lookAs, type NoticeDeps, type Reader, textsOfReader, valueIn } from './notice-deps.ts'
import { toEach } from './to-each.ts'

/** Asks for a family's thresholds in a reader's name; undefined when they are not in it any more. */
export type FindThresholds = (reader: Reader) => Promise<ApprovalPolicy['thresholds'] | undefined>

const REMEMBERED_MS = 60_000
const FAMILIES_MAX = 1_000

/** Thresholds are asked for once a minute and family, not for each spending. */
export function rememberThresholds({ api, families }: NoticeDeps): FindThresholds {
  const known = new Map<string, { thresholds: ApprovalPolicy['thresholds']; until: number }>()
  return async ({ telegramId, familyId }) => {
    const remembered = known.get(familyId)
    if (remembered && remembered.until > performance.now()) return remembered.thresholds
    const policy = await askGateway(() =>
      families.use(telegramId, familyId, (session) => api.as(session, 'getApprovalPolicy')),
    )
    if (!policy) return undefined
    if (known.size >= FAMILIES_MAX) known.clear()
    known.set(familyId, { thresholds: policy.thresholds, until: performance.now() + REMEMBERED_MS })
    return policy.thresholds
  }
}

/** Money moved without anybody having been asked: when it is much, the other grown-ups who see the account are told. */
export async function tellLargeSpend(
  deps: NoticeDeps,
  find: FindThresholds,
  event: DomainEvent,
): Promise<void> {
  const spender = valueIn(event, 'created_by')
  if (valueIn(event, 'type') === 'income' || valueIn(event, 'reverses') !== undefined) return
  await toEach(await deps.people.membersOf(event.familyid), async ({ userId, telegramId, role }) => {
    if (userId === spender || !['owner', 'adult'].includes(role)) return
    const reader = { telegramId, familyId: event.familyid }
    const thresholds = await find(reader)
    if (!thresholds || !decideLarge(spendingIn(event), thresholds)) return
    await deps.messenger.once(`spent:${event.id}:${telegramId}`, () =>
      tell(deps, reader, event.data.entity_id),
    )
  })
}

const spendingIn = (event: DomainEvent) => ({
  type: valueIn(event, 'type') ?? '',
  accountId: valueIn(event, 'account_id') ?? '',
  amount: valueIn(event, 'amount') ?? '0',
  currency: valueIn(event, 'currency') ?? '',
  reverses: valueIn(event, 'reverses') ?? null,
})

async function tell(deps: NoticeDeps, reader: Reader, id: string): Promise<void> {
  const seen = await lookAs(deps, reader, id)
  if (!seen) return
  const texts = await textsOfReader(deps, reader)
  const { spent, moved, enough } = texts.notice
  const sentence = seen.transaction.type === 'transfer' ? moved : spent
  const head = sentence(nameOf(seen, seen.transaction.created_by, texts), whatOf(seen.transaction, texts))
  await deps.messenger.send(reader.telegramId, { text: [head, placeLine(seen, texts)].join('\n'), enough })
}
