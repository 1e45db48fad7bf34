import { ApiError } from '@common-purse/client'
import type { FamilyOfUser, Member } from '@common-purse/contracts'
import { Composer, type Context } from 'telegraf'
import type { BotDeps } from '../bot-deps.ts'
import { answerTap, isOwnChat, type Keyboard, replyPrivately, rewrite, senderOf, textsOf } from '../chat.ts'
import { listMembers } from '../load-names.ts'
import { shown } from '../plain-text.ts'
import type { BotSession } from '../session-store.ts'
import type { Texts } from '../texts/index.ts'

type Deps = Pick<BotDeps, 'api' | 'sessions'>

const tapShape = /^family:([0-9a-f-]{36})$/

/** /family: who is in it, and the way to another family of the same person. */
export function familyFeature({ api, sessions }: Deps): Composer<Context> {
  const feature = new Composer<Context>()
  feature.command('family', async (ctx) => {
    const texts = textsOf(ctx)
    const { text, keyboard } = await sessions.use(senderOf(ctx), async (session) => {
      const [members, me] = await Promise.all([listMembers(api, session), api.as(session, 'getMe')])
      const others = me.families.filter(({ id }) => id !== session.family.id)
      return { text: toText(session, { members, others }, texts), keyboard: ways(others) }
    })
    await replyPrivately(ctx, text, keyboard)
  })
  feature.action(tapShape, async (ctx) => {
    const texts = textsOf(ctx)
    if (!isOwnChat(ctx)) return await answerTap(ctx, texts.common.elsewhere)
    const session = await unlessGone(sessions.enter(senderOf(ctx), ctx.match[1]!))
    if (!session) return await answerTap(ctx, texts.family.notIn)
    await answerTap(ctx)
    const { message_id, chat } = ctx.callbackQuery.message!
    const { name, role } = session.family
    const text = texts.family.entered(shown(name), texts.family.role[role])
    await rewrite(ctx, { chatId: String(chat.id), messageId: message_id }, text)
  })
  return feature
}

interface Around {
  members: Member[]
  others: FamilyOfUser[]
}

function toText({ userId, family }: BotSession, { members, others }: Around, texts: Texts): string {
  const lines = members.map(({ user_id, display_name, role }) => {
    const you = user_id === userId ? ` (${texts.family.you})` : ''
    return `${shown(display_name)} – ${texts.family.role[role]}${you}`
  })
  const end = others.length === 0 ? [] : ['', texts.family.others]
  return [texts.family.title(shown(family.name)), '', ...lines, ...end].join('\n')
}

const ways = (families: FamilyOfUser[]): Keyboard =>
  families.map(({ id, name }) => [{ text: shown(name, 40), callback_data: `family:${id}` }])

/** Undefined when the person is not in the family any more. */
async function unlessGone(entering: Promise<BotSession>): Promise<BotSession | undefined> {
  try {
    return await entering
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === 'not_found') return undefined
    throw error
  }
}
