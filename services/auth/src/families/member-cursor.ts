import { Problem } from '@common-purse/contracts'
import * as z from 'zod'

/** The last member of the page before. */
export interface MemberCursor {
  joinedAt: Date
  userId: string
}

const Shape = z.tuple([z.int().min(0).max(8.64e15), z.uuid()])
const message = 'Expected a next_cursor of the page before'

export const writeMemberCursor = ({ joinedAt, userId }: MemberCursor): string =>
  Buffer.from(JSON.stringify([joinedAt.getTime(), userId])).toString('base64url')

/** Throws `invalid_request` for anything that `writeMemberCursor` did not write. */
export function readMemberCursor(text: string): MemberCursor {
  try {
    const [time, userId] = Shape.parse(JSON.parse(Buffer.from(text, 'base64url').toString()))
    return { joinedAt: new Date(time), userId }
  } catch (cause) {
    throw new Problem('invalid_request', `cursor: ${message}`, {
      cause,
      errors: [{ field: 'cursor', message }],
    })
  }
}
