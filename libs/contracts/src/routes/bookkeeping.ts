import { ApprovalPolicy, PutApprovalPolicy } from '../approval-policy.ts'
import { Category, CategoryPage, CreateCategory, ListCategories, UpdateCategory } from '../categories.ts'
import {
  CashFlowQuery,
  CashFlowReport,
  NetWorthQuery,
  NetWorthReport,
  SummaryQuery,
  SummaryReport,
} from '../reports.ts'
import { byId, define, type Route } from '../route.ts'
import { ExportTransactions } from '../transactions.ts'

const ledger = define('ledger', 'user')

/** The rules of approval, categories, reports and exports. */
export const bookkeepingRoutes = {
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
} as const satisfies Record<string, Route>
