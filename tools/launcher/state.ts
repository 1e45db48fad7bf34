import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** What a start remembers for the next one: ports, and where each server's data was made. */
export interface State {
  ports: Record<string, number>
  sources: Record<string, string>
}

const pathOf = (dataDir: string) => join(dataDir, 'state.json')

/** An unreadable file is as good as none: all that is lost is a preference. */
export function readState(dataDir: string): State {
  try {
    return {
      ports: {},
      sources: {},
      ...(JSON.parse(readFileSync(pathOf(dataDir), 'utf8')) as Partial<State>),
    }
  } catch {
    return { ports: {}, sources: {} }
  }
}

export function rememberPort(dataDir: string, name: string, port: number): void {
  const state = readState(dataDir)
  write(dataDir, { ...state, ports: { ...state.ports, [name]: port } })
}

/** Only the first one is remembered: that is where the data are, even when another has to stand in for a day. */
export function rememberSource(dataDir: string, kind: string, source: string): void {
  const state = readState(dataDir)
  if (state.sources[kind] !== undefined) return
  write(dataDir, { ...state, sources: { ...state.sources, [kind]: source } })
}

function write(dataDir: string, state: State): void {
  mkdirSync(dataDir, { recursive: true })
  writeFileSync(pathOf(dataDir), `${JSON.stringify(state, undefined, 2)}\n`)
}
