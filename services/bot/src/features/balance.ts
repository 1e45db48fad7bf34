import type { Account } from '@common-purse/contracts'
import { Composer, type Context } from 'telegraf'
import type { Api } from '../api.ts'
import { replyPrivately, senderOf, textsOf } from '../chat.ts'
import { listAccounts } from '../list-accounts.ts'
import { shown } from '../plain-text.ts'
import type { SessionStore } from '../session-store.ts'
import type { Texts } from '../texts/index.ts'

interface Deps {
  api: Api
  sessions: SessionStore
}

/** /balance: the accounts one can see and what is in them, for the sender's eyes only. */
export function balanceFeature({ api, sessions }: Deps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('balance', async (ctx) => {
    const texts = textsOf(ctx)
    const text = await sessions.use(senderOf(ctx), async (session) =>
      toText(await listAccounts(api, session), session.family.name, texts),
    )
    await replyPrivately(ctx, text)
  })
  return feature
}

function toText(accounts: Account[], family: string, texts: Texts): string {
  if (accounts.length === 0) return texts.balance.noAccounts
  return [texts.balance.title(shown(family)), '', ...accounts.map((one) => toLine(one, texts))].join('\n')
}

function toLine({ name, currency, balance }: Account, { format, balance: texts }: Texts): string {
  const line = `${shown(name)}: ${format.money(balance.posted, currency)}`
  if (!/[1-9]/.test(balance.pending)) return line
  const [available, pending] = [balance.available, balance.pending].map((sum) => format.money(sum, currency))
  return `${line} (${texts.waiting(available!, pending!)})`
}
