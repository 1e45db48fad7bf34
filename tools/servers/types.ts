import type { House } from '../launcher/house.ts'
import type { ProcessSpec } from '../launcher/supervise.ts'
import type { ServerKind, SourceName } from './sources.ts'

/** A server that answers. What it needs to be stopped is on the house's stack. */
export interface ServerInUse {
  kind: ServerKind
  url: string
  source: SourceName
  /** For a person: `PostgreSQL 15.18 from /usr/lib/postgresql/15/bin`. */
  label: string
}

/** A program that can be run here. */
export interface Program {
  /** Full path of the server's program; PostgreSQL's others lie beside it. */
  path: string
  version: string
  /** For a person. */
  from: string
  /** What it needs in its environment to find its libraries. */
  env: Record<string, string>
}

/** How one kind of server is run as a process of our own. */
export interface Recipe {
  /** Makes folders and files, once before the first start. */
  prepare(): Promise<void>
  process: Omit<ProcessSpec, 'name' | 'logFile' | 'readyWithinMs'>
  url: string
}

export type RecipeFor = (program: Program, port: number, house: House) => Recipe
