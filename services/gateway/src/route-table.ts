import type { Method, Route } from '@common-purse/contracts'

export type Match<Entry> =
  { kind: 'found'; route: Entry } | { kind: 'other_method'; allow: Method[] } | { kind: 'unknown' }

interface Pattern<Entry> {
  expression: RegExp
  routes: Map<Method, Entry>
}

const toExpression = (path: string) =>
  new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{\w+\}/g, '[^/]+')}$`)

/** Finds a route by method and exact path; a path without parameters wins over one with. */
export function createRouteTable<Entry extends Pick<Route, 'method' | 'path'>>(routes: readonly Entry[]) {
  const fixed = new Map<string, Map<Method, Entry>>()
  const patterns = new Map<string, Pattern<Entry>>()
  for (const route of routes) {
    if (!route.path.includes('{')) {
      fixed.set(route.path, (fixed.get(route.path) ?? new Map<Method, Entry>()).set(route.method, route))
      continue
    }
    const shape = route.path.replaceAll(/\{\w+\}/g, '{}')
    const known = patterns.get(shape) ?? { expression: toExpression(route.path), routes: new Map() }
    known.routes.set(route.method, route)
    patterns.set(shape, known)
  }

  return (method: string, path: string): Match<Entry> => {
    const exact = fixed.get(path)
    const found = exact?.get(method as Method)
    if (found) return { kind: 'found', route: found }
    const candidates = [...patterns.values()].filter(({ expression }) => expression.test(path))
    for (const { routes: byMethod } of candidates) {
      const route = byMethod.get(method as Method)
      if (route) return { kind: 'found', route }
    }
    const allow = [exact, ...candidates.map((candidate) => candidate.routes)].flatMap((entry) => [
      ...(entry?.keys() ?? []),
    ])
    return allow.length > 0 ? { kind: 'other_method', allow: [...new Set(allow)] } : { kind: 'unknown' }
  }
}
