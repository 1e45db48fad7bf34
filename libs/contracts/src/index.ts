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
  DomainEvent,
  type Emitter,
  EventAction,
  eventActions,
  eventType,
  type StreamName,
  streams,
} from './events.ts'
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
  ClientKind,
  FamilyOfUser,
  Login,
  Me,
  RefreshToken,
  Register,
  Session,
  SigningKey,
  User,
} from './auth.ts'
export { CreateInvitation, InvitationCreated, Member } from './families.ts'
export { StartTelegramBinding, TelegramBinding, TelegramIdentity } from './telegram.ts'
export { Account, AccountKind, Balance, OpenAccount, Visibility } from './accounts.ts'
export {
  Approval,
  BalanceAfter,
  ListTransactions,
  SubmitTransaction,
  Transaction,
  TransactionStatus,
  TransactionType,
} from './transactions.ts'
export {
  AccessBatch,
  AccessLine,
  AuditEvent,
  AuditHead,
  AuditVerification,
  ListAuditEvents,
} from './audit.ts'
export { Health, Jwks, ProblemDocument } from './system.ts'
