export { Currency, decimalPlaces } from './currencies.ts'
export { amountError, DecimalAmount, SignedAmount, toDecimal, toMinorUnits } from './money.ts'
export { PageQuery } from './paging.ts'
export {
  hasPermission,
  type Permission,
  permissionMatrix,
  permissions,
  type Reach,
  reachOf,
  Role,
  roles,
  rolesWith,
} from './permissions.ts'
export { type FieldError, Problem, type ProblemCode, type ProblemExtras, problems } from './problems.ts'
export {
  actionOf,
  accessSubject,
  anchorSubject,
  DomainEvent,
  type Emitter,
  EventAction,
  eventActions,
  eventType,
  type StreamName,
  streamDays,
  streams,
} from './events.ts'
export { Revocation, revocationOf, RevocationPage, revokingTypes } from './revocations.ts'
export { type Method, type OwningService, type Route } from './route.ts'
export {
  allRoutes,
  type Answer,
  type ParsedBody,
  type ParsedParams,
  type ParsedQuery,
  type RouteId,
  type RouteIdOf,
  type Routes,
  routes,
  type SentBody,
  type SentParams,
  type SentQuery,
} from './routes.ts'
export {
  ChangePassword,
  ClientKind,
  DisableTotp,
  EnrollTotp,
  FamilyOfUser,
  ListSessions,
  Login,
  Me,
  RefreshToken,
  Register,
  RunningSession,
  Session,
  SigningKey,
  TotpEnabled,
  TotpEnrolled,
  UpdateMe,
  User,
} from './auth.ts'
export { CreateInvitation, Family, Invitation, InvitationCreated, Member } from './families.ts'
export { StartTelegramBinding, TelegramBinding, TelegramIdentity } from './telegram.ts'
export {
  Account,
  AccountEntry,
  AccountKind,
  Balance,
  ListAccounts,
  ListEntries,
  OpenAccount,
  UpdateAccount,
  Visibility,
} from './accounts.ts'
export { ApprovalPolicy, ApprovalThreshold, PutApprovalPolicy } from './approval-policy.ts'
export { Category, CreateCategory, ListCategories, UpdateCategory } from './categories.ts'
export {
  CashFlowQuery,
  CashFlowReport,
  NetWorthQuery,
  NetWorthReport,
  SummaryLine,
  SummaryQuery,
  SummaryReport,
} from './reports.ts'
export {
  Approval,
  BalanceAfter,
  ExportTransactions,
  ListTransactions,
  SubmitTransaction,
  Transaction,
  TransactionStatus,
  TransactionType,
} from './transactions.ts'
export {
  AccessBatch,
  AccessLine,
  Anchor,
  AuditEvent,
  AuditExportHeader,
  AuditHead,
  AuditVerification,
  ListAuditEvents,
} from './audit.ts'
export { Health, Jwks, ProblemDocument } from './system.ts'
