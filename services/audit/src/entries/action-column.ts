import type { EventAction } from '@common-purse/contracts'
import type { EventAction as ActionColumn } from '../generated/enums.ts'

/** Prisma calls `user.password_changed` `user_password_changed`: its names have no points. */
export const toColumn = (action: EventAction): ActionColumn => action.replace('.', '_') as ActionColumn

export const fromColumn = (column: ActionColumn): EventAction => column.replace('_', '.') as EventAction
