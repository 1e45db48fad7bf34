/* eslint-disable max-lines -- one table, in one place */
import * as z from 'zod'
import {
  Account,
  AccountEntryPage,
  AccountPage,
  Balance,
  BalanceQuery,
  CloseAccount,
  ListAccounts,
  ListEntries,
  OpenAccount,
  UpdateAccount,
} from './accounts.ts'
import { ApprovalPolicy, PutApprovalPolicy } from './approval-policy.ts'
import {
  AccessLinePage,
  AuditEvent,
  AuditEventPage,
  AuditHead,
  AuditVerification,
  ListAccessLines,
  ListAuditEvents,
} from './audit.ts'
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
} from './auth.ts'
import { Category, CategoryPage, CreateCategory, ListCategories, UpdateCategory } from './categories.ts'
import {
  AcceptInvitation,
  byInvitation,
  byMember,
  CreateFamily,
  CreateInvitation,
  Family,
  FamilyPage,
  InvitationAccepted,
  InvitationCreated,
  InvitationPage,
  Member,
  MemberPage,
  UpdateFamily,
  UpdateMember,
} from './families.ts'
import { PageQuery } from './paging.ts'
import { PermissionMatrix } from './permissions.ts'
import {
  CashFlowQuery,
  CashFlowReport,
  NetWorthQuery,
  NetWorthReport,
  SummaryQuery,
  SummaryReport,
} from './reports.ts'
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
  ExportTransactions,
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
  listFamilies: authUser('GET', '/families', {
    summary: 'The families one is in, the one joined first at the front',
    status: 200,
    query: PageQuery,
    response: FamilyPage,
  }),
  createFamily: authUser('POST', '/families', {
    summary: 'A further family, with oneself as its owner',
    status: 201,
    body: CreateFamily,
    response: Family,
  }),
  getFamily: authUser('GET', '/families/{id}', {
    summary: 'One of one’s families',
    family: 'path',
    status: 200,
    permissions: ['family.read'],
    params: byId,
    response: Family,
    problems: ['not_found'],
  }),
  updateFamily: authUser('PATCH', '/families/{id}', {
    summary: 'Rename a family',
    family: 'path',
    status: 200,
    permissions: ['family.update'],
    params: byId,
    body: UpdateFamily,
    response: Family,
    problems: ['not_found'],
  }),
  listMembers: authUser('GET', '/families/{id}/members', {
    summary: 'The members of a family',
    family: 'path',
    status: 200,
    permissions: ['member.read'],
    params: byId,
    query: PageQuery,
    response: MemberPage,
    problems: ['not_found'],
  }),
  updateMember: authUser('PATCH', '/families/{id}/members/{user_id}', {
    summary: 'Give a member another role; making somebody an owner needs `ownership.transfer`',
    family: 'path',
    status: 200,
    permissions: ['member.role.update'],
    params: byMember,
    body: UpdateMember,
    response: Member,
    problems: ['not_found', 'last_owner'],
  }),
  removeMember: authUser('DELETE', '/families/{id}/members/{user_id}', {
    summary: 'Remove a member (`member.remove`), or leave',
    family: 'path',
    status: 204,
    params: byMember,
    problems: ['permission_denied', 'not_found', 'last_owner'],
  }),
  createInvitation: authUser('POST', '/families/{id}/invitations', {
    summary: 'Invite somebody; the token is shown once',
    family: 'path',
    status: 201,
    permissions: ['member.invite'],
    params: byId,
    body: CreateInvitation,
    response: InvitationCreated,
    problems: ['not_found'],
  }),
  listInvitations: authUser('GET', '/families/{id}/invitations', {
    summary: 'Invitations that can still be used, newest first',
    family: 'path',
    status: 200,
    permissions: ['member.invite'],
    params: byId,
    query: PageQuery,
    response: InvitationPage,
    problems: ['not_found'],
  }),
  revokeInvitation: authUser('DELETE', '/families/{id}/invitations/{invitation_id}', {
    summary: 'Take an invitation back',
    family: 'path',
    status: 204,
    permissions: ['member.invite'],
    params: byInvitation,
    problems: ['not_found', 'invitation_expired'],
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
    problems: ['not_found', 'limit_reached'],
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
    query: BalanceQuery,
    response: Balance,
    problems: ['not_found'],
  }),
  updateAccount: ledger('PATCH', '/accounts/{id}', {
    summary:
      'Rename, share (`account.share`), change the overdraft limit (`member.limit.update`) or open again (`account.close`)',
    status: 200,
    permissions: ['account.update'],
    params: byId,
    body: UpdateAccount,
    response: Account,
    problems: ['not_found', 'account_closed'],
  }),
  closeAccount: ledger('POST', '/accounts/{id}/close', {
    summary: 'Close an account: it keeps its balance and takes no movement',
    status: 200,
    permissions: ['account.close'],
    params: byId,
    body: CloseAccount,
    response: Account,
    problems: ['not_found', 'account_closed'],
  }),
  listEntries: ledger('GET', '/accounts/{id}/entries', {
    summary: 'The statement of an account with its running balance, newest first',
    status: 200,
    permissions: seeAccount,
    params: byId,
    query: ListEntries,
    response: AccountEntryPage,
    problems: ['not_found'],
  }),
  submitTransaction: ledger('POST', '/transactions', {
    summary:
      'Spend, earn or move money; above the threshold it waits for approval. `dry_run` answers 200 and writes nothing',
    status: 201,
    permissions: spend,
    idempotency: 'required',
    dryRun: true,
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
  getApprovalPolicy: ledger('GET', '/approval-policy', {
    summary: 'What may be spent without asking, and how approval works in this family',
    status: 200,
    permissions: ['policy.read'],
    response: ApprovalPolicy,
  }),
  putApprovalPolicy: ledger('PUT', '/approval-policy', {
    summary: 'Replace the family’s approval policy; what already waits keeps its terms',
    status: 200,
    permissions: ['policy.update'],
    body: PutApprovalPolicy,
    response: ApprovalPolicy,
  }),
  createCategory: ledger('POST', '/categories', {
    summary: 'A category, at the top or below one at the top',
    status: 201,
    permissions: ['category.manage'],
    body: CreateCategory,
    response: Category,
    problems: ['limit_reached'],
  }),
  listCategories: ledger('GET', '/categories', {
    summary: 'The family’s categories',
    status: 200,
    query: ListCategories,
    response: CategoryPage,
  }),
  updateCategory: ledger('PATCH', '/categories/{id}', {
    summary: 'Rename, move or archive a category',
    status: 200,
    permissions: ['category.manage'],
    params: byId,
    body: UpdateCategory,
    response: Category,
    problems: ['not_found'],
  }),
  getSummaryReport: ledger('GET', '/reports/summary', {
    summary: 'Income and expense by category, member, account or month',
    status: 200,
    permissions: ['report.read'],
    query: SummaryQuery,
    response: SummaryReport,
    problems: ['not_found'],
  }),
  getCashFlowReport: ledger('GET', '/reports/cash-flow', {
    summary: 'What came in and went out, month by month',
    status: 200,
    permissions: ['report.read'],
    query: CashFlowQuery,
    response: CashFlowReport,
    problems: ['not_found'],
  }),
  getNetWorthReport: ledger('GET', '/reports/net-worth', {
    summary: 'What the accounts one sees hold and owe, month by month',
    status: 200,
    permissions: ['report.read'],
    query: NetWorthQuery,
    response: NetWorthReport,
  }),
  exportTransactions: ledger('GET', '/exports/transactions.csv', {
    summary: 'The transactions one sees as CSV (RFC 4180), oldest first',
    status: 200,
    permissions: ['data.export'],
    query: ExportTransactions,
    produces: 'text/csv',
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
  exportAudit: audit('GET', '/audit/export', {
    summary: 'The whole trail as NDJSON, oldest first, for `npm run verify-export`; needs `data.export` too',
    status: 200,
    permissions: ['audit.read.all'],
    produces: 'application/x-ndjson',
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
export type Answer<Id extends RouteId> = Routes[Id] extends { produces: string }
  ? string
  : OutputOf<Part<Id, 'response'>>
