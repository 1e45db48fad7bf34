import { Composer, type Context } from 'telegraf'
import type { BotDeps } from '../bot-deps.ts'
import { replyPrivately, senderOf, textsOf } from '../chat.ts'
import { shown } from '../plain-text.ts'

/** As many digits of a hash as the daily message to owners has, so that the two can be compared. */
const DIGITS = 16

/** /verify: walks the family's trail, and says that it is whole or from where on it is not. */
export function verifyFeature({ api, sessions }: Pick<BotDeps, 'api' | 'sessions'>): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('verify', async (ctx) => {
    const { verify } = textsOf(ctx)
    const text = await sessions.use(senderOf(ctx), async (session) => {
      const family = shown(session.family.name)
      const { intact, entries, head, first_broken_seq } = await api.as(session, 'verifyAudit')
      if (!intact) return verify.broken(family, first_broken_seq ?? entries + 1)
      return entries === 0
        ? verify.empty(family)
        : verify.intact(family, entries, `${head.seq}:${head.hash.slice(0, DIGITS)}`)
    })
    await replyPrivately(ctx, text)
  })
  return feature
}
