import type { Answer } from '@common-purse/contracts'
import { Composer, type Context } from 'telegraf'
import type { BotDeps } from '../bot-deps.ts'
import { replyPrivately, senderOf, textsOf } from '../chat.ts'
import { monthBefore, monthOf, readMonth, reportText, startOf, startOfNext } from '../report-text.ts'
import type { BotSession } from '../session-store.ts'

type Deps = Pick<BotDeps, 'api' | 'sessions'>
type Summary = Answer<'getSummaryReport'>

/** /report: this month, or /report 2026-10: sums by category and member, beside the month before. */
export function reportFeature(
  { api, sessions }: Deps,
  now: () => Date = () => new Date(),
): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('report', async (ctx) => {
    const texts = textsOf(ctx)
    const running = monthOf(now())
    const month = readMonth(ctx.payload, running)
    if (month === undefined) return void (await replyPrivately(ctx, texts.report.badMonth))
    const text = await sessions.use(senderOf(ctx), async (session) => {
      const summary = (of: string, groupBy: Summary['group_by']) => summaryOf(api, session, of, groupBy)
      const [byCategory, byMember, before] = await Promise.all([
        summary(month, 'category'),
        summary(month, 'member'),
        summary(monthBefore(month), 'category'),
      ])
      const parts = { month, isRunning: month === running, byCategory, byMember, before: before.totals }
      return reportText(parts, session.family.name, texts)
    })
    await replyPrivately(ctx, text)
  })
  return feature
}

const summaryOf = (
  api: Deps['api'],
  session: BotSession,
  month: string,
  group_by: Summary['group_by'],
): Promise<Summary> =>
  api.as(session, 'getSummaryReport', { query: { from: startOf(month), to: startOfNext(month), group_by } })
