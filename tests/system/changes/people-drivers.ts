import type { Session } from '../../../libs/contracts/src/index.ts'
import { givenFamily } from '../../support/given.ts'
import type { House } from '../../support/house.ts'
import { totpOf } from '../../support/totp.ts'
import { byOf, drive, type Drivers, driveSignIn, newEmail, newTelegramId, password } from './driver.ts'
import { send } from './send.ts'

const member = async (house: House) => {
  const { id, owner, people } = await givenFamily(house, ['member'])
  return { familyId: id, owner: owner.session, person: people['member']!, session: people['member']!.session }
}

const signInAgain = async (house: House, email: string): Promise<Session> =>
  (await send(house, 'nobody', 'login', { body: { email, password } })).body as Session

const started = (client: 'api' | 'bot') => (session: Session) => [
  {
    action: 'session.started' as const,
    entity_type: 'session',
    entity_id: session.session_id,
    client,
    new_values: { user_id: session.user.id, client },
  },
]

const ended = (session: Session, cause: string) => ({
  action: 'session.ended' as const,
  entity_type: 'session',
  entity_id: session.session_id,
  new_values: { user_id: session.user.id, cause },
})

/** Turns two-step sign-in on; a code of the step before is used up by it. */
async function enrolled(house: House) {
  const given = await member(house)
  const as = { session: given.session }
  const { body } = await send(house, as, 'enrollTotp', { body: {} })
  return { ...given, secret: (body as { secret: string }).secret }
}

async function startBinding(house: House, telegramId = newTelegramId()) {
  const { body } = await send(house, 'bot', 'startTelegramBinding', {
    body: { telegram_id: telegramId, chat_id: telegramId, username: 'ann', language: 'en' },
  })
  return { telegramId, code: (body as { code: string }).code }
}

async function bound(house: House) {
  const given = await member(house)
  const { telegramId, code } = await startBinding(house)
  await send(house, { session: given.session }, 'confirmTelegramBinding', { body: { code } })
  return { ...given, telegramId }
}

async function confirm(house: House) {
  const { owner, session } = await member(house)
  const { telegramId, code } = await startBinding(house)
  const entity = { entity_type: 'telegram', entity_id: telegramId }
  const call = { id: 'confirmTelegramBinding' as const, as: session, reader: owner, body: { code } }
  return drive(house, call, () => [
    // Asked for by the bot, before anybody's family was known: written when somebody confirms it.
    {
      action: 'telegram.bind_started',
      ...entity,
      client: 'bot',
      session_id: null,
      ip: null,
      new_values: { telegram_id: telegramId, username: 'ann' },
    },
    {
      action: 'telegram.bound',
      ...entity,
      new_values: { telegram_id: telegramId, user_id: session.user.id },
    },
  ])
}

type PeopleRoute =
  | 'register'
  | 'login'
  | 'refreshToken'
  | 'logout'
  | 'updateMe'
  | 'changePassword'
  | 'endSession'
  | 'enrollTotp'
  | 'verifyTotp'
  | 'disableTotp'
  | 'startTelegramBinding'
  | 'confirmTelegramBinding'
  | 'authenticateTelegram'
  | 'unlinkTelegram'

export const peopleDrivers: Drivers<PeopleRoute> = {
  register: (house) => {
    const body = { email: newEmail(), password, display_name: 'Zoe', family_name: 'The New' }
    return driveSignIn(house, { id: 'register', as: 'nobody', body }, (session) => [
      { action: 'user.registered', entity_id: session.user.id, new_values: { display_name: 'Zoe' } },
      { action: 'family.created', entity_id: session.family.id, new_values: { name: 'The New' } },
      { action: 'member.joined', new_values: { user_id: session.user.id, role: 'owner' } },
      ...started('api')(session),
    ])
  },
  login: async (house) => {
    const { owner, person } = await member(house)
    const body = { email: person.email, password }
    return driveSignIn(house, { id: 'login', as: 'nobody', reader: owner, body }, started('api'))
  },
  refreshToken: async (house) => {
    const { owner, session } = await member(house)
    const body = { refresh_token: session.refresh_token }
    return driveSignIn(house, { id: 'refreshToken', as: 'nobody', reader: owner, body }, () => [
      {
        action: 'session.refreshed',
        entity_id: session.session_id,
        new_values: { user_id: session.user.id },
      },
    ])
  },
  logout: async (house) => {
    const { owner, session } = await member(house)
    return drive(house, { id: 'logout', as: session, reader: owner, body: {} }, () => [
      ended(session, 'logout'),
    ])
  },
  updateMe: async (house) => {
    const { owner, session } = await member(house)
    const body = { display_name: 'Zoe' }
    return drive(house, { id: 'updateMe', as: session, reader: owner, body }, () => [
      {
        action: 'user.updated',
        entity_id: session.user.id,
        old_values: { display_name: 'member' },
        new_values: { display_name: 'Zoe' },
      },
    ])
  },
  changePassword: async (house) => {
    const { owner, session, person } = await member(house)
    const other = await signInAgain(house, person.email)
    const body = { current_password: password, new_password: 'another horse battery staple' }
    return drive(house, { id: 'changePassword', as: session, reader: owner, body }, () => [
      { action: 'user.password_changed', entity_id: session.user.id },
      ended(other, 'password_changed'),
    ])
  },
  endSession: async (house) => {
    const { owner, session, person } = await member(house)
    const other = await signInAgain(house, person.email)
    const params = { id: other.session_id }
    return drive(house, { id: 'endSession', as: session, reader: owner, params }, () => [
      ended(other, 'revoked'),
    ])
  },
  // Nothing counts until a code of the secret was verified: there is no change to tell of.
  enrollTotp: async (house) => {
    const { owner, session } = await member(house)
    return drive(house, { id: 'enrollTotp', as: session, reader: owner, body: {} }, () => [])
  },
  verifyTotp: async (house) => {
    const { owner, session, secret } = await enrolled(house)
    const body = { code: totpOf(secret) }
    return drive(house, { id: 'verifyTotp', as: session, reader: owner, body }, () => [
      { action: 'user.totp_enabled', entity_id: session.user.id },
    ])
  },
  disableTotp: async (house) => {
    const { owner, session, secret } = await enrolled(house)
    await send(house, { session }, 'verifyTotp', { body: { code: totpOf(secret) } })
    return drive(house, { id: 'disableTotp', as: session, reader: owner, body: {} }, () => [
      { action: 'user.totp_disabled', entity_id: session.user.id },
    ])
  },
  startTelegramBinding: confirm,
  confirmTelegramBinding: confirm,
  authenticateTelegram: async (house) => {
    const { owner, telegramId } = await bound(house)
    const body = { telegram_id: telegramId }
    const call = { id: 'authenticateTelegram' as const, as: 'bot' as const, reader: owner, body }
    return driveSignIn(house, call, started('bot'))
  },
  unlinkTelegram: async (house) => {
    const { owner, session, telegramId } = await bound(house)
    const body = { telegram_id: telegramId }
    const bots = (await send(house, 'bot', 'authenticateTelegram', { body })).body as Session
    return drive(house, { id: 'unlinkTelegram', as: session, reader: owner }, () => [
      {
        action: 'telegram.unbound',
        entity_id: telegramId,
        old_values: { user_id: session.user.id },
        new_values: { user_id: null },
        ...byOf(session),
      },
      ended(bots, 'telegram_unlinked'),
    ])
  },
}
