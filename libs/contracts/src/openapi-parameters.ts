import type * as z from 'zod'
import { inlineSchema, type Json } from './openapi-schemas.ts'
import type { Route } from './route.ts'
import type { RouteId } from './routes.ts'

/** What a parameter means wherever it has this name, unless the route says otherwise. */
const texts: Record<string, string> = {
  cursor: 'The `next_cursor` of the page before; without it the first page',
  limit: 'How many items a page has at most, from 1 to 100; 50 unless told',
  from: 'Only what happened then or later (`occurred_at`)',
  to: 'Only what happened before this moment (`occurred_at`)',
  at: 'The balance as it was recorded at this moment; without it, as it is now',
  status: 'Only what has this status',
  type: 'Only transactions of this type',
  account_id: 'Only what moves money on this account',
  category_id: 'Only this category and those below it',
  member_id: 'Only what this member submitted',
  q: 'Words that the description holds, in any case of letters',
  dry_run: '`true`: answers what would happen and writes nothing',
  archived: 'Only categories that are archived, or only those that are not',
  currency: 'Only this currency (ISO 4217)',
  group_by: 'What the sums are by; `category` unless told',
  actor_id: 'Only what this person did',
  action: 'Only events of this kind',
  entity_type: 'Only what happened to things of this kind',
  entity_id: 'Only what happened to this one thing',
  code: 'The code that the bot gave out',
  user_id: 'The member',
  invitation_id: 'The invitation',
}

const period = {
  from: 'The period begins at this moment; without it, at the beginning of a month of UTC',
  to: 'The period ends before this moment',
}
const textsOf: Partial<Record<RouteId, Record<string, string>>> = {
  listEntries: {
    from: 'Only what was posted then or later (`posted_at`)',
    to: 'Only what was posted before this moment (`posted_at`)',
  },
  listSessions: { user_id: 'Another member’s sessions in this family, for who has `session.revoke.any`' },
  getSummaryReport: period,
  getCashFlowReport: period,
  getNetWorthReport: period,
}

/** `{id}` is what the word before it in the path says. */
const things: Record<string, string> = {
  sessions: 'The session',
  families: 'The family',
  accounts: 'The account',
  transactions: 'The transaction',
  categories: 'The category',
  events: 'The entry of the trail',
}

/** Parameters of one operation: path, query, and the key that makes it repeatable. */
export function parametersOf(route: Route & { id: RouteId }): Json[] {
  const inObject = (part: z.ZodObject | undefined, where: 'path' | 'query'): Json[] =>
    Object.entries(part?.shape ?? {}).map(([name, field]) => ({
      name,
      in: where,
      description: textOf(route, name),
      required: where === 'path' || !(field as z.ZodType).safeParse(undefined).success,
      schema: inlineSchema(field as z.ZodType),
    }))
  return [...inObject(route.params, 'path'), ...inObject(route.query, 'query'), ...keyOf(route)]
}

function textOf(route: Route & { id: RouteId }, name: string): string {
  const thing = name === 'id' ? things[/(\w+)\/\{id\}/.exec(route.path)?.[1] ?? ''] : undefined
  const text = textsOf[route.id]?.[name] ?? thing ?? texts[name]
  if (text === undefined) throw new RangeError(`Say in words what ${name} of ${route.id} is`)
  return text
}

const keyOf = ({ idempotency }: Route): Json[] =>
  idempotency === 'none'
    ? []
    : [
        {
          name: 'Idempotency-Key',
          in: 'header',
          required: idempotency === 'required',
          description:
            'A new random value for each new intention; a repeat with the same value is answered as the first',
          schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]{1,255}$' },
        },
      ]
