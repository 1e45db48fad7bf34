import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { DomainEvent, eventActions, eventType } from './events.ts'
import { openApiDocument } from './openapi.ts'

/** Writes what is derived from the contract: docs/api/openapi.json and docs/events/*.json. CI fails when they differ. */
const docs = join(import.meta.dirname, '../../../docs')

const write = (path: string, value: unknown) =>
  writeFile(join(docs, path), `${JSON.stringify(value, null, 2)}\n`)

await mkdir(join(docs, 'api'), { recursive: true })
await mkdir(join(docs, 'events'), { recursive: true })
await write('api/openapi.json', openApiDocument('1.0.0'))
await write('events/envelope.v1.json', z.toJSONSchema(DomainEvent, { io: 'input' }))
await write(
  'events/types.json',
  eventActions.map((action) => ({ action, type: eventType(action) })),
)
