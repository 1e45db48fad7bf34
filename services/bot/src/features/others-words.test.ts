import { describe, expect, test } from '@jest/globals'
import { Telegraf } from 'telegraf'
import { textsFor } from '../texts/index.ts'
import { othersWordsFeature } from './others-words.ts'

const ann = { id: 111, is_bot: false, first_name: 'Ann', language_code: 'en' }
const here = { id: 111, type: 'private' as const, first_name: 'Ann' }
const group = { id: -500, type: 'group' as const, title: 'Home' }
const { common, entry } = textsFor('en')

/** What is answered to an update, and whether it goes on to the features after this one. */
async function outcomeOf(update: Record<string, unknown>) {
  const said: unknown[] = []
  let wentOn = false
  const bot = new Telegraf('1:token')
  bot.botInfo = { id: 666, is_bot: true, first_name: 'Purse', username: 'PurseBot' } as NonNullable<
    typeof bot.botInfo
  >
  const sendMessage = (_: number, text: string) => Promise.resolve(void said.push(text))
  Object.assign(bot.context, { telegram: { sendMessage } })
  bot.use(othersWordsFeature(), () => void (wentOn = true))
  await bot.handleUpdate({ update_id: 1, ...update } as never)
  return { said, wentOn }
}

const message = (more: Record<string, unknown>) => ({
  message: { message_id: 1, date: 1, from: ann, chat: here, text: '5 tea', ...more },
})

describe('what is not a person’s own and final word', () => {
  test('their own goes on', async () => {
    expect(await outcomeOf(message({}))).toEqual({ said: [], wentOn: true })
  })

  test('edited: it is said that a card stands, in private alone', async () => {
    const edited = { ...message({}).message, edit_date: 2 }
    expect(await outcomeOf({ edited_message: edited })).toEqual({ said: [entry.edited], wentOn: false })
    expect(await outcomeOf({ edited_message: { ...edited, chat: group } })).toMatchObject({ said: [] })
  })

  test('forwarded: it is nobody’s entry', async () => {
    const forward_origin = { type: 'user', sender_user: ann, date: 1 }
    expect(await outcomeOf(message({ forward_origin }))).toEqual({ said: [entry.forwarded], wentOn: false })
    expect(await outcomeOf(message({ forward_origin, chat: group }))).toEqual({ said: [], wentOn: false })
  })

  test.each([
    ['/balance', [common.anonymous]],
    ['/balance@pursebot', [common.anonymous]],
    ['/balance@OtherBot', []],
    ['/weather', []],
    ['5 tea', []],
  ])('from an anonymous admin, %s', async (text, said) => {
    const more = { text, chat: group, sender_chat: group, from: { ...ann, is_bot: true } }
    expect(await outcomeOf(message(more))).toEqual({ said, wentOn: false })
  })
})
