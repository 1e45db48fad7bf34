/* eslint-disable max-lines -- one table, in one place */
import * as z from 'zod'
import { AccountPage, Account, Balance, ListAccounts, OpenAccount } from './accounts.ts'
import {
  AccessLinePage,
  AuditEvent,
  AuditEventPage,
  AuditHead,
  AuditVerification,
  ListAccessLines,
  ListAuditEvents,
} from './audit.ts'
import { Login, Logout, Me, RefreshToken, Register, Session } from './auth.ts'
import {
  AcceptInvitation,
  CreateInvitation,
  InvitationAccepted,
  InvitationCreated,
  MemberPage,
} from './families.ts'
import { PageQuery } from './paging.ts'
import { PermissionMatrix } from './permissions.ts'
import { byId, define, type OwningService, type Route } from './route.ts'
import { Health, Jwks } from './system.ts'
import {
  AuthenticateTelegram,
  BindingCode,
  ConfirmTelegramBinding,
  StartTelegramBinding,
  TelegramBinding,
  TelegramBindingStarted,
  TelegramIdentity,
} from './telegram.ts'
import {
  ListTransactions,
  RejectTransaction,
  ResolveTransaction,
  ReverseTransaction,
  SubmitTransaction,
  SubmitTransactionQuery,
  Transaction,
  TransactionPage,
} from './transactions.ts'

const authPublic = define('auth', 'public')
const authUser = define('auth', 'user')
const authBot = define('auth', 'bot')
const ledger = define('ledger', 'user')
const audit = define('audit', 'user')
const gateway = define('gateway', 'public')

const seeAccount = ['account.read.all', 'account.read.own'] as const
const seeTransaction = ['transaction.read.all', 'transaction.read.own'] as const
const spend = ['transaction.create.any', 'transaction.create.own'] as const
const reverse = ['transaction.reverse.any', 'transaction.reverse.own'] as const
const readTrail = ['audit.read.all', 'audit.read.own'] as const

export const routes = {
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
    problems: ['credentials_invalid'],
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
  listMembers: authUser('GET', '/families/{id}/members', {
    summary: 'The members of a family',
    status: 200,
    permissions: ['member.read'],
    params: byId,
    query: PageQuery,
    response: MemberPage,
    problems: ['not_found'],
  }),
  createInvitation: authUser('POST', '/families/{id}/invitations', {
    summary: 'Invite somebody; the token is shown once',
    status: 201,
    permissions: ['member.invite'],
    params: byId,
    body: CreateInvitation,
    response: InvitationCreated,
    problems: ['not_found'],
  }),
  acceptInvitation: authUser('POST', '/invitations/accept', {
    summary: 'Join a family with an account one has',
    status: 200,
    body: AcceptInvitation,
    response: InvitationAccepted,
    problems: ['not_found', 'invitation_expired', 'already_member'],
  }),
  getPermissions: authUser('GET', '/permissions', {
    summary: 'The whole matrix of roles and permissions',
    status: 200,
    response: PermissionMatrix,
  }),
  getJwks: {
    ...authPublic('GET', '', { summary: 'Public keys of the access tokens', status: 200, response: Jwks }),
    path: '/.well-known/jwks.json',
  },
  openAccount: ledger('POST', '/accounts', {
    summary: 'Open an account',
    status: 201,
    permissions: ['account.create'],
    idempotency: 'required',
    body: OpenAccount,
    response: Account,
    problems: ['not_found'],
  }),
  listAccounts: ledger('GET', '/accounts', {
    summary: 'The accounts one can see',
    status: 200,
    permissions: seeAccount,
    query: ListAccounts,
    response: AccountPage,
  }),
  getAccount: ledger('GET', '/accounts/{id}', {
    summary: 'One account',
    status: 200,
    permissions: seeAccount,
    params: byId,
    response: Account,
    problems: ['not_found'],
  }),
  getBalance: ledger('GET', '/accounts/{id}/balance', {
    summary: 'Posted, pending and available',
    status: 200,
    permissions: seeAccount,
    params: byId,
    response: Balance,
    problems: ['not_found'],
  }),
  submitTransaction: ledger('POST', '/transactions', {
    summary:
      'Spend, earn or move money; above the threshold it waits for approval. `dry_run` answers 200 and writes nothing',
    status: 201,
    permissions: spend,
    idempotency: 'required',
    query: SubmitTransactionQuery,
    body: SubmitTransaction,
    response: Transaction,
    problems: ['not_found', 'insufficient_funds', 'account_closed'],
  }),
  listTransactions: ledger('GET', '/transactions', {
    summary: 'Transactions, newest first',
    status: 200,
    permissions: seeTransaction,
    query: ListTransactions,
    response: TransactionPage,
  }),
  getTransaction: ledger('GET', '/transactions/{id}', {
    summary: 'One transaction',
    status: 200,
    permissions: seeTransaction,
    params: byId,
    response: Transaction,
    problems: ['not_found'],
  }),
  approveTransaction: ledger('POST', '/transactions/{id}/approve', {
    summary: 'Approve what waits',
    status: 200,
    permissions: ['transaction.approve'],
    params: byId,
    body: ResolveTransaction,
    response: Transaction,
    problems: ['not_found', 'self_approval', 'already_resolved', 'account_closed'],
  }),
  rejectTransaction: ledger('POST', '/transactions/{id}/reject', {
    summary: 'Refuse what waits, with a reason',
    status: 200,
    permissions: ['transaction.reject'],
    params: byId,
    body: RejectTransaction,
    response: Transaction,
    problems: ['not_found', 'already_resolved'],
  }),
  cancelTransaction: ledger('POST', '/transactions/{id}/cancel', {
    summary: 'Take back one’s own waiting transaction',
    status: 200,
    permissions: ['transaction.cancel.own'],
    params: byId,
    body: ResolveTransaction,
    response: Transaction,
    problems: ['not_found', 'already_resolved'],
  }),
  reverseTransaction: ledger('POST', '/transactions/{id}/reverse', {
    summary: 'Undo a posted transaction by an opposite one',
    status: 201,
    permissions: reverse,
    idempotency: 'required',
    params: byId,
    body: ReverseTransaction,
    response: Transaction,
    problems: ['not_found', 'not_reversible', 'already_reversed', 'insufficient_funds', 'account_closed'],
  }),
  listAuditEvents: audit('GET', '/audit/events', {
    summary: 'The trail, newest first',
    status: 200,
    permissions: readTrail,
    query: ListAuditEvents,
    response: AuditEventPage,
  }),
  getAuditEvent: audit('GET', '/audit/events/{id}', {
    summary: 'One entry of the trail',
    status: 200,
    permissions: readTrail,
    params: byId,
    response: AuditEvent,
    problems: ['not_found'],
  }),
  verifyAudit: audit('GET', '/audit/verify', {
    summary: 'Walk the family’s chain: intact, or the first broken entry',
    status: 200,
    permissions: ['audit.verify'],
    response: AuditVerification,
  }),
  getAuditHead: audit('GET', '/audit/head', {
    summary: 'Sequence and hash of the newest entry',
    status: 200,
    permissions: ['audit.verify'],
    response: AuditHead,
  }),
  listAccessLines: audit('GET', '/audit/access', {
    summary: 'Requests of the family, newest first',
    status: 200,
    permissions: ['audit.read.all'],
    query: ListAccessLines,
    response: AccessLinePage,
  }),
  getHealth: {
    ...gateway('GET', '', { summary: 'Is the system well', status: 200, response: Health }),
    path: '/health',
  },
} as const satisfies Record<string, Route>

export type Routes = typeof routes
export type RouteId = keyof Routes
/** The ids of the routes a service owns. */
export type RouteIdOf<Service extends OwningService> = {
  [Id in RouteId]: Routes[Id]['service'] extends Service ? Id : never
}[RouteId]

/** The same table with the plain type, for code that walks it. */
export const allRoutes: ReadonlyArray<Route & { id: RouteId }> = (Object.keys(routes) as RouteId[]).map(
  (id) => ({ id, ...routes[id] }),
)

type Part<Id extends RouteId, Key extends 'params' | 'query' | 'body' | 'response'> = Routes[Id] extends {
  [K in Key]: infer Schema extends z.ZodType
}
  ? Schema
  : undefined

type OutputOf<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined
type InputOf<Schema> = Schema extends z.ZodType ? z.input<Schema> : undefined

/** What a service's handler receives of a request, parsed. */
export type ParsedParams<Id extends RouteId> = OutputOf<Part<Id, 'params'>>
export type ParsedQuery<Id extends RouteId> = OutputOf<Part<Id, 'query'>>
export type ParsedBody<Id extends RouteId> = OutputOf<Part<Id, 'body'>>
/** What a client sends and gets. */
export type SentParams<Id extends RouteId> = InputOf<Part<Id, 'params'>>
export type SentQuery<Id extends RouteId> = InputOf<Part<Id, 'query'>>
export type SentBody<Id extends RouteId> = InputOf<Part<Id, 'body'>>
export type Answer<Id extends RouteId> = OutputOf<Part<Id, 'response'>>
