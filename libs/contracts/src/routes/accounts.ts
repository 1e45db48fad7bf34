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
} from '../accounts.ts'
import { byId, define, type Route } from '../route.ts'

const ledger = define('ledger', 'user')
const seeAccount = ['account.read.all', 'account.read.own'] as const

/** Accounts and their balances. */
export const accountRoutes = {
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
} as const satisfies Record<string, Route>
