import * as z from 'zod'
import {
  ChangePassword,
  DisableTotp,
  EnrollTotp,
  ListSessions,
  Login,
  Logout,
  Me,
  RefreshToken,
  Register,
  RunningSessionPage,
  Session,
  TotpEnabled,
  TotpEnrolled,
  UpdateMe,
  VerifyTotp,
} from '../auth.ts'
import { byId, define, type Route } from '../route.ts'
import {
  AuthenticateTelegram,
  BindingCode,
  ConfirmTelegramBinding,
  StartTelegramBinding,
  TelegramBinding,
  TelegramBindingStarted,
  TelegramIdentity,
} from '../telegram.ts'

const authPublic = define('auth', 'public')
const authUser = define('auth', 'user')
const authBot = define('auth', 'bot')

/** Signing in, one’s own sessions, and the link with Telegram. */
export const authRoutes = {
  register: authPublic('POST', '/auth/register', {
    summary: 'Register, with a new family or by invitation',
    status: 201,
    rate: 'sign_up',
    body: Register,
    response: Session,
    problems: ['email_taken', 'invitation_expired', 'not_found'],
  }),
  login: authPublic('POST', '/auth/login', {
    summary: 'Sign in',
    status: 200,
    rate: 'sign_in',
    body: Login,
    response: Session,
    problems: ['credentials_invalid', 'totp_required'],
  }),
  refreshToken: authPublic('POST', '/auth/token/refresh', {
    summary: 'Exchange a refresh token for new session values',
    status: 200,
    body: RefreshToken,
    response: Session,
    problems: ['refresh_token_invalid', 'refresh_token_reused', 'not_found'],
  }),
  logout: authUser('POST', '/auth/logout', {
    summary: 'End this session, the others, or all',
    status: 204,
    body: Logout,
  }),
  getMe: authUser('GET', '/auth/me', { summary: 'Who am I, in which families', status: 200, response: Me }),
  updateMe: authUser('PATCH', '/auth/me', {
    summary: 'Change one’s name',
    status: 200,
    body: UpdateMe,
    response: Me,
  }),
  changePassword: authUser('POST', '/auth/password/change', {
    summary: 'Change the password; all other sessions end',
    status: 204,
    body: ChangePassword,
    problems: ['credentials_invalid'],
  }),
  listSessions: authUser('GET', '/auth/sessions', {
    summary: 'The sign-ins that run, newest first',
    status: 200,
    query: ListSessions,
    response: RunningSessionPage,
    problems: ['permission_denied', 'not_found'],
  }),
  endSession: authUser('DELETE', '/auth/sessions/{id}', {
    summary: 'End one session: one’s own or, with `session.revoke.any`, a member’s in this family',
    status: 204,
    params: byId,
    problems: ['permission_denied', 'not_found'],
  }),
  enrollTotp: authUser('POST', '/auth/totp/enroll', {
    summary: 'A new secret for an authenticator; it counts once a code of it was verified',
    status: 201,
    body: EnrollTotp,
    response: TotpEnrolled,
    problems: ['credentials_invalid', 'totp_already_enabled'],
  }),
  verifyTotp: authUser('POST', '/auth/totp/verify', {
    summary: 'Turn two-step sign-in on with a code of the authenticator',
    status: 200,
    body: VerifyTotp,
    response: TotpEnabled,
    problems: ['credentials_invalid', 'not_found', 'totp_already_enabled'],
  }),
  disableTotp: authUser('DELETE', '/auth/totp', {
    summary: 'Turn two-step sign-in off',
    status: 204,
    body: DisableTotp,
    problems: ['credentials_invalid', 'not_found'],
  }),
  startTelegramBinding: authBot('POST', '/auth/telegram/bind/start', {
    summary: 'A code that links a Telegram account to a user',
    status: 201,
    rate: 'bind',
    body: StartTelegramBinding,
    response: TelegramBindingStarted,
    problems: ['telegram_taken'],
  }),
  getTelegramBinding: authUser('GET', '/auth/telegram/bind/{code}', {
    summary: 'The Telegram account behind a code',
    status: 200,
    rate: 'bind',
    params: z.strictObject({ code: BindingCode }),
    response: TelegramBinding,
    problems: ['not_found', 'code_expired'],
  }),
  confirmTelegramBinding: authUser('POST', '/auth/telegram/bind/confirm', {
    summary: 'Link the Telegram account behind a code to oneself',
    status: 200,
    rate: 'bind',
    body: ConfirmTelegramBinding,
    response: TelegramIdentity,
    problems: ['not_found', 'code_expired', 'telegram_taken'],
  }),
  authenticateTelegram: authBot('POST', '/auth/telegram/authenticate', {
    summary: 'A session for the user behind a linked Telegram account',
    status: 200,
    body: AuthenticateTelegram,
    response: Session,
    problems: ['telegram_not_linked'],
  }),
  unlinkTelegram: authUser('DELETE', '/auth/telegram', {
    summary: 'Unlink one’s Telegram account; sessions made through it end',
    status: 204,
    problems: ['not_found'],
  }),
} as const satisfies Record<string, Route>
