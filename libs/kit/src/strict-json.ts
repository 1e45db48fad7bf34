import { Problem } from '@common-purse/contracts'
import { visit } from 'jsonc-parser'

const DEPTH_MAX = 20
/** An answer repeats no more than this of a name that somebody sent. */
const NAME_MAX = 100
const forbidden = new Set(['__proto__', 'constructor', 'prototype'])

const refuse = (field: string, message: string) =>
  new Problem('invalid_request', message, { errors: [{ field, message }] })

const twice = (name: string) => refuse(name, `The field ${name} is there twice`)

/**
 * Parses a body as JSON and refuses what JSON.parse lets through silently: duplicate keys (two readers could see two
 * different requests), keys that reach prototypes, deep nesting and invalid UTF-8. An empty body is an empty object.
 */
export function parseJsonBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {}
  const text = decode(bytes)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new Problem('invalid_request', 'The body is not valid JSON', { cause })
  }
  checkKeys(text)
  return value
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new Problem('invalid_request', 'The body is not valid UTF-8', { cause })
  }
}

function checkKeys(text: string): void {
  const open: Set<string>[] = []
  let depth = 0
  const enter = () => {
    if (++depth > DEPTH_MAX) throw refuse('', `The body is nested deeper than ${DEPTH_MAX} levels`)
  }
  visit(text, {
    onObjectBegin: () => (enter(), open.push(new Set()), undefined),
    onObjectEnd: () => (depth--, open.pop(), undefined),
    onArrayBegin: () => (enter(), undefined),
    onArrayEnd: () => void depth--,
    onObjectProperty: (name) => {
      if (forbidden.has(name)) throw refuse(name, `A field cannot be called ${name}`)
      if (open.at(-1)?.has(name)) throw twice(name.slice(0, NAME_MAX))
      open.at(-1)?.add(name)
    },
  })
}
