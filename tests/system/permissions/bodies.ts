import type { RouteId } from '../../../libs/contracts/src/index.ts'

/** A right body for each route that needs more than an empty one. */
export const bodies: Partial<Record<RouteId, unknown>> = {
  updateMe: { display_name: 'Ann' },
  changePassword: { current_password: 'not it at all', new_password: 'another horse battery' },
  verifyTotp: { code: '000000' },
  confirmTelegramBinding: { code: 'x'.repeat(32) },
  createFamily: { name: 'The Others' },
  updateFamily: { name: 'The Others' },
  updateMember: { role: 'child' },
  createInvitation: { role: 'child' },
  acceptInvitation: { token: 'x'.repeat(43) },
  openAccount: { name: 'Wallet', kind: 'cash', currency: 'EUR' },
  updateAccount: { name: 'Wallet' },
  submitTransaction: {
    type: 'expense',
    account_id: '00000000-0000-4000-8000-000000000000',
    amount: '1.00',
    currency: 'EUR',
  },
  rejectTransaction: { reason: 'no' },
  reverseTransaction: { reason: 'a mistake' },
  putApprovalPolicy: { thresholds: [] },
  createCategory: { name: 'Food' },
  updateCategory: { name: 'Food' },
}
